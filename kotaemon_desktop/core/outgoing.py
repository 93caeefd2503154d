"""Remembers what has left this machine since the start, so that "the network is silent" is true when it is said.

Fed where connections begin: downloads, hosts that wake to ask a model or an index elsewhere, calls of tools, a look for
a newer version. What the code of plugins and the programs of MCP servers do by themselves is theirs to tell: nobody
here sees it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Errand(StrEnum):
    """Why something leaves this machine."""

    DOWNLOAD = "download"
    MODEL = "model"
    VECTORS = "vectors"
    TOOL = "tool"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Departure:
    """``place`` was asked for this errand, for the first time at ``at`` (wall clock, seconds)."""

    errand: Errand
    place: str
    at: float


class Outgoing:
    """Owns the list of departures; any thread."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._now = now
        self._lock = threading.Lock()
        self._departures: dict[tuple[Errand, str], Departure] = {}
        self._listeners: list[Callable[[], object]] = []

    @property
    def departures(self) -> tuple[Departure, ...]:
        """What has left, the first first; empty: the network is silent."""
        with self._lock:
            return tuple(self._departures.values())

    def note(self, errand: Errand, place: str) -> None:
        """``place``, on another machine, is about to be asked. Listeners are called in this thread."""
        with self._lock:
            if (errand, place) in self._departures:
                return
            self._departures[errand, place] = Departure(errand, place, self._now())
            listeners = list(self._listeners)
        for listener in listeners:
            listener()

    def subscribe(self, listener: Callable[[], object]) -> Callable[[], None]:
        """Call ``listener`` whenever there is a new departure, until the returned function is called."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                self._listeners = [each for each in self._listeners if each is not listener]

        return unsubscribe
