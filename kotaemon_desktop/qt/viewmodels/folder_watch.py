"""Looks at the watched folders from time to time, off the GUI thread."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.pipeline.watching import Look

_SETTLING_MS = 2200  # a file that is being written is looked at again after the time that it has to stay the same
_SHARE = 20  # a look may take this part of the time, or slow drives would be looked at all the time


class FolderWatch(QObject):
    """Owns the clock of the looks; lives in the GUI thread, looks in a lane of its own: a dead network drive may hang.

    Signals: ``found(Look)``: there is something to do; the next look waits for :meth:`go_on`.
    ``away_changed(frozenset[str])``: these folders cannot be reached now, others than before. ``failed(Exception)``.
    """

    found = Signal(object)
    away_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.away: frozenset[str] = frozenset()
        self._engine = engine
        self._lanes = lanes
        self._folders: frozenset[str] = frozenset()
        self._began = 0.0
        self._took = 0.0
        self._looking = self._over = False
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)

    def follow(self, folders: frozenset[str]) -> None:
        """Look at these folders from now on, at new ones at once."""
        if self._over:
            return
        new = folders - self._folders
        self._folders = folders
        if not folders:
            self._timer.stop()
        elif new:
            self.look_soon()

    def look_soon(self) -> None:
        """Look as soon as possible."""
        if self._folders and not self._looking:
            self._timer.start(0)

    def go_on(self) -> None:
        """What was found is done: look again when it is time."""
        if self._looking:
            self._looking = False
            self._wait(0)

    def stop(self) -> None:
        """Look no more, whatever is told later."""
        self._over = True
        self._timer.stop()
        self._folders = frozenset()

    def _look(self) -> None:
        self._looking = True
        self._began = perf_counter()
        self._lanes.call("watching", self._engine.imports.look_at_folders, on_result=self._take, on_error=self._fail)

    def _take(self, look: Look) -> None:
        self._took = perf_counter() - self._began
        if frozenset(look.away) != self.away:
            self.away = frozenset(look.away)
            self.away_changed.emit(self.away)
        if look.changes:
            self.found.emit(look)
        else:
            self._looking = False
            self._wait(look.unsettled)

    def _fail(self, error: Exception) -> None:
        self._looking = False
        self.failed.emit(error)
        self._wait(0)

    def _wait(self, unsettled: int) -> None:
        seconds = self._engine.settings.imports.watch_seconds
        if not self._folders or not seconds:
            return
        waits = max(seconds, _SHARE * self._took)
        self._timer.start(_SETTLING_MS if unsettled else round(1000 * waits))
