"""Reads what was recorded of use and reports on it: from the open library, or from that of another workspace."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.records import ComponentStatus
from kotaemon_desktop.core.storage.rests import Rest
from kotaemon_desktop.core.storage.usage_advice import advise
from kotaemon_desktop.core.storage.usage_report import Residency, UsageReport, usage

Fetch = Callable[[str, Sequence[Any]], list[sqlite3.Row]]


def report(
    fetch: Fetch, borders: Sequence[float], timers: Mapping[str, float], now: Sequence[ComponentStatus] = ()
) -> UsageReport:
    """Return the usage between the first and the last of ``borders`` (wall clock), and between each two neighbours.

    ``timers`` are the idle timers in force, by component: only those get advice. ``now`` says what is in memory.
    """
    since, until = borders[0], borders[-1]
    residencies = _residencies(fetch, since, until, {each.name: each for each in now})
    total, parts = usage(borders, residencies, _sessions(fetch, since, until))
    rests = _rests(fetch, since, until)
    advice = (advise(name, timer, rests, residencies) for name, timer in timers.items())
    return UsageReport(total, parts, tuple(each for each in advice if each is not None))


@contextmanager
def read_only(file: Path) -> Generator[Fetch]:
    """Give what reads the library ``file`` without changing it; one from before use was recorded has no rows."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = {row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if {"residencies", "sessions", "rests"} <= tables:
            yield lambda sql, parameters: connection.execute(sql, parameters).fetchall()
        else:
            yield lambda _sql, _parameters: []


def _residencies(fetch: Fetch, since: float, until: float, now: Mapping[str, ComponentStatus]) -> list[Residency]:
    rows = fetch(
        "SELECT component, woken_at, waking_seconds, coalesce(released_at, ?) AS ended, "
        "released_at IS NULL AS open, CASE WHEN held > 0 THEN held ELSE bytes END AS held FROM residencies "
        "WHERE woken_at - waking_seconds < ? AND (released_at IS NULL OR released_at > ?) ORDER BY id",
        (until, until, since),
    )
    found: list[Residency] = []
    for row in rows:
        status = now.get(str(row["component"]).partition(":")[0]) if row["open"] else None
        held = status.bytes // status.hosts if status is not None and status.hosts else row["held"]
        found.append(Residency(row["component"], row["woken_at"], row["ended"], held, row["waking_seconds"]))
    return found


def _sessions(fetch: Fetch, since: float, until: float) -> list[tuple[float, float]]:
    rows = fetch("SELECT started, seen FROM sessions WHERE started < ? AND seen > ?", (until, since))
    return [(row["started"], row["seen"]) for row in rows]


def _rests(fetch: Fetch, since: float, until: float) -> list[Rest]:
    rows = fetch(
        "SELECT component, began, seconds, used_again, reloaded FROM rests WHERE began >= ? AND began < ?",
        (since, until),
    )
    return [Rest(row[0], row[1], row[2], bool(row[3]), bool(row[4])) for row in rows]
