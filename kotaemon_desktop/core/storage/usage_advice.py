"""Suggests idle timers by replaying how long components really rested, and what each reload really took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from kotaemon_desktop.core.storage.rests import Rest
from kotaemon_desktop.core.storage.usage_report import GIGABYTE, Residency, TimerAdvice

_TIMERS: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
_FAIR_PRICE: Final = 120 * GIGABYTE  # byte-seconds for a second less of waiting: two minutes of a gigabyte
_ENOUGH: Final = 5  # rests; fewer tell nothing
_WORTH_SECONDS: Final = 5.0  # a change that gains less than this, in seconds of waiting, is not worth a thought
_WORTH_SHARE: Final = 0.2


def advise(component: str, timer: float, rests: Iterable[Rest], residencies: Iterable[Residency]) -> TimerAdvice | None:
    """Return which timer would have served ``component`` best, or None with too few ``rests`` to tell.

    What it holds and what waking it takes are the medians of its ``residencies``. Best is the lowest sum of the
    seconds waited and the memory held idle, at the price of ``_FAIR_PRICE``.
    """
    known = [rest for rest in rests if rest.component == component]
    stays = [stay for stay in residencies if stay.component.partition(":")[0] == component]
    if len(known) < _ENOUGH or not stays:
        return None
    held = int(median(stay.bytes for stay in stays))
    reload_seconds = median(stay.waking_seconds for stay in stays)
    now = _replay(known, timer, held, reload_seconds)
    best = min((_replay(known, each, held, reload_seconds) for each in _TIMERS), key=_Outcome.cost)
    gain = now.cost() - best.cost()
    if gain < max(_WORTH_SECONDS, _WORTH_SHARE * now.cost()):
        return TimerAdvice(component, timer, timer, len(known))
    return TimerAdvice(
        component,
        timer,
        best.timer,
        len(known),
        reloads=now.reloads - best.reloads,
        waiting_seconds=(now.reloads - best.reloads) * reload_seconds,
        byte_seconds=best.byte_seconds - now.byte_seconds,
    )


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a timer would have led to."""

    timer: float
    reloads: int
    waiting_seconds: float
    byte_seconds: float

    def cost(self) -> float:
        """Return seconds of waiting, idle memory converted."""
        return self.waiting_seconds + self.byte_seconds / _FAIR_PRICE


def _replay(rests: Sequence[Rest], timer: float, held: int, reload_seconds: float) -> _Outcome:
    reloads = sum(rest.used_again and rest.seconds > timer for rest in rests)
    idle = sum(min(rest.seconds, timer) for rest in rests)
    return _Outcome(timer, reloads, reloads * reload_seconds, idle * held)
