"""What waking and releasing components has cost on this machine: the past that estimates rest on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from kotaemon_desktop.core.storage.database import Database

_RECENT_WAKES: Final = 9  # enough for a steady median, few enough to follow a model that was exchanged


class Usage:
    """Owns the tables of wakes and releases (see protocols.WakeHistory). Keeps no state: any thread may use it."""

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self._now = now

    def expected(self, component: str) -> tuple[float, int] | None:
        """Return (median seconds, median bytes) of the last wakes of ``component``, or None before the first."""
        rows = self._database.fetch(
            "SELECT seconds, bytes FROM wakes WHERE component = ? ORDER BY id DESC LIMIT ?", (component, _RECENT_WAKES)
        )
        if not rows:
            return None
        middle = len(rows) // 2
        return sorted(row[0] for row in rows)[middle], sorted(row[1] for row in rows)[middle]

    def record_wake(self, component: str, seconds: float, size: int) -> None:
        """Remember that a wake took ``seconds`` and ended with ``size`` bytes held."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO wakes (component, at, seconds, bytes) VALUES (?, ?, ?, ?)",
                (component, self._now(), seconds, size),
            )

    def record_release(self, component: str, cause: str, resident_seconds: float, held: int, freed: int) -> None:
        """Remember that a component went: how long it was there and how much came back, in bytes."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO releases (component, at, cause, resident_seconds, held, freed) VALUES (?, ?, ?, ?, ?, ?)",
                (component, self._now(), cause, resident_seconds, held, freed),
            )
