"""Lets the window look as the settings say, whoever changed them, and says what is wrong with their file."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.language import follow_language
from kotaemon_desktop.qt.widgets.notice import Level, Notice

if TYPE_CHECKING:
    from kotaemon_desktop.qt.menu import Menu
    from kotaemon_desktop.qt.window import MainWindow


class SettingsFollower(QObject):
    """Owns the notice about the file; lives in the GUI thread. Follows the system's light and dark too."""

    def __init__(self, window: MainWindow, menu: Menu, show_page: Callable[[], object]) -> None:
        """``show_page`` brings up the settings page."""
        super().__init__(window)
        self._show_page = show_page
        self._window = window
        self._menu = menu
        self._notice: Notice | None = None

    def start(self) -> None:
        """Show how things are, and follow them from now on."""
        model = self._window.settings_model
        model.appearance_changed.connect(self._change_appearance)
        model.problem_changed.connect(self._tell_problem)
        model.failed.connect(self._tell_failure)
        model.changed.connect(self._show_choices)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.styleHints().colorSchemeChanged.connect(self.dress)
        self._show_choices()
        model.follow()

    def dress(self, _scheme: object = None) -> None:
        """Put on the theme of the settings, or of the system where they say so."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, self._window.settings_model.settings.appearance.theme)
            follow_language(app)

    def _change_appearance(self) -> None:
        self._show_choices()
        self._window.retranslate()  # before the dress: the settings page lets go of its lines, and makes fresh ones
        self.dress()

    def _show_choices(self) -> None:
        settings = self._window.settings_model.settings
        appearance = settings.appearance
        self._menu.choose("pipeline", settings.pipelines.use)
        self._menu.choose("theme", appearance.theme)
        self._menu.choose("language", appearance.language)

    def _tell_problem(self) -> None:
        self._window.notices.withdraw(self._notice)
        problem = self._window.settings_model.problem
        if problem is not None:
            self._notice = Notice(partial(str, problem), Level.WARNING, lambda: _("Settings…"), self._show_page)
            self._window.notices.show_notice(self._notice)

    def _tell_failure(self, _key: str, error: Exception) -> None:
        if self._window.isActiveWindow():  # the page tells it where it happened
            self._window.show_error(error)
