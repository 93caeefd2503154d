"""Deletes for good what a person has deleted or does not want to keep any longer, when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import UNDO_SECONDS, Library
from kotaemon_desktop.core.storage.traces import Traces
from kotaemon_desktop.core.storage.usage import Usage

_DAY: Final = 24 * 3600.0


class Retention:
    """Purges removed documents, conversations and workspaces after the undo time, and traces after theirs.

    What a wall clock says alone deletes nothing, for it may be wrong for a moment: time counts up to where the program
    has run a day ago or before (:meth:`Usage.confirmed`). So things may stay a day longer. In any thread.
    """

    def __init__(
        self,
        library: Library,
        history: History,
        traces: Traces,
        usage: Usage,
        clock: Clock,
        trace_days: Callable[[], int],
        purge_workspaces: Callable[[float], None],
    ) -> None:
        """``trace_days`` is how long traces are kept; 0: as long as their conversations."""
        self._library = library
        self._history = history
        self._traces = traces
        self._usage = usage
        self._clock = clock
        self._trace_days = trace_days
        self._purge_workspaces = purge_workspaces
        self._looked = float("-inf")

    def look(self) -> None:
        """Delete what is due, if that was not done within the last day. Its text is in no file afterwards."""
        if self._clock.monotonic() - self._looked < _DAY:
            return
        self._looked = self._clock.monotonic()
        now = self._usage.confirmed(self._clock.wall() - _DAY)
        if now is None:
            return
        self._library.purge(now - UNDO_SECONDS)
        self._history.purge(now - UNDO_SECONDS)
        self._purge_workspaces(now)
        self._purge_traces(now)

    def keep_traces_shorter(self) -> None:
        """A person has just said for how long: what is older by the clock that they see goes at once."""
        self._purge_traces(self._clock.wall())

    def _purge_traces(self, now: float) -> None:
        if days := self._trace_days():
            self._traces.purge(now - days * _DAY)
