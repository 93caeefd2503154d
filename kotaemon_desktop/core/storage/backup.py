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
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final

from kotaemon_desktop import __version__
from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.errors import BackupInvalid, DiskFull, NothingThere
from kotaemon_desktop.core.i18n import N_, Phrase, _
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.replacing import LIBRARY, ORIGINALS, SETTINGS, WORKSPACES
from kotaemon_desktop.core.storage.database import Database

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_CHUNK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds. ``bytes`` is its size on disk; ``libraries`` counts the workspaces."""

    path: str
    files: int
    bytes: int
    libraries: int


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What came back. ``aside`` is where the former content of the folder was put, if there was any."""

    files: int
    libraries: int
    aside: str | None

    def text(self, folder: DataFolder) -> str:
        """Return what a person should know of it; ``folder`` is where it came."""
        text = _("{files} files restored to {folder}.").format(files=self.files, folder=folder.root)
        if self.aside:
            text += " " + _("What was there before is in {aside}.").format(aside=self.aside)
        return text


def backup(folder: DataFolder, target: Path) -> BackupReport:
    """Write the settings, the libraries of all workspaces and the kept originals to the zip file ``target``.

    The program may go on working meanwhile. Models and vector indexes are left out: they are downloaded and derived.
    ``target`` appears when it is complete. Raises NothingThere, DamagedLibrary or DiskFull.
    """
    return _write(folder, [(section, section.relative_to(folder.root)) for section in _sections(folder.root)], target)


def backup_section(folder: DataFolder, target: Path) -> BackupReport:
    """Write the workspace ``folder`` alone, as if it were the only one; see :func:`backup`."""
    return _write(folder, [(folder.section, Path())], target)


def _write(folder: DataFolder, sections: Sequence[tuple[Path, Path]], target: Path) -> BackupReport:
    """Write ``sections``, each with its place in the backup, to ``target``."""
    if not folder.section.is_dir():
        raise NothingThere(folder=str(folder.section))
    target = target.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    partial, copy = (target.with_name(f"{target.name}{ending}") for ending in (".part", ".library.part"))
    folder.settle()
    files: dict[str, dict[str, Any]] = {}
    with _disk_full_named(target.parent):
        try:
            with zipfile.ZipFile(private_file(partial), "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
                for section, place in sections:
                    _pack_section(archive, files, section, place, copy)
                manifest = {"format": _FORMAT, "program": __version__, "written": time.time(), "files": files}
                archive.writestr(_MANIFEST, json.dumps(manifest, indent=1))
            with partial.open("rb+") as written:
                os.fsync(written.fileno())
            partial.replace(target)
        finally:
            for unfinished in (partial, copy):
                unfinished.unlink(missing_ok=True)
    libraries = sum(PurePosixPath(name).name == LIBRARY for name in files)
    return BackupReport(str(target), len(files), target.stat().st_size, libraries)


def restore(source: Path, folder: DataFolder) -> RestoreReport:
    """Bring the backup ``source`` back into ``folder``, of which the caller holds the lock and nothing is open.

    Everything is unpacked and checked first. What the folder held before is moved to ``before-restore-…`` inside it,
    models and logs excepted, which stay. Raises NothingThere, BackupInvalid, NewerLibrary or DiskFull with nothing
    changed.
    """
    if not source.is_file():
        raise NothingThere(folder=str(source))
    folder.create()
    staging = replacing.unpacking(folder.root)
    with _disk_full_named(folder.root):
        try:
            names, libraries = _unpack_checked(source, staging)
        except BaseException:
            shutil.rmtree(staging)
            raise
        aside = replacing.replace(folder.root)
    return RestoreReport(len(names), libraries, str(aside) if aside else None)


def restore_section(source: Path, made: DataFolder) -> RestoreReport:
    """Make the workspace ``made``, which is not there yet, of the backup of one workspace.

    Raises NothingThere, BackupInvalid, NewerLibrary or DiskFull with nothing changed.
    """
    if not source.is_file():
        raise NothingThere(folder=str(source))
    made.section.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    staging = made.section.with_name(f".{made.workspace}.unpacking")
    shutil.rmtree(staging, ignore_errors=True)  # of an attempt that was killed
    staging.mkdir(mode=0o700)
    try:
        with _disk_full_named(made.root):
            names, libraries = _unpack_checked(source, staging)
            if any(PurePosixPath(name).parts[0] == WORKSPACES for name in names) or not libraries:
                raise BackupInvalid(folder=str(source), detail=Phrase(N_("it does not hold one workspace alone")))
            staging.rename(made.section)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return RestoreReport(len(names), libraries, None)


def _unpack_checked(source: Path, staging: Path) -> tuple[list[str], int]:
    """Unpack ``source``, open each library in it, and return (names, libraries)."""
    with _invalid(source):
        with zipfile.ZipFile(source) as archive:
            names = _unpack(archive, staging, source)
        libraries = [name for name in names if PurePosixPath(name).name == LIBRARY]
        for name in libraries:
            with Database(staging / name) as library:
                library.check()
    return names, len(libraries)


def _sections(root: Path) -> Iterator[Path]:
    """Yield the folder of each workspace, the default one first."""
    yield root
    yield from sorted(path for path in (root / WORKSPACES).glob("*") if path.is_dir())


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


def _unpack(archive: zipfile.ZipFile, target: Path, source: Path) -> list[str]:
    """Unpack what the manifest names, compare it with the manifest, and return the names."""
    manifest = json.loads(archive.read(_MANIFEST))
    if manifest["format"] != _FORMAT:
        raise BackupInvalid(folder=str(source), detail=Phrase(N_("format {number}"), number=manifest["format"]))
    for name, facts in manifest["files"].items():
        if not _is_ours(PurePosixPath(name)):
            raise BackupInvalid(folder=str(source), detail=name)
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with archive.open(name) as packed, private_file(place).open("wb") as out:
            sha256, size = _copy(packed, out)
            out.flush()
            os.fsync(out.fileno())  # before the first rename: a power cut may not leave names without content
        if (sha256, size) != (facts["sha256"], facts["bytes"]):
            raise BackupInvalid(folder=str(source), detail=name)
    return list(manifest["files"])


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
    digest = hashlib.sha256()
    size = 0
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
