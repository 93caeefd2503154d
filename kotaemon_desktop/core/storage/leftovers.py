"""Deletes the files beside the library that still hold text of documents which are in it no longer."""

from __future__ import annotations

import logging
from itertools import chain
from pathlib import Path
from typing import Final

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.database import Database

_log = logging.getLogger(__name__)

SALVAGED: Final = "salvaging"  # what a killed salvage leaves is called library.salvaging-….sqlite3


def clear(folder: DataFolder, database: Database, before: float = float("inf")) -> int:
    """Delete kept copies that no document needs, removed ones included, and copies of the library: those in older
    schemas, and what a salvage that was killed has left.

    Only those written before the wall-clock time ``before``: an import keeps a copy just before the library has its
    document. Returns how many kept copies went.
    """
    needed = {row[0] for row in database.fetch("SELECT sha256 FROM documents")}
    copies = 0
    for file in folder.originals.glob("*"):
        unneeded = file.suffix == ".part" or file.name.split(".")[0] not in needed
        if unneeded and file.is_file() and file.stat().st_mtime < before:
            copies += _deleted(file)
    copied = (folder.section.glob(f"{folder.database.stem}.{kind}-*") for kind in ("schema", SALVAGED))
    for old in chain.from_iterable(copied):
        if old.stat().st_mtime < before:
            _deleted(old)
    return copies


def _deleted(file: Path) -> bool:
    """Delete ``file``, unless somebody has it open (Windows) or the folder is read-only: it goes another time."""
    try:
        file.unlink()
    except OSError as error:
        _log.warning("%s stays for now: %s", file, error)
        return False
    return True
