"""The icon in the system tray: what is in memory, unload it, come back, quit; and messages of the desktop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.residency_words import status_name, status_words

_MESSAGE_MS = 8000


class Tray(QObject):
    """Owns the icon and its menu; GUI thread. Signals: ``opened()``, ``unload_all_asked()``, ``quit_asked()``."""

    opened = Signal()
    unload_all_asked = Signal()
    quit_asked = Signal()

    def __init__(
        self, title: str, components: Callable[[], Sequence[ComponentStatus]], parent: QObject | None = None
    ) -> None:
        """``components`` gives all components, in memory or not."""
        super().__init__(parent)
        self._title = title
        self._components = components
        self._menu = QMenu()
        self._menu.aboutToShow.connect(self._fill)
        self._icon = QSystemTrayIcon(theme.icon("chat", "accent"), self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activate)
        self._icon.messageClicked.connect(self.opened.emit)
        self._fill()
        self._icon.show()

    @staticmethod
    def is_available() -> bool:
        """Tell whether this desktop has a tray."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def say(self, title: str, text: str) -> None:
        """Show a message of the desktop; a click on it opens the window."""
        self._icon.showMessage(title, text, theme.icon("chat", "accent"), _MESSAGE_MS)

    def refresh(self) -> None:
        """Write tip and menu anew: many desktops show them without asking first."""
        held = sum(each.bytes for each in self._resident())
        words = _("{size} in memory").format(size=size(held)) if held else _("Nothing in memory")
        if (tip := f"{self._title}\n{words}") != self._icon.toolTip():
            self._icon.setToolTip(tip)
            self._fill()

    def close(self) -> None:
        """Take the icon away."""
        self._icon.hide()
        self._menu.deleteLater()
        self.deleteLater()

    def _resident(self) -> list[ComponentStatus]:
        return [each for each in self._components() if each.state is not ComponentState.ABSENT and each.bytes]

    def _fill(self) -> None:
        self._menu.clear()
        self._add(N_("Open the window"), self.opened.emit)
        self._menu.addSeparator()
        resident = self._resident()
        for each in resident:
            self._menu.addAction(f"{status_name(each)}: {status_words(each)}").setEnabled(False)
        if not resident:
            self._menu.addAction(_("Nothing in memory")).setEnabled(False)
        self._add(N_("Unload all"), self.unload_all_asked.emit).setEnabled(bool(resident))
        self._menu.addSeparator()
        self._add(N_("Quit"), self.quit_asked.emit)

    def _add(self, words: str, do: Callable[[], None]) -> QAction:
        action = self._menu.addAction(_(words))
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.opened.emit()
