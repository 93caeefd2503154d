"""What a reader reads: a file, or a document that lies inside another one and is held in memory."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO, Literal, Protocol

from kotaemon_desktop.core.errors import TooLarge


class Source(Protocol):
    """A document's bytes and what it is called. A ``Path`` is one, and a :class:`Part`."""

    @property
    def name(self) -> str: ...
    @property
    def stem(self) -> str: ...
    @property
    def suffix(self) -> str: ...
    def open(self, mode: Literal["rb"]) -> BinaryIO:
        """Open the content for reading. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A document inside another one: an attachment, a member of an archive. It is never written to the disk."""

    name: str
    data: bytes
    depth: int  # how many documents it lies in

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    def open(self, mode: Literal["rb"]) -> BinaryIO:  # noqa: ARG002 - as Path has it
        return BytesIO(self.data)


def depth_of(source: Source) -> int:
    """Return how many documents ``source`` lies in; 0 for a file."""
    return source.depth if isinstance(source, Part) else 0


def read_bytes(source: Source, limit: int) -> bytes:
    """Return the content of ``source``. Raises TooLarge when it has more than ``limit`` bytes."""
    with source.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise TooLarge(name=source.name, limit=f"{limit // 1_000_000} MB")
    return data
