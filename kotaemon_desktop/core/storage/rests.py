"""Watches the events of the keeper for how long components rest before somebody needs them again."""

from __future__ import annotations

from typing import Final

import msgspec

from kotaemon_desktop.core.events import ComponentChanged, ResidencyEvent
from kotaemon_desktop.core.records import ComponentState

_SHORT: Final = 10.0  # seconds; between two files of an import the reader rests too, which says nothing of timers
_TIMED: Final = {"idle", "battery"}  # causes of leaving that are a timer's doing; the others are no fault of it


class Rest(msgspec.Struct, frozen=True):
    """A time in which a component had nothing to do.

    ``used_again`` is False when the program ended first; ``reloaded`` when it had left memory meanwhile.
    """

    component: str
    began: float  # wall clock
    seconds: float
    used_again: bool
    reloaded: bool


class Rests:
    """Owns the rests under way and those that have ended since the last :meth:`take`. Its user locks it."""

    def __init__(self) -> None:
        self._resting: dict[str, float] = {}  # since when, wall clock
        self._left: set[str] = set()  # of those, the ones that have gone from memory
        self._ended: list[Rest] = []

    def hear(self, event: ResidencyEvent) -> None:
        """Take note of ``event``."""
        if not isinstance(event, ComponentChanged):
            return
        component = event.component
        match event.after:
            case ComponentState.IDLE:
                self._resting[component] = event.at
                self._left.discard(component)
            case ComponentState.ABSENT if component in self._resting and event.cause in _TIMED:
                self._left.add(component)
            case ComponentState.ABSENT | ComponentState.FAILED:
                self._resting.pop(component, None)
            case ComponentState.BUSY | ComponentState.WAKING:
                self._end(component, event.at, used_again=True)
            case ComponentState.READY:
                pass

    def close(self, at: float) -> None:
        """End what still rests: it was not needed again."""
        for component in list(self._resting):
            self._end(component, at, used_again=False)

    def take(self) -> list[Rest]:
        """Return the rests that have ended since the last call."""
        taken, self._ended = self._ended, []
        return taken

    def _end(self, component: str, at: float, *, used_again: bool) -> None:
        began = self._resting.pop(component, None)
        reloaded = component in self._left
        self._left.discard(component)
        if began is not None and (reloaded or at - began >= _SHORT):
            self._ended.append(Rest(component, began, max(0.0, at - began), used_again, used_again and reloaded))
