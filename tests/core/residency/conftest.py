"""A clock that tests move, a history that remembers, and keepers over real child processes."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.events import ResidencyEvent
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.keeper import Keeper

sys.path.append(str(Path(__file__).parent))  # children import `services` by name: spawn hands sys.path on


class ManualClock:
    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now


class Remembered:
    def __init__(self) -> None:
        self.wakes: list[tuple[str, float, int]] = []
        self.releases: list[tuple[str, str, float, int, int]] = []

    def expected(self, component: str) -> tuple[float, int] | None:
        past = [(s, b) for c, s, b in self.wakes if c == component]
        return past[-1] if past else None

    def record_wake(self, component: str, seconds: float, size: int) -> None:
        self.wakes.append((component, seconds, size))

    def record_release(self, component: str, cause: str, resident_seconds: float, held: int, freed: int) -> None:
        self.releases.append((component, cause, resident_seconds, held, freed))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def history() -> Remembered:
    return Remembered()


@pytest.fixture
def events() -> list[ResidencyEvent]:
    return []


@pytest.fixture
def keeper(clock: ManualClock, history: Remembered, events: list[ResidencyEvent]) -> Iterator[Callable[..., Keeper]]:
    """Return a function that makes a keeper of one component, ``echo``, ended after the test."""
    made: list[Keeper] = []

    def make(service: str = "services:Echo", **options: object) -> Keeper:
        options.setdefault("idle_seconds", lambda: 60.0)
        keeper = Keeper([ComponentSpec("echo", service, **options)], clock, history)  # type: ignore[arg-type]
        keeper.subscribe(events.append)
        made.append(keeper)
        return keeper

    yield make
    for each in made:
        each.close()
    assert multiprocessing.active_children() == []
