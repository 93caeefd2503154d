"""The windows beside the main one: each is built when it is first asked for, for few people open them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from kotaemon_desktop.qt.window import MainWindow


class Page(Protocol):
    """A window beside the main one."""

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        ...


class Pages:
    """Owns the built pages of one window; GUI thread."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._built: dict[str, QDialog] = {}

    def show(self, name: str) -> QDialog:
        """Bring the page ``name`` to the front and return it."""
        if name not in self._built:
            self._built[name] = _BUILDERS[name](self._window)
        page = self._built[name]
        page.show()
        page.raise_()
        page.activateWindow()
        return page

    def retranslate(self) -> None:
        """Write all words of the built pages again."""
        for page in self._built.values():
            cast("Page", page).retranslate()


def _about(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.about import AboutDialog
    from kotaemon_desktop.qt.viewmodels.about import AboutModel

    network = window.side.monitor_model.network
    return AboutDialog(AboutModel(window.lanes, network, window.updates_model, window), window)


def _canary(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.canary import CanaryDialog
    from kotaemon_desktop.qt.viewmodels.canary import CanaryModel

    model = CanaryModel(window.engine, window.lanes, window)
    model.decided.connect(window.settings_model.follow)
    model.decided.connect(window.answerer.look)
    page = CanaryDialog(model, window)
    window.chat_model.answered.connect(lambda _done: page.follow())
    window.chat_model.ratings.kept.connect(page.follow)
    return page


def _details(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.details import DetailsDialog
    from kotaemon_desktop.qt.viewmodels.details import DetailsModel

    return DetailsDialog(DetailsModel(window.engine, window.lanes, window), window)


def _models(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.models import ModelsDialog
    from kotaemon_desktop.qt.viewmodels.models import ModelsModel

    model = ModelsModel(window.engine, window.lanes, window)
    model.chosen.connect(lambda _task: window.settings_model.follow())
    model.changed.connect(window.answerer.look)
    return ModelsDialog(model, window)


def _report(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.report import ReportDialog
    from kotaemon_desktop.qt.viewmodels.report import ReportModel

    return ReportDialog(ReportModel(window.engine, window.lanes, window.library_model, window), window)


def _settings(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.settings import SettingsDialog

    return SettingsDialog(window.settings_model, window)


def _shortcuts(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.shortcuts import ShortcutsDialog

    return ShortcutsDialog(window)


def _usage(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.usage import UsageDialog
    from kotaemon_desktop.qt.viewmodels.usage import UsageModel

    return UsageDialog(UsageModel(window.engine, window.lanes, window), window)


def _workspaces(window: MainWindow) -> QDialog:
    from kotaemon_desktop.qt.panels.workspaces import WorkspacesDialog
    from kotaemon_desktop.qt.viewmodels.workspaces import WorkspacesModel

    page = WorkspacesDialog(WorkspacesModel(window.engine, window.lanes, window), window)
    page.open_wanted.connect(window.change_workspace)
    return page


_BUILDERS: dict[str, Callable[[MainWindow], QDialog]] = {
    "about": _about,
    "canary": _canary,
    "details": _details,
    "models": _models,
    "report": _report,
    "settings": _settings,
    "shortcuts": _shortcuts,
    "usage": _usage,
    "workspaces": _workspaces,
}
