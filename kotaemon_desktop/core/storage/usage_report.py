"""Turns stays in memory into hours, gigabyte-hours and a comparison with keeping everything loaded. Arithmetic only."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice, pairwise
from statistics import median
from typing import Final, TextIO

HOUR: Final = 3600.0
GIGABYTE: Final = float(1 << 30)


class Period(StrEnum):
    """What a report covers, up to now: whole local days, or whole calendar months."""

    TODAY = "today"
    WEEK = "week"  # 7 days
    MONTH = "month"  # 30 days
    YEAR = "year"  # 12 calendar months


@dataclass(frozen=True, slots=True)
class Residency:
    """One stay of one host in memory, from ``start`` (ready) to ``end``, wall clock; ``bytes`` is what it held."""

    component: str  # with its variant: "generator:qwen"
    start: float
    end: float
    bytes: int
    waking_seconds: float


@dataclass(frozen=True, slots=True)
class ComponentUsage:
    """What one component took within a period. ``typical_bytes`` is the median of what its hosts held."""

    component: str
    resident_seconds: float  # with at least one host in memory
    byte_seconds: float  # of all its hosts
    wakes: int
    waking_seconds: float
    typical_bytes: int
    always_on_byte_seconds: float  # had one host been there as long as the program ran

    @property
    def name(self) -> str:
        """The component without its variant."""
        return self.component.partition(":")[0]

    @property
    def variant(self) -> str:
        """What tells it from others of the name: a model's id; often empty."""
        return self.component.partition(":")[2]


@dataclass(frozen=True, slots=True)
class PeriodUsage:
    """All components between ``since`` and ``until``, wall clock; ``ran_seconds`` is how long the program ran then."""

    since: float
    until: float
    ran_seconds: float
    components: tuple[ComponentUsage, ...]

    @property
    def byte_seconds(self) -> float:
        return sum(each.byte_seconds for each in self.components)

    @property
    def always_on_byte_seconds(self) -> float:
        return sum(each.always_on_byte_seconds for each in self.components)


@dataclass(frozen=True, slots=True)
class TimerAdvice:
    """Another idle timer for a component, by replaying how long it really rested.

    ``reloads`` are those that it would have avoided or, when negative, added; likewise ``waiting_seconds`` saved.
    ``byte_seconds`` are those that it would have cost or, when negative, spared.
    """

    component: str
    timer: float  # seconds, as it is now
    suggested: float  # seconds; equal to ``timer`` when that suits
    rests: int  # what the advice rests on
    reloads: int = 0
    waiting_seconds: float = 0.0
    byte_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class UsageReport:
    """The usage of one workspace: the whole period, its days or months, and advice where there is enough to go by."""

    total: PeriodUsage
    parts: tuple[PeriodUsage, ...]
    advice: tuple[TimerAdvice, ...] = ()


def edges(period: Period, now: float) -> list[float]:
    """Return the borders of the days or months of ``period`` in local time, the last one being ``now``."""
    today = datetime.fromtimestamp(now).astimezone().date()
    if period is Period.YEAR:
        months = [today.year * 12 + today.month - 1 - back for back in range(11, -1, -1)]
        starts = [date(month // 12, month % 12 + 1, 1) for month in months]
    else:
        days = {Period.TODAY: 1, Period.WEEK: 7, Period.MONTH: 30}[period]
        starts = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    # Naive on purpose: midnight is where the local clock shows it, on either side of a change to summer time.
    return [*(datetime.combine(start, time()).timestamp() for start in starts), now]


def usage(
    borders: Sequence[float], residencies: Sequence[Residency], sessions: Sequence[tuple[float, float]]
) -> tuple[PeriodUsage, tuple[PeriodUsage, ...]]:
    """Return the usage between the first and the last border, and between each two neighbours.

    Only time within ``sessions`` (start, end) counts: a machine that sleeps, or a program that was killed, holds
    nothing. What a component would have taken had it always been there is its typical size times that time; where
    several models took turns, each has the share of its hours.
    """
    typical = _typical(residencies)

    def part(since: float, until: float) -> PeriodUsage:
        return _part(since, until, residencies, sessions, typical)

    return part(borders[0], borders[-1]), tuple(part(since, until) for since, until in pairwise(borders))


def write_csv(report: UsageReport, workspace: str, target: TextIO) -> None:
    """Write a line for each component and day or month. Hours and GB-hours (powers of 1,024) with a point."""
    lines = csv.writer(target)
    lines.writerow(
        "workspace from until component model hours_program_ran hours_in_memory gigabyte_hours "
        "gigabyte_hours_always_on loads seconds_loading".split()
    )
    for part in report.parts:
        when = [
            datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds") for at in (part.since, part.until)
        ]
        for each in part.components:
            numbers = (
                *(part.ran_seconds / HOUR, each.resident_seconds / HOUR, each.byte_seconds / GIGABYTE / HOUR),
                each.always_on_byte_seconds / GIGABYTE / HOUR,
            )
            written = [f"{number:.4f}" for number in numbers]
            lines.writerow(
                [workspace, *when, each.name, each.variant, *written, each.wakes, f"{each.waking_seconds:.2f}"]
            )


def _typical(residencies: Iterable[Residency]) -> dict[str, int]:
    sizes: defaultdict[str, list[int]] = defaultdict(list)
    for each in residencies:
        sizes[each.component].append(each.bytes)
    return {component: int(median(held)) for component, held in sizes.items()}


def _part(
    since: float,
    until: float,
    residencies: Sequence[Residency],
    sessions: Sequence[tuple[float, float]],
    typical: dict[str, int],
) -> PeriodUsage:
    running = _union(_clip(start, end, since, until) for start, end in sessions)
    ran = _length(running)
    by_component: defaultdict[str, list[Residency]] = defaultdict(list)
    for each in residencies:
        if each.start - each.waking_seconds < until and each.end > since:
            by_component[each.component].append(each)
    present = {
        component: _union(piece for stay in stays for piece in _within(stay, since, until, running))
        for component, stays in by_component.items()
    }
    of_name: defaultdict[str, float] = defaultdict(float)
    for component, pieces in present.items():
        of_name[component.partition(":")[0]] += _length(pieces)
    found: list[ComponentUsage] = []
    for component, stays in sorted(by_component.items()):
        resident = _length(present[component])
        woken = [stay for stay in stays if since <= stay.start < until]
        share = resident / of_name[component.partition(":")[0]] if resident else 0.0
        found.append(
            ComponentUsage(
                component=component,
                resident_seconds=resident,
                byte_seconds=sum(_length(_within(stay, since, until, running)) * stay.bytes for stay in stays),
                wakes=len(woken),
                waking_seconds=sum(stay.waking_seconds for stay in woken),
                typical_bytes=typical[component],
                always_on_byte_seconds=ran * share * typical[component],
            )
        )
    return PeriodUsage(since, until, ran, tuple(found))


_Piece = tuple[float, float]


def _clip(start: float, end: float, since: float, until: float) -> _Piece:
    return max(start, since), min(end, until)


def _within(stay: Residency, since: float, until: float, running: Sequence[_Piece]) -> list[_Piece]:
    """Return the pieces of ``stay`` between ``since`` and ``until`` in which the program ran."""
    start, end = _clip(stay.start, stay.end, since, until)
    found: list[_Piece] = []
    for begun, over in islice(running, bisect_right(running, start, key=lambda piece: piece[1]), None):
        if begun >= end:
            break
        found.append(_clip(start, end, begun, over))
    return found


def _union(pieces: Iterable[_Piece]) -> list[_Piece]:
    """Return ``pieces`` in order, those that touch joined, empty ones left out."""
    joined: list[_Piece] = []
    for start, end in sorted(piece for piece in pieces if piece[0] < piece[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _length(pieces: Iterable[_Piece]) -> float:
    return sum(end - start for start, end in pieces)
