"""Looks for a newer version while the window is open, where the settings wish it, and says once that there is one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt.widgets.notice import Notice

if TYPE_CHECKING:
    from kotaemon_desktop.core.updates.manifest import Release
    from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel
    from kotaemon_desktop.qt.window import MainWindow

_FIRST_MS = 60_000  # a start has other things to do
_AGAIN_MS = 3_600_000  # a window that stays open for weeks hears of it too

_log = logging.getLogger(__name__)


class UpdateWatch(QObject):
    """Owns the timer, and which version was told; lives in the GUI thread with the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._model: UpdatesModel | None = None
        self._told: Release | None = None
        self._timer = QTimer(self, interval=_FIRST_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def look(self) -> None:
        """Look where it is due; nothing of it is even imported while it is switched off."""
        self._timer.setInterval(_AGAIN_MS)
        if not self._window.engine.settings.updates.check:
            return
        if self._model is None:
            self._model = self._window.updates_model
            self._model.changed.connect(self._tell)
            self._tell()  # what was found before the last restart
        self._model.look_if_due()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def _tell(self) -> None:
        assert self._model is not None
        if self._model.error is not None:  # nobody asked just now: the About page says it to who opens it
            _log.info("no look for a newer version: %s", self._model.error)
        found = self._model.found
        if found is None or found == self._told or self._model.looking:
            return
        self._told = found
        self._window.notices.show_notice(
            Notice(
                lambda: _("Version {version} is there.").format(version=found.version),
                action=lambda: _("What is new…"),
                do=lambda: self._window.page("about"),
            )
        )
