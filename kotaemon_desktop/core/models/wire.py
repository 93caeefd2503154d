"""Reads and writes the wire format of protocol buffers: as much of it as editing a graph takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5  # wire types


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: ``data[start:end]`` is all of it, ``data[body:end]`` what it holds."""

    number: int
    start: int
    body: int
    end: int


def fields(data: bytes) -> Iterator[Field]:
    """Yield the fields of the message ``data``. Raises ValueError, IndexError where it is none."""
    place = 0
    while place < len(data):
        start = place
        key, place = _varint(data, place)
        kind, body = key & 7, place
        if kind == _VARINT:
            _, place = _varint(data, place)
        elif kind == _BYTES:
            size, body = _varint(data, place)
            place = body + size
        elif kind in (_FIXED64, _FIXED32):
            place += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        yield Field(key >> 3, start, body, place)


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _encoded(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*parts, value))


def message(number: int, body: bytes) -> bytes:
    """Return field ``number`` that holds bytes or another message."""
    return _encoded(number << 3 | _BYTES) + _encoded(len(body)) + body


def text(number: int, value: str) -> bytes:
    """Return field ``number`` that holds text."""
    return message(number, value.encode())


def integer(number: int, value: int) -> bytes:
    """Return field ``number`` that holds a number, not below 0."""
    return _encoded(number << 3 | _VARINT) + _encoded(value)
