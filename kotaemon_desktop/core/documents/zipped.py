"""Reads ZIP archives of documents, a member after the other, in memory: nothing of an archive touches the disk."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import FlowPage, plain
from kotaemon_desktop.core.documents.parts import check_depth, read_parts
from kotaemon_desktop.core.documents.source import Part, Source, depth_of
from kotaemon_desktop.core.errors import Encrypted, ReadError, TooLarge
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead

_LARGEST_MEMBER = 256_000_000  # bytes, unpacked
_LARGEST_ARCHIVE = 1_000_000_000  # bytes, all members unpacked
_MOST_MEMBERS = 10_000
_LOCKED, _UTF_8 = 1, 0x800  # flags of a member: it is encrypted; its name is in UTF-8
_UNIX = 3  # the system that a member was packed on, and whose file modes it carries
_SYSTEM = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})  # what file managers leave behind


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the archive's head, then the pages of its members. Raises Encrypted, Damaged, TooLarge or Unreadable."""
    check_depth(source)
    with damage_named(source), source.open("rb") as file, zipfile.ZipFile(file) as archive:
        members = [entry for entry in archive.infolist() if _is_wanted(entry)]
        _check(source, members)
        yield DocumentHead(source.stem, "zip", None)
        yield from read_parts(_parts(source, archive, members), first_page=1)


def _is_wanted(entry: zipfile.ZipInfo) -> bool:
    """Tell whether a member is a file of somebody's: no folder, link, device or hidden file, and it has a name."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if not entry.filename or entry.is_dir() or (entry.create_system == _UNIX and kind not in {0, stat.S_IFREG}):
        return False
    parts = PurePosixPath(entry.filename).parts
    return not any(part.startswith(".") or part in _SYSTEM for part in parts if part != "..")


def _check(source: Source, members: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse bombs by what the archive itself says: Python's ZIP reader gives no more of a member than that."""
    if len(members) > _MOST_MEMBERS:
        raise TooLarge(name=source.name, limit=Phrase(N_("{count} files"), count=_MOST_MEMBERS))
    if sum(entry.file_size for entry in members) > _LARGEST_ARCHIVE:
        raise TooLarge(name=source.name, limit=f"{_LARGEST_ARCHIVE // 1_000_000} MB")
    if members and all(entry.flag_bits & _LOCKED for entry in members):
        raise Encrypted(name=source.name)


def _parts(source: Source, archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> Iterator[Part | ReadError]:
    """Yield the members, each read when its turn comes; a member that cannot be had is its error."""
    for entry in members:
        name = _name(entry)
        if entry.flag_bits & _LOCKED:
            yield Encrypted(name=name)
        elif entry.file_size > _LARGEST_MEMBER:
            yield TooLarge(name=name, limit=f"{_LARGEST_MEMBER // 1_000_000} MB")
        else:
            part = Part(name, b"", depth_of(source) + 1)
            try:
                with damage_named(part):
                    data = archive.read(entry)
            except ReadError as error:
                yield error
            else:
                yield Part(name, data, part.depth)


def _name(entry: zipfile.ZipInfo) -> str:
    """Return a member's path inside the archive, for people: it is never used as a path on the disk."""
    name = entry.filename
    if not entry.flag_bits & _UTF_8 and not name.isascii():
        # Python takes such names for CP437; packers write them in the encoding of the system, in China GB18030.
        stored = name.encode("cp437", errors="replace")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = stored.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return plain("/".join(part for part in name.replace("\\", "/").split("/") if part not in {"", ".", ".."}))
