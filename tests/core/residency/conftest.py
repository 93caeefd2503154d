"""A clock that tests move, a history that remembers, and keepers over real child processes."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kotaemon_desktop.core.events import ResidencyEvent
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.keeper import Keeper

if TYPE_CHECKING:
    from borrowing import Borrower

sys.path.append(str(Path(__file__).parent))  # children import `services` by name: spawn hands sys.path on


class ManualClock:
    """Both clocks of a machine; the wall clock can be set apart, as a sleeping machine does."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.apart = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now + self.apart

    def set_wall(self, at: datetime) -> None:
        self.apart = at.timestamp() - self.now


class Remembered:
    def __init__(self) -> None:
        self.wakes: list[tuple[str, float, int]] = []
        self.releases: list[tuple[str, str, float, int, int]] = []
        self.before: dict[str, tuple[float, int]] = {}  # what an earlier run of the program has left

    def expected(self, component: str) -> tuple[float, int] | None:
        past = [(s, b) for c, s, b in self.wakes if c == component]
        return self.before.get(component) or (past[-1] if past else None)

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
def build(clock: ManualClock, history: Remembered, events: list[ResidencyEvent]) -> Iterator[Callable[..., Keeper]]:
    """Return a function that makes a keeper of some components, ended after the test without a process or thread."""
    made: list[Keeper] = []

    def make(*specs: ComponentSpec, **options: Any) -> Keeper:
        keeper = Keeper(specs, clock, history, **options)
        keeper.subscribe(events.append)
        made.append(keeper)
        return keeper

    yield make
    for each in made:
        each.close()
    assert multiprocessing.active_children() == []
    for thread in threading.enumerate():
        if thread.name.startswith(("host-", "prewarm-")):
            thread.join(30)  # one that has just told of a crash is about to end
            assert not thread.is_alive(), thread.name


@pytest.fixture
def keeper(build: Callable[..., Keeper]) -> Callable[..., Keeper]:
    """Return a function that makes a keeper of one component, ``echo``."""

    def make(service: str = "services:Echo", **options: Any) -> Keeper:
        return build(ComponentSpec("echo", service, **{"idle_seconds": lambda: 60.0, **options}))

    return make


@pytest.fixture
def borrow(build: Callable[..., Keeper]) -> Iterator[Callable[..., Borrower]]:
    """Return a function that borrows in another thread; whoever still has something gives it back after the test."""
    from borrowing import Borrower

    made: list[Borrower] = []

    def make(keeper: Keeper, name: str, *, urgent: bool = True) -> Borrower:
        made.append(Borrower(keeper, name, urgent=urgent))
        return made[-1]

    yield make
    for each in made:
        each.give_back()
