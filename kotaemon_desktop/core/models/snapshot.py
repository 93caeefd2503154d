"""Keeps what a decoder has read in a file, so that a conversation that slept need not be read again."""

from __future__ import annotations

import contextlib
import hashlib
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec
import numpy as np

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.cache import Block, Shape
    from kotaemon_desktop.core.models.decoder import Decoder

_MAGIC = b"kotaemon cache 2\n"
_END = struct.Struct("<Id")  # the CRC-32 of all keys and values, and the seconds that writing them took
_SAMPLES = 64  # places of a file that are looked at
_SAMPLE = 4096  # bytes at each


class _Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot holds: the tokens, and which model's keys and values in which form."""

    model: str
    shape: tuple[int, int, int]  # names, heads, head size
    dtype: str
    ids: tuple[int, ...]


def fingerprint(files: list[Path]) -> str:
    """Return a hash that tells models apart: of each file its size and bytes at places spread over all of it.

    Training changes weights everywhere, so samples are enough, and gigabytes are not read to save a few megabytes.
    """
    found = hashlib.sha256()
    for file in files:
        size = file.stat().st_size
        found.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as source:
            for number in range(_SAMPLES):
                source.seek(max(0, size - _SAMPLE) * number // (_SAMPLES - 1))
                found.update(source.read(_SAMPLE))
    return found.hexdigest()


def save(file: Path, decoder: Decoder, model: str) -> int:
    """Write what ``decoder`` has read, under ``model``'s fingerprint; return the number of tokens. Raises OSError.

    The file is complete or, whatever happens meanwhile, as it was before.
    """
    started, check = time.perf_counter(), 0
    unfinished = file.with_name(f"{file.name}.part")
    try:
        with unfinished.open("wb") as target:
            target.write(_MAGIC + msgspec.json.encode(_header(decoder.shape, model, tuple(decoder.ids))) + b"\n")
            for block in decoder.blocks() if decoder.ids else ():
                data = np.ascontiguousarray(block).data  # one at a time: memory may be what is short
                check = zlib.crc32(data, check)
                target.write(data)
            target.write(_END.pack(check, time.perf_counter() - started))
        unfinished.replace(file)
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return len(decoder.ids)


def tokens(file: Path) -> tuple[int, ...]:
    """Return the tokens of a snapshot without its keys and values; none where there is nothing to read."""
    try:
        with file.open("rb") as source:
            header = _read_header(source)
    except OSError:
        return ()
    return header.ids if header else ()


def load(file: Path, decoder: Decoder, model: str, limit: int) -> int:
    """Give ``decoder`` what :func:`save` wrote; return the number of tokens.

    0, and nothing changed, where the file is missing, damaged, of another model or longer than ``limit`` tokens.
    """
    try:
        with file.open("rb") as source:
            header = _read_header(source)
            if header is None or header != _header(decoder.shape, model, header.ids):
                return 0
            if not 0 < len(header.ids) <= limit:
                return 0
            data = source.read()
    except OSError:
        return 0
    shape = (1, decoder.shape.heads, len(header.ids), decoder.shape.head_size)
    size = int(np.prod(shape)) * np.dtype(decoder.shape.dtype).itemsize
    held, end = memoryview(data)[: -_END.size], data[-_END.size :]
    if len(held) != size * len(decoder.shape.names) or zlib.crc32(held) != _END.unpack(end)[0]:
        return 0
    decoder.restore(header.ids, _blocks(held, size, shape, decoder.shape.dtype))
    return len(header.ids)


def _header(shape: Shape, model: str, ids: tuple[int, ...]) -> _Header:
    sizes = (len(shape.names), shape.heads, shape.head_size)
    return _Header(model=model, shape=sizes, dtype=np.dtype(shape.dtype).name, ids=ids)


def _read_header(source: BinaryIO) -> _Header | None:
    if source.readline() != _MAGIC:
        return None
    try:
        return msgspec.json.decode(source.readline(), type=_Header)
    except msgspec.DecodeError:
        return None


def _blocks(data: memoryview, size: int, shape: tuple[int, ...], dtype: Any) -> Iterator[Block]:
    for start in range(0, len(data), size):
        yield np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, start).reshape(shape)
