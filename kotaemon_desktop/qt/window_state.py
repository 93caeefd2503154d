"""Remembers how the window was left: a small JSON file in the data folder (QSettings loses types)."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.private import private_file

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WindowState:
    """Where the window was and what of it was folded. ``geometry`` is Qt's own, in base 64."""

    geometry: str = ""
    columns: tuple[int, ...] = ()  # widths of library, chat and sources, in pixels
    library_folded: bool = False
    monitor_folded: bool = True
    languages_told: bool = False  # that the embedder does not know some of the documents' languages
    sources: tuple[int, ...] = ()  # heights of the list of sources and the preview, in pixels


def load(file: Path) -> WindowState:
    """Read ``file``; a missing or damaged one gives the defaults, for nobody misses a window's place for long."""
    try:
        return _checked(json.loads(file.read_bytes()))
    except FileNotFoundError:
        return WindowState()
    except (OSError, ValueError, TypeError) as error:
        _log.info("%s is not used: %s", file, error)
        return WindowState()


def _checked(read: dict[str, Any]) -> WindowState:
    """Return what was read as a state; raises TypeError or ValueError for what is none. By hand, for its speed."""
    state = WindowState(**{**read, **{name: tuple(map(int, read.get(name, ()))) for name in ("columns", "sources")}})
    if not isinstance(state.geometry, str):
        raise TypeError(state.geometry)
    return state


def save(file: Path, state: WindowState) -> None:
    """Write ``state`` to ``file``, whole or not at all. A full disk is no reason to keep the window open."""
    partial = file.with_suffix(".part")
    try:
        private_file(partial).write_text(json.dumps(asdict(state)), "utf-8")
        partial.replace(file)
    except OSError as error:
        _log.warning("%s was not written: %s", file, error)
