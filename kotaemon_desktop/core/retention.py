"""Deletes for good what a person has deleted or does not want to keep any longer, when its time is over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.storage import leftovers
from kotaemon_desktop.core.storage.database import Database
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
        folder: DataFolder,
        database: Database,
        library: Library,
        history: History,
        traces: Traces,
        usage: Usage,
        clock: Clock,
        trace_days: Callable[[], int],
    ) -> None:
        """``trace_days`` is how long traces are kept; 0: as long as their conversations."""
        self._folder = folder
        self._database = database
        self._library = library
        self._history = history
        self._traces = traces
        self._usage = usage
        self._clock = clock
        self._trace_days = trace_days
        self._looked = float("-inf")
        self._shorter = False

    def look(self) -> None:
        """Delete what is due, if that was not done within the last day, and traces that are to be kept no longer.

        Its text is in no file afterwards, but for damaged libraries and what a restore has put aside: these a person
        was told of. Takes a moment where there was something: not for the GUI thread.
        """
        purged, due = 0, None
        if self._shorter:
            self._shorter = False
            purged += self._purge_traces(self._clock.wall())
        if self._clock.monotonic() - self._looked >= _DAY:
            self._looked = self._clock.monotonic()
            due = self._usage.confirmed(self._clock.wall() - _DAY)
        if due is not None:
            purged += self._library.purge(due - UNDO_SECONDS) + self._history.purge(due - UNDO_SECONDS)
            purged += self._purge_traces(due)
        if purged:  # before anything else is touched that could fail
            self._database.forget()
        if due is not None:
            self._clear_files(due)

    def keep_traces_shorter(self) -> None:
        """A person has just said for how long: what is older by the clock that they see goes with the next look."""
        self._shorter = True

    def _clear_files(self, now: float) -> None:
        leftovers.clear(self._folder, self._database, now - UNDO_SECONDS)
        if self._folder.removed_workspaces.is_dir():
            from kotaemon_desktop.core.workspaces import Workspaces

            Workspaces(self._folder.root).purge(now)

    def _purge_traces(self, now: float) -> int:
        days = self._trace_days()
        return self._traces.purge(now - days * _DAY) if days else 0
