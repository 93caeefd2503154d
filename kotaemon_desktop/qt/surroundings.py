"""What is around the window: its icon in the tray, messages while somebody is elsewhere, a second start's wishes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.qt.attention import Attention
from kotaemon_desktop.qt.doorbell import Doorbell

if TYPE_CHECKING:
    from kotaemon_desktop.core.handover import Request
    from kotaemon_desktop.qt.tray import Tray
    from kotaemon_desktop.qt.window import MainWindow

_log = logging.getLogger(__name__)


class Surroundings(QObject):
    """Owns the tray icon and the doorbell of a started window; lives in the GUI thread."""

    def __init__(self, window: MainWindow, *, minimised: bool = False) -> None:
        """``minimised``: the window was started out of sight, and with a tray to live in it stays there."""
        super().__init__(window)
        self._window = window
        self._minimised = minimised
        self._tray: Tray | None = None
        self._doorbell: Doorbell | None = None
        self._attention = Attention(self._is_away, self._say, self)
        window.library_model.imported.connect(self._attention.note_imported)
        window.chat_model.answered.connect(self._note_answered)
        window.side.monitor_model.sampled.connect(self._note_sample)
        window.settings_model.changed.connect(self._follow)
        window.goes_on_when_closed = self.goes_on_when_closed

    def start(self) -> None:
        """Put up what the settings ask for and the desktop has."""
        try:
            self._doorbell = Doorbell(self._window.engine.folder, self)
            self._doorbell.rung.connect(self.answer)
        except OSError as error:  # no port, or a folder that cannot be written: a second start says that it is in use
            _log.warning("a second start cannot reach this window: %s", error)
        self._follow()
        if self._minimised and self.goes_on_when_closed():
            self._window.hide()

    def close(self) -> None:
        """Take everything away."""
        self._window.goes_on_when_closed = lambda: False
        if self._doorbell is not None:
            self._doorbell.close()
        if self._tray is not None:
            self._tray.close()
            self._tray = None

    def goes_on_when_closed(self) -> bool:
        """Whether closing the window leaves the program in the tray."""
        return self._tray is not None and self._window.settings_model.settings.window.close == "tray"

    def answer(self, request: Request) -> None:
        """Do what a second start of the program asks for."""
        self._window.library_model.import_(request.paths)
        if request.raises:
            self._window.come_up()

    def _follow(self) -> None:
        wanted = self._window.settings_model.settings.window.tray
        if wanted and self._tray is None:
            self._put_up()
        elif not wanted and self._tray is not None:
            self._tray.close()
            self._tray = None
            if self._window.isHidden():  # nothing else would bring it back
                self._window.come_up()

    def _put_up(self) -> None:
        from kotaemon_desktop.qt.tray import Tray

        if not Tray.is_available():
            return
        monitor = self._window.side.monitor_model
        self._tray = Tray(self._window.windowTitle(), lambda: monitor.components, self)
        self._tray.opened.connect(self._window.come_up)
        self._tray.unload_all_asked.connect(monitor.unload_all)
        self._tray.quit_asked.connect(self._window.quit)

    def _note_answered(self, _done: object) -> None:
        exchange = self._window.chat_model.last()
        self._attention.note_answered(exchange.question if exchange else "")

    def _note_sample(self) -> None:
        self._attention.note_notices(self._window.side.monitor_model.notices)
        if self._tray is not None:
            self._tray.refresh()

    def _is_away(self) -> bool:
        elsewhere = QApplication.activeWindow() is None or self._window.isHidden()
        return elsewhere and self._tray is not None and self._window.settings_model.settings.window.notifications

    def _say(self, title: str, text: str) -> None:
        if self._tray is not None:
            self._tray.say(title, text)
