"""When the program ran and what was in its memory meanwhile: the past that estimates, reports and advice rest on."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kotaemon_desktop.core.errors import LibraryError
from kotaemon_desktop.core.events import ResidencyEvent
from kotaemon_desktop.core.records import ComponentStatus
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.rests import Rests

if TYPE_CHECKING:
    from kotaemon_desktop.core.storage.usage_report import UsageReport

_RECENT_WAKES: Final = 9  # enough for a steady median, few enough to follow a model that was exchanged
_BEAT_SECONDS: Final = 60.0  # between two notes that the program still runs; what a power cut takes away at most
_ASLEEP_SECONDS: Final = 180.0  # between two beats: the machine slept

_log = logging.getLogger(__name__)

_Statement = tuple[str, tuple[Any, ...]]


class Usage:
    """Owns the tables of residencies, sessions and rests (see protocols.WakeHistory). Any thread may use it.

    Only a wake is written at once; releases and rests wait for the next wake, beat or :meth:`close`, so that whoever
    reports them (the keeper, under its lock) never waits for the disk. What a kill leaves open is closed at the next
    start, at the last time that is known of that session.
    """

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self._now = now
        self._lock = threading.Lock()  # of what waits; never held while writing
        self._writing = threading.Lock()  # of the session
        self._rests = Rests()
        self._waiting: list[_Statement] = []
        self._session: int | None = None  # not written before there is something to write with it
        self._started = self._seen = now()
        self._beaten: float | None = None
        self._mend()

    # --- what the keeper reports -----------------------------------------------------------------------------------

    def expected(self, component: str) -> tuple[float, int] | None:
        """Return (median seconds, median bytes) of the last wakes of ``component``, or None before the first."""
        rows = self._database.fetch(
            "SELECT waking_seconds, bytes FROM residencies WHERE component = ? ORDER BY id DESC LIMIT ?",
            (component, _RECENT_WAKES),
        )
        if not rows:
            return None
        middle = len(rows) // 2
        return sorted(row[0] for row in rows)[middle], sorted(row[1] for row in rows)[middle]

    def record_wake(self, component: str, seconds: float, size: int) -> None:
        """Remember that a wake took ``seconds`` and ended with ``size`` bytes held."""
        insert = "INSERT INTO residencies (component, woken_at, waking_seconds, bytes) VALUES (?, ?, ?, ?)"
        now = self._now()
        self._see(now)
        self._flush((insert, (component, now, seconds, size)))

    def record_release(self, component: str, cause: str, resident_seconds: float, held: int, freed: int) -> None:
        """Remember that a component went: how long it was there and how much came back, in bytes."""
        now = self._now()
        update = (
            "UPDATE residencies SET released_at = ?, cause = ?, held = ?, freed = ? WHERE id = (SELECT id FROM "
            "residencies WHERE component = ? AND released_at IS NULL ORDER BY abs(woken_at - ?) LIMIT 1)"
        )
        with self._lock:
            self._waiting.append((update, (now, cause, held, freed, component, now - resident_seconds)))

    def hear(self, event: ResidencyEvent) -> None:
        """Take note of how long components rest; for ``Keeper.subscribe``."""
        with self._lock:
            self._rests.hear(event)

    # --- when the program runs -------------------------------------------------------------------------------------

    def beat(self) -> None:
        """Note that the program runs; call it about once a second. Writes once a minute, or what waits."""
        now = self._now()
        last = self._started if self._beaten is None else self._beaten
        if now - last > _ASLEEP_SECONDS:
            self._seen = last
            self._flush()
            self._session, self._started, self._seen = None, now, now
        self._beaten = now
        if self._waiting or now - self._seen >= _BEAT_SECONDS:
            self._seen = now
            self._flush()

    def close(self) -> None:
        """End the session: what is still open ends with it."""
        now = self._now()
        self._see(now)
        with self._lock:
            self._rests.close(now)
        if self._session is None and self._beaten is None:
            return  # a command that woke nothing
        end = "UPDATE residencies SET released_at = max(woken_at, ?), cause = 'quit' WHERE released_at IS NULL"
        self._flush((end, (self._seen,)))

    def confirmed(self, until: float) -> float | None:
        """Return the latest time up to ``until`` (wall clock) at which the program is known to have run, or None."""
        row = self._database.fetch_one("SELECT max(min(seen, ?1)) FROM sessions WHERE started <= ?1", (until,))
        return row[0] if row else None

    # --- what people ask -------------------------------------------------------------------------------------------

    def report(
        self, borders: Sequence[float], *, timers: Mapping[str, float], now: Sequence[ComponentStatus] = ()
    ) -> UsageReport:
        """Return what this library tells of use; see :func:`usage_log.report`."""
        from kotaemon_desktop.core.storage import usage_log  # not before somebody asks

        self._see(self._now())
        self._flush()
        return usage_log.report(self._database.fetch, borders, timers, now)

    # --- writing ---------------------------------------------------------------------------------------------------

    def _see(self, now: float) -> None:
        """Let the session reach up to ``now``, unless the machine slept: then the next beat ends it."""
        if not self._slept(now):
            self._seen = max(self._seen, now)

    def _slept(self, now: float) -> bool:
        return self._beaten is not None and now - self._beaten > _ASLEEP_SECONDS

    def _flush(self, *more: _Statement) -> None:
        """Write what waits, then ``more``, and how far this session has come, in one transaction.

        A full disk must not keep a component from being used: then the log has a line and the numbers a gap.
        """
        with self._lock:
            statements, self._waiting = (*self._waiting, *more), []
            rests = [
                (rest.component, rest.began, rest.seconds, rest.used_again, rest.reloaded)
                for rest in self._rests.take()
            ]
        insert = "INSERT INTO rests (component, began, seconds, used_again, reloaded) VALUES (?, ?, ?, ?, ?)"
        try:
            with self._writing, self._database.transaction() as connection:
                for sql, parameters in statements:
                    connection.execute(sql, parameters)
                connection.executemany(insert, rests)
                self._write_session(connection)
        except LibraryError as error:
            _log.warning("usage is not recorded: %s", error)

    def _write_session(self, connection: sqlite3.Connection) -> None:
        times = (self._started, self._seen)
        if self._session is None:
            self._session = connection.execute("INSERT INTO sessions (started, seen) VALUES (?, ?)", times).lastrowid
        connection.execute("UPDATE sessions SET seen = max(seen, ?) WHERE id = ?", (self._seen, self._session))

    def _mend(self) -> None:
        """Close what a session that was killed has left open, at the last time that is known of it."""
        if self._database.fetch_one("SELECT 1 FROM residencies WHERE released_at IS NULL") is None:
            return
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE residencies SET cause = 'crash', released_at = max(woken_at, "
                "(SELECT coalesce(max(seen), 0) FROM sessions)) WHERE released_at IS NULL"
            )
