"""Knows the files in which sleeping conversations keep what their model has read: derived, deletable at any time."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
from collections.abc import Collection
from pathlib import Path

_SPARE = 1 << 30  # bytes of the disk that are never used for this
_SECONDS = struct.Struct("<d")  # the last thing in a snapshot: how long writing it took


class Shelf:
    """One folder with a file for each conversation and model; used by the generator host and, to look, by the engine.

    What was not used for longest goes first when the files together exceed their limit.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def file(self, conversation: int, model: str) -> Path:
        """Return where the cache of ``conversation`` with ``model`` is kept; a model's id can name a file."""
        return self._folder / f"{conversation}-{model}.cache"

    def seconds(self, conversation: int, model: str) -> float | None:
        """Return how long the cache took to be written: reading takes no longer. None where nothing is kept."""
        try:
            with self.file(conversation, model).open("rb") as source:
                source.seek(-_SECONDS.size, os.SEEK_END)
                return _SECONDS.unpack(source.read())[0]
        except OSError:
            return None

    def has_room(self) -> bool:
        """Return whether the disk has space to spare."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return shutil.disk_usage(self._folder).free > _SPARE
        except OSError:
            return False

    def trim(self, limit: int) -> None:
        """Delete the files used longest ago until the rest takes at most ``limit`` bytes, and what a kill left."""
        for partial in self._folder.glob("*.part"):
            _delete(partial)
        kept: list[tuple[float, int, Path]] = []
        for file in self._folder.glob("*.cache"):
            with contextlib.suppress(OSError):  # another hand deleted it
                kept.append((file.stat().st_mtime, file.stat().st_size, file))
        for _at, size, file in sorted(kept, reverse=True):
            limit -= size
            if limit < 0:
                _delete(file)

    def keep_only(self, conversations: Collection[int]) -> None:
        """Delete what is kept of any conversation that is not among ``conversations``."""
        for file in self._folder.glob("*.cache"):
            if file.name.partition("-")[0] not in map(str, conversations):
                _delete(file)

    def forget(self, conversation: int) -> None:
        """Delete what is kept of ``conversation``, whichever model read it."""
        for file in self._folder.glob(f"{conversation}-*.cache"):
            _delete(file)

    def touch(self, conversation: int, model: str) -> None:
        """Note that the cache was used just now."""
        with contextlib.suppress(OSError):
            os.utime(self.file(conversation, model))


def _delete(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
