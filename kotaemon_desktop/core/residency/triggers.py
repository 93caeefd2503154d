"""What besides its own timer makes a component stay or go: memory pressure, battery, lock, resume, keep-warm hours.

Each trigger is a small object that is asked once a tick; none has a thread or a timer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kotaemon_desktop.core import machine
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.settings import KeepWarm

_BATTERY_FACTOR = 0.25
_OUTSIDE_FACTOR = 0.2
_BATTERY_EVERY = 30.0  # seconds between two looks: the answer comes from a slow bus
_JUMP = 20.0  # seconds that the wall clock may run ahead before it was sleep
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Advice:
    """What holds until the next tick. ``release`` names why idle components go at once, empty if they need not."""

    release: str = ""
    factor: float = 1.0  # multiplies every idle timer
    cause: str = "idle"  # why the timer was that short
    keep_warm: frozenset[str] = frozenset()


class Trigger(Protocol):
    """Looks at one thing and says what it means for memory."""

    def advise(self) -> Advice:
        """Return the advice of this moment. Takes under a millisecond."""
        ...


def combined(advices: Iterable[Advice]) -> Advice:
    """Return the strictest of ``advices``: any release, the shortest timer, all that is kept warm."""
    release, shortest, warm = "", Advice(), frozenset[str]()
    for advice in advices:
        release = release or advice.release
        shortest = advice if advice.factor < shortest.factor else shortest
        warm |= advice.keep_warm
    return Advice(release, shortest.factor, shortest.cause, warm)


class FreeMemory:
    """Sends idle components away while the machine has less than a threshold available."""

    def __init__(self, threshold: Callable[[], int], available: Callable[[], int] | None = None) -> None:
        """``threshold`` and ``available`` give bytes."""
        self._threshold = threshold
        self._available = available or (lambda: machine.memory()[1])

    def advise(self) -> Advice:
        return Advice(release="memory") if self._available() < self._threshold() else Advice()


class Battery:
    """Shortens timers while the machine runs on its battery."""

    def __init__(self, clock: Clock, on_battery: Callable[[], bool] | None = None) -> None:
        self._clock = clock
        self._on_battery = on_battery or machine.on_battery
        self._looked_at = float("-inf")
        self._advice = Advice()

    def advise(self) -> Advice:
        now = self._clock.monotonic()
        if now - self._looked_at >= _BATTERY_EVERY:
            self._looked_at = now
            self._advice = Advice(factor=_BATTERY_FACTOR, cause="battery") if self._on_battery() else Advice()
        return self._advice


class ScreenLock:
    """Sends idle components away while the screen is locked; the window sets ``locked`` where the platform tells."""

    def __init__(self) -> None:
        self.locked = False

    def advise(self) -> Advice:
        return Advice(release="locked") if self.locked else Advice()


class Resume:
    """Notices that the machine has slept and sends idle components away: a GPU context may not have survived it.

    The wall clock goes on while the machine sleeps, the monotonic clock stands still (Linux, macOS); where both go on
    the tick itself is late.
    """

    def __init__(self, clock: Clock, resumed: Callable[[], None]) -> None:
        """``resumed`` is called once after each sleep, in the thread that ticks."""
        self._clock = clock
        self._resumed = resumed
        self._last = (clock.monotonic(), clock.wall())

    def advise(self) -> Advice:
        monotonic, wall = self._clock.monotonic(), self._clock.wall()
        ticked, passed = monotonic - self._last[0], wall - self._last[1]
        self._last = (monotonic, wall)
        if passed - min(ticked, _JUMP) < _JUMP:
            return Advice()
        self._resumed()
        return Advice(release="resumed")


class KeepWarmHours:
    """Keeps components awake within the hours that the user has set; outside them their timers are short."""

    def __init__(self, clock: Clock, windows: Callable[[], Sequence[KeepWarm]]) -> None:
        self._clock = clock
        self._windows = windows

    def advise(self) -> Advice:
        windows = self._windows()
        if not windows:
            return Advice()
        now = datetime.fromtimestamp(self._clock.wall()).astimezone()
        warm = frozenset(name for window in windows if _within(window, now) for name in window.components)
        return Advice(keep_warm=warm) if warm else Advice(factor=_OUTSIDE_FACTOR, cause="idle")


def _within(window: KeepWarm, now: datetime) -> bool:
    """Return whether ``now`` is in ``window``; one that ends before it begins goes on past midnight."""
    minute = f"{now:%H:%M}"
    today, yesterday = _DAYS[now.weekday()], _DAYS[now.weekday() - 1]
    if window.begin <= window.end:
        return today in window.days and window.begin <= minute < window.end
    return (today in window.days and minute >= window.begin) or (yesterday in window.days and minute < window.end)
