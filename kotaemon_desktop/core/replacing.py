"""Puts a restored library in the place of the one before, so that a kill at any moment leaves the one or the other.

What was unpacked is renamed to ``.restore-ready``: from that moment on the restore is decided, and whoever takes the
lock of the folder next finishes it. Each step can be done twice.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

SETTINGS: Final = "kotaemon.yaml"
LIBRARY: Final = "library.sqlite3"
ORIGINALS: Final = "originals"
WORKSPACES: Final = "workspaces"
# What a restore replaces; models and logs stay. Index and caches are derived: they must not outlive their library.
_REPLACED: Final = (
    *(SETTINGS, LIBRARY, f"{LIBRARY}-wal", f"{LIBRARY}-shm"),
    *(ORIGINALS, "chroma", "mapped", "stores", "caches", WORKSPACES),
)
_UNPACKING: Final = ".restore-unpacking"
_READY: Final = ".restore-ready"
_BEFORE: Final = ".restore-before"
_MOVED: Final = ".moved"  # in _READY: what was there before is out of the way


def unpacking(root: Path) -> Path:
    """Return an empty folder in ``root`` for what is to replace its content."""
    place = root / _UNPACKING
    _delete(place)
    place.mkdir(mode=0o700)
    return place


def replace(root: Path, section: Path) -> Path | None:
    """Put what was unpacked in ``root`` in the place of what ``section`` holds: all of ``root``, or a workspace of it.

    Returns where that is now, None if there was nothing. The caller holds the lock of the folder, and nothing in the
    section is open.
    """
    unpacked = root / _UNPACKING
    if not section.exists():
        section.parent.mkdir(mode=0o700, exist_ok=True)
        unpacked.rename(section)
        return None
    unpacked.rename(section / _READY)
    return _finish(section)


def is_decided(root: Path) -> bool:
    """Tell whether a replacement has begun that is to be finished."""
    return any((place / _READY).is_dir() for place in _places(root))


def finish(root: Path) -> None:
    """Finish a replacement that a kill has cut short, and forget one that was not decided; see :func:`replace`.

    What was written to the folder in between is put to what was there before.
    """
    for place in _places(root):
        _finish(place)


def _places(root: Path) -> Iterator[Path]:
    yield root
    yield from (root / WORKSPACES).glob("*")


def _finish(root: Path) -> Path | None:
    ready, before = root / _READY, root / _BEFORE
    _delete(root / _UNPACKING)
    if not ready.is_dir():
        return None
    if not (ready / _MOVED).exists():
        for name in _REPLACED:
            _move_away(root / name, before)
        (ready / _MOVED).touch()
    for item in [each for each in ready.iterdir() if each.name != _MOVED]:
        _move_away(root / item.name, before)
        item.rename(root / item.name)
    aside = _put_aside(before)
    ready.rename(root / _UNPACKING)  # done: of what is deleted piece by piece, no piece may look like one that is ready
    _delete(root / _UNPACKING)
    return aside


def _move_away(item: Path, before: Path) -> None:
    if item.exists():
        before.mkdir(mode=0o700, exist_ok=True)
        item.rename(_free(before / item.name))


def _put_aside(before: Path) -> Path | None:
    """Give what was there before a name for people."""
    if not before.is_dir():
        return None
    return before.rename(_free(before.with_name(time.strftime("before-restore-%Y%m%d-%H%M%S"))))


def _free(place: Path) -> Path:
    """Return ``place``, or one beside it where something is there already."""
    tried = (place if number == 1 else place.with_name(f"{place.name}-{number}") for number in count(1))
    return next(each for each in tried if not each.exists())


def _delete(folder: Path) -> None:
    if folder.is_dir():
        import shutil

        shutil.rmtree(folder)
