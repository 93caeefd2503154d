"""Deletes for good what a person has deleted or does not want to keep any longer, when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import UNDO_SECONDS, Library
from kotaemon_desktop.core.storage.traces import Traces

_DAY: Final = 24 * 3600.0


class Retention:
    """Purges removed documents and conversations after the undo time, and traces after theirs. In any thread."""

    def __init__(
        self, library: Library, history: History, traces: Traces, clock: Clock, trace_days: Callable[[], int]
    ) -> None:
        """``trace_days`` is how long traces are kept; 0: as long as their conversations."""
        self._library = library
        self._history = history
        self._traces = traces
        self._clock = clock
        self._trace_days = trace_days
        self._enforced = float("-inf")

    def look(self) -> None:
        """Enforce it, if that was not done within the last day."""
        if self._clock.monotonic() - self._enforced >= _DAY:
            self.enforce()

    def enforce(self) -> None:
        """Delete what is due. Its text is in no file of the library afterwards."""
        self._enforced = self._clock.monotonic()
        now = self._clock.wall()
        self._library.purge(now - UNDO_SECONDS)
        self._history.purge(now - UNDO_SECONDS)
        if days := self._trace_days():
            self._traces.purge(now - days * _DAY)
