"""Remembers how the window was left: a small JSON file in the data folder (QSettings loses types)."""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

_log = logging.getLogger(__name__)


class WindowState(msgspec.Struct, frozen=True):
    """Where the window was and what of it was folded. ``geometry`` is Qt's own, in base 64."""

    geometry: str = ""
    columns: tuple[int, ...] = ()  # widths of library, chat and sources, in pixels
    library_folded: bool = False
    monitor_folded: bool = False


def load(file: Path) -> WindowState:
    """Read ``file``; a missing or damaged one gives the defaults, for nobody misses a window's place for long."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=WindowState)
    except FileNotFoundError:
        return WindowState()
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        _log.info("%s is not used: %s", file, error)
        return WindowState()


def save(file: Path, state: WindowState) -> None:
    """Write ``state`` to ``file``, whole or not at all. A full disk is no reason to keep the window open."""
    partial = file.with_suffix(".part")
    try:
        partial.write_bytes(msgspec.json.encode(state))
        partial.replace(file)
    except OSError as error:
        _log.warning("%s was not written: %s", file, error)
