"""Backup and restore: everything that cannot be made again, in one zip file that proves itself complete."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from kotaemon_desktop import __version__
from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.errors import BackupInvalid, DiskFull, FileTaken, NothingThere
from kotaemon_desktop.core.i18n import N_, Phrase, _, count
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.replacing import LIBRARY, ORIGINALS, SETTINGS, WORKSPACES
from kotaemon_desktop.core.storage.database import Database

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1024 * 1024

_Choice = Callable[[Any], PurePosixPath | Phrase]  # says of a manifest which part of the backup is wanted


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. ``bytes`` is its size on disk; ``libraries`` counts the workspaces."""

    path: str
    files: int
    bytes: int
    libraries: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What came back. ``aside`` is where the former content of ``folder`` was put, if there was any."""

    files: int
    libraries: int
    aside: str | None
    folder: str

    def text(self) -> str:
        """Return what a person should know of it."""
        files = count(self.files, N_("{n} file"), N_("{n} files"))
        text = _("{files} restored to {folder}.").format(files=files, folder=self.folder)
        if self.aside:
            text += " " + _("What was there before is in {aside}.").format(aside=self.aside)
        return text


def backup(folder: DataFolder, target: Path) -> BackupReport:
    """Write the settings, the libraries of all workspaces and the kept originals to the zip file ``target``.

    The program may go on working meanwhile. Models and vector indexes, downloaded or derived, are left out. ``target``
    appears when it is complete, in place of an earlier backup but of no other file. Raises FileTaken, NothingThere,
    DamagedLibrary or DiskFull.
    """
    sections = [(section, section.relative_to(folder.root)) for section in _sections(folder.root)]
    return _write(folder, sections, target, {})


def backup_section(folder: DataFolder, target: Path) -> BackupReport:
    """Write the workspace ``folder`` alone, marked as such; see :func:`backup`."""
    return _write(folder, [(folder.section, Path())], target, {"workspace": folder.workspace})


def _write(
    folder: DataFolder, sections: Sequence[tuple[Path, Path]], target: Path, mark: Mapping[str, str]
) -> BackupReport:
    """Write ``sections``, each with its place in the backup, to ``target``; ``mark`` goes into the manifest."""
    if not folder.section.is_dir():
        raise NothingThere(folder=str(folder.section))
    target = target.absolute()
    if target.exists() and not _is_backup(target):
        raise FileTaken(folder=str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, copy = (target.with_name(f"{target.name}{ending}") for ending in (".part", ".library.part"))
    folder.settle()
    files: dict[str, dict[str, Any]] = {}
    with _disk_full_named(target.parent):
        try:
            with zipfile.ZipFile(private_file(partial), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                for section, place in sections:
                    _pack_section(archive, files, section, place, copy)
                manifest = {"format": _FORMAT, "program": __version__, "written": time.time(), **mark, "files": files}
                archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
            with partial.open("rb+") as written:
                os.fsync(written.fileno())
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
            copy.unlink(missing_ok=True)
    return BackupReport(str(target), len(files), target.stat().st_size, len(_libraries(files)))


def restore(source: Path, folder: DataFolder) -> RestoreReport:
    """Do all of :func:`restoring`."""
    return _last(restoring(source, folder))


def restoring(source: Path, folder: DataFolder) -> Generator[int | RestoreReport]:
    """Bring the backup ``source`` back into ``folder``, of which the caller holds the lock and nothing is open.

    The default workspace stands for everything, all other workspaces with it, and takes a backup of everything. Another
    comes back alone, or is made: of its own backup, or of what one of everything has of it.

    All is unpacked and checked first. What was there before is moved to ``before-restore-…`` in its own place, models
    and logs excepted, which stay.

    Yields how many files are unpacked so far, and the report as the last. Until then nothing is changed, also when it
    is closed early. Raises NothingThere, BackupInvalid, NewerLibrary or DiskFull with nothing changed.
    """
    if folder.workspace == DEFAULT_WORKSPACE:
        return _restoring(source, folder, folder.root, _whole)
    return _restoring(source, folder, folder.section, partial(_part, folder.workspace))


def _restoring(source: Path, folder: DataFolder, place: Path, chosen: _Choice) -> Generator[int | RestoreReport]:
    """Put what the backup holds below ``chosen(manifest)`` in the place of what ``place`` holds."""
    if not source.is_file():
        raise NothingThere(folder=str(source))
    DataFolder(folder.root).create()
    staging = replacing.unpacking(folder.root)
    with _disk_full_named(folder.root):
        try:
            names = yield from _unpack_checked(source, staging, chosen)
            yield len(names)
        except BaseException:
            shutil.rmtree(staging)
            raise
        aside = replacing.replace(folder.root, place)
    yield RestoreReport(len(names), len(_libraries(names)), str(aside) if aside else None, str(place))


def _last(events: Iterator[int | RestoreReport]) -> RestoreReport:
    *_progress, report = events
    assert isinstance(report, RestoreReport)
    return report


def _whole(manifest: Any) -> PurePosixPath | Phrase:
    """Return where in a backup all of it is, or why it is not the backup to bring all back."""
    if "workspace" in manifest:
        return Phrase(N_("it holds the workspace {name} alone: import it as one"), name=manifest["workspace"])
    return PurePosixPath()


def _part(workspace: str, manifest: Any) -> PurePosixPath | Phrase:
    """Return where in a backup the one workspace is, or why it is not there."""
    place = PurePosixPath() if "workspace" in manifest else PurePosixPath(WORKSPACES, workspace)
    if str(place / LIBRARY) not in manifest["files"]:
        return Phrase(N_("it does not hold the workspace {name}"), name=workspace)
    return place


def _unpack_checked(source: Path, staging: Path, chosen: _Choice) -> Generator[int, None, list[str]]:
    """Unpack what is chosen of ``source``, open each library in it, and return the names. Yields how many so far."""
    with _invalid(source):
        with zipfile.ZipFile(source) as archive:
            manifest = json.loads(archive.read(_MANIFEST))
            if manifest["format"] != _FORMAT:
                raise BackupInvalid(folder=str(source), detail=Phrase(N_("format {number}"), number=manifest["format"]))
            part = chosen(manifest)
            if isinstance(part, Phrase):
                raise BackupInvalid(folder=str(source), detail=part)
            names = yield from _unpack(archive, manifest["files"], part, staging)
        for name in _libraries(names):
            with Database(staging / name) as library:
                library.check()
    return names


def _is_backup(file: Path) -> bool:  # of whatever version, whole or not
    try:
        with _invalid(file), zipfile.ZipFile(file) as archive:
            return {"format", "program", "files"} <= set(json.loads(archive.read(_MANIFEST)))
    except (OSError, BackupInvalid):
        return False


def _libraries(names: Iterable[str]) -> list[str]:
    return [name for name in names if PurePosixPath(name).name == LIBRARY]


def _sections(root: Path) -> Iterator[Path]:
    """Yield the folder of each workspace, the default one first."""
    yield root
    yield from sorted(path for path in (root / WORKSPACES).glob("*") if path.is_dir() and not path.name.startswith("."))


def _pack_section(
    archive: zipfile.ZipFile, files: dict[str, dict[str, Any]], section: Path, place: Path, copy: Path
) -> None:
    library, settings = section / LIBRARY, section / SETTINGS
    if library.is_file():
        _copy_library(library, copy)
        _pack(archive, files, copy, place / LIBRARY)
    for original in sorted((section / ORIGINALS).glob("[!.]*")):
        if original.suffix != ".part":
            _pack(archive, files, original, place / ORIGINALS / original.name)
    if settings.is_file():
        _pack(archive, files, settings, place / SETTINGS)


def _copy_library(library: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)  # of the workspace before, or of a backup that was killed
    with Database(library) as database:
        database.copy_to(copy)
    with Database(copy) as copied:  # a backup of a damaged library would be found out when it is needed
        copied.check()


def _pack(archive: zipfile.ZipFile, files: dict[str, dict[str, Any]], source: Path, name: Path) -> None:
    entry = zipfile.ZipInfo.from_file(source, name.as_posix())
    # Originals are mostly compressed already.
    entry.compress_type = zipfile.ZIP_STORED if ORIGINALS in name.parts else zipfile.ZIP_DEFLATED
    with source.open("rb") as content, archive.open(entry, "w", force_zip64=True) as packed:
        sha256, size = _copy(content, packed)
    files[name.as_posix()] = {"sha256": sha256, "bytes": size}


def _unpack(
    archive: zipfile.ZipFile, files: Mapping[str, Any], part: PurePosixPath, target: Path
) -> Generator[int, None, list[str]]:
    """Unpack those of ``files`` that are below ``part``, compare each with what the manifest says of it.

    Yields how many so far, and returns their names below ``part``.
    """
    unpacked: list[str] = []
    for name, facts in files.items():
        if not _is_ours(PurePosixPath(name)):
            raise BackupInvalid(folder=str(archive.filename), detail=name)
        if not PurePosixPath(name).is_relative_to(part):
            continue
        yield len(unpacked)
        unpacked.append(PurePosixPath(name).relative_to(part).as_posix())
        place = target / unpacked[-1]
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with archive.open(name) as packed, private_file(place).open("wb") as out:
            sha256, size = _copy(packed, out)
            out.flush()
            os.fsync(out.fileno())  # before the first rename: a power cut may not leave names without content
        if (sha256, size) != (facts["sha256"], facts["bytes"]):
            raise BackupInvalid(folder=str(archive.filename), detail=name)
    return unpacked


def _is_ours(name: PurePosixPath) -> bool:
    """Return whether a backup writes such a name; keeps a made-up one from reaching beyond the folder."""
    match name.parts:
        case (("kotaemon.yaml" | "library.sqlite3"),) | ("workspaces", _, ("kotaemon.yaml" | "library.sqlite3")):
            inside = True
        case ("originals", _) | ("workspaces", _, "originals", _):
            inside = True
        case _:
            inside = False
    return inside and not any(part in {"..", "."} or "\\" in part or ":" in part for part in name.parts)


def _copy(source: IO[bytes], target: IO[bytes]) -> tuple[str, int]:
    """Copy and return (SHA-256, bytes)."""
    digest, size = hashlib.sha256(), 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        target.write(chunk)
    return digest.hexdigest(), size


@contextmanager
def _disk_full_named(folder: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(folder=str(folder)) from error
        raise


@contextmanager
def _invalid(source: Path) -> Generator[None]:
    """Turn what a torn or made-up zip file raises into BackupInvalid."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise BackupInvalid(folder=str(source), detail=str(error)) from error
