"""Whether there is a newer version, as the window shows it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.i18n import Phrase
from kotaemon_desktop.core.updates.manifest import Release
from kotaemon_desktop.core.updates.updates import Updates
from kotaemon_desktop.qt.workers import Lanes


class UpdatesModel(QObject):
    """Looks on a lane of its own, for the network may take its time; lives in the GUI thread.

    Signals: ``changed()``: ``looking``, ``answered_at``, ``error`` or ``found`` differ.
    """

    changed = Signal()

    def __init__(self, lanes: Lanes, updates: Updates, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.looking = False
        self.error: Exception | None = None
        self._lanes = lanes
        self._updates = updates

    @property
    def found(self) -> Release | None:
        """The newer version, where one was found."""
        return self._updates.found

    @property
    def answered_at(self) -> float | None:
        """When a look was last answered, in seconds since 1970; None before the first time."""
        return self._updates.answered_at

    @property
    def obstacle(self) -> Phrase | None:
        """Why it cannot be looked at all."""
        return self._updates.obstacle

    def look(self) -> None:
        """Ask now."""
        if self.looking:
            return
        self.looking, self.error = True, None
        self.changed.emit()
        self._lanes.call("updates", self._updates.look, on_result=self._take, on_error=self._fail)

    def look_if_due(self) -> None:
        """Ask where the settings wish it and the last time is a day ago."""
        if self._updates.due:
            self.look()

    def _take(self, _found: Release | None) -> None:
        self.looking = False
        self.changed.emit()

    def _fail(self, error: Exception) -> None:
        self.looking, self.error = False, error
        self.changed.emit()
