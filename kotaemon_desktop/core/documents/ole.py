"""Looks into the compound files (OLE) of old Office versions, as far as telling what kind of document they are."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = 512
_ENTRY = 128
_FIRST_TABLES = 109  # sector numbers of allocation tables that the header itself holds
_LAST = 0xFFFFFFFA  # numbers from here on mean the end, or nothing
_NOBODY = 0xFFFFFFFF
_MOST_SECTORS = 4096  # of the directory: 16,384 entries, more than any honest file has


def root_names(file: BinaryIO) -> frozenset[str]:
    """Return the names directly in the root of a compound file ([MS-CFB]), empty when it is too damaged to tell."""
    try:
        return frozenset(_children_of_root(b"".join(_directory(file))))
    except (struct.error, IndexError, OverflowError, ValueError):
        return frozenset()


def _directory(file: BinaryIO) -> Iterator[bytes]:
    """Yield the sectors of the directory."""
    file.seek(0)
    header = file.read(_HEADER)
    size = 1 << struct.unpack_from("<H", header, 30)[0]
    if size not in {512, 4096}:
        raise ValueError(size)
    (sector,) = struct.unpack_from("<I", header, 48)
    tables = _tables(file, header, size)
    for _ in range(_MOST_SECTORS):
        if sector >= _LAST:
            return
        yield _sector(file, sector, size)
        table, place = divmod(sector, size // 4)
        (sector,) = struct.unpack_from("<I", _sector(file, tables[table], size), place * 4)


def _tables(file: BinaryIO, header: bytes, size: int) -> list[int]:
    """Return the sectors that hold the allocation table."""
    tables = list(struct.unpack_from(f"<{_FIRST_TABLES}I", header, 76))
    (sector,) = struct.unpack_from("<I", header, 68)
    for _ in range(_MOST_SECTORS):
        if sector >= _LAST:
            break
        *more, sector = struct.unpack(f"<{size // 4}I", _sector(file, sector, size))
        tables += more
    return tables


def _sector(file: BinaryIO, number: int, size: int) -> bytes:
    file.seek((number + 1) * size)
    return file.read(size)


def _children_of_root(directory: bytes) -> Iterator[str]:
    """Yield the names in the tree below the first entry, which is the root; its nodes are the root's children."""
    (child,) = struct.unpack_from("<I", directory, 76)
    waiting, seen = [child], set[int]()
    while waiting:
        number = waiting.pop()
        if number == _NOBODY or number in seen:
            continue
        seen.add(number)
        entry = directory[number * _ENTRY : (number + 1) * _ENTRY]
        length, left, right = *struct.unpack_from("<H", entry, 64), *struct.unpack_from("<II", entry, 68)
        yield entry[: max(0, min(64, length) - 2)].decode("utf-16-le", errors="replace")
        waiting += [left, right]
