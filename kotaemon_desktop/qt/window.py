"""The window: puts the panels side by side and connects them; everything else they do themselves.

Longer than other files because the menu, the pages and the tray ask it for each of its parts and moves by name.
"""

from __future__ import annotations

import logging
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE
from kotaemon_desktop.qt import main_menu, theme, window_state
from kotaemon_desktop.qt.columns import Columns
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.menu import Menu
from kotaemon_desktop.qt.widgets.drop_veil import DropVeil, local_paths
from kotaemon_desktop.qt.widgets.notice import Level, Notice, NoticeBar
from kotaemon_desktop.qt.widgets.parts import column, row
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from PySide6.QtGui import QAction

    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.events import Imported
    from kotaemon_desktop.qt.desk import Desk
    from kotaemon_desktop.qt.language_hint import LanguageHint
    from kotaemon_desktop.qt.pages import Pages
    from kotaemon_desktop.qt.panels.chat import ChatPanel
    from kotaemon_desktop.qt.panels.library import LibraryPanel
    from kotaemon_desktop.qt.side import Side
    from kotaemon_desktop.qt.viewmodels.answerer import Answerer
    from kotaemon_desktop.qt.viewmodels.chat import ChatModel
    from kotaemon_desktop.qt.viewmodels.library import LibraryModel
    from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
    from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel

_log = logging.getLogger(__name__)

_SIZE = (1280, 800)
TITLE = "Kotaemon Desktop"


class MainWindow(QMainWindow):
    """Owns the menu, the question box and the desk with all panels; lives in the GUI thread.

    A question can be typed as soon as it is shown; :meth:`start` brings the desk and all that takes time.

    Signals: ``closed()``: the window was closed, its state is saved.
    """

    closed = Signal()

    def __init__(self, state_file: Path, lanes: Lanes) -> None:
        super().__init__()
        self._lanes = lanes
        self._state_file = state_file
        self.setWindowTitle(TITLE)
        self._desk: Desk | None = None
        self._pages: Pages | None = None
        self._monitor_folded = True
        self._hint: LanguageHint | None = None
        self._languages_told = False
        self._source_heights: tuple[int, ...] = ()
        self._box = QuestionBox()
        self._typed_early = ""
        self.goes_on_when_closed: Callable[[], bool] = lambda: False
        self.next_workspace = ""
        self._box.sent.connect(self._keep_early)
        self.notices = NoticeBar()
        self._menu = Menu(self, self.menuBar(), main_menu.entries(self))
        self._arrange()
        self._connect()
        self._veil = DropVeil(self)
        self._veil.dropped.connect(self._import)
        self.retranslate()
        self._restore(window_state.load(self._state_file))

    def start(self, engine: Engine) -> None:
        """Bring the panels over ``engine``, load what is stored, sample, and go on with an interrupted import."""
        self._engine = engine
        if engine.folder.workspace != DEFAULT_WORKSPACE:
            self.setWindowTitle(f"{engine.folder.workspace} — {TITLE}")
        self._furnish()
        self._attend()
        self.desk.start()
        self.chat.setFocus(Qt.FocusReason.OtherFocusReason)
        if self._typed_early:
            self.chat_model.ask(self._typed_early)

    def come_up(self) -> None:
        """Come to the front, from the tray or the task bar too, ready for a question."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()
        self._box.setFocus()

    def change_workspace(self, name: str) -> None:
        """Close, for whoever runs the program to open ``name`` in a window of its own."""
        self.next_workspace = name
        self.quit()

    def quit(self) -> None:
        """Close for good, wherever the window is."""
        self.goes_on_when_closed = lambda: False
        self.close()

    @property
    def usable(self) -> bool:
        """Whether a question can be typed now."""
        return self.isVisible() and self._box.isVisible() and self._box.isEnabled()

    def show_error(self, error: Exception) -> None:
        """Say what went wrong, without getting in the way."""
        if isinstance(error, KotaemonError):
            self.notices.show_notice(Notice(partial(str, error), Level.ERROR))
            return
        _log.error("unexpected", exc_info=error)

        def words() -> str:
            return _("Something unexpected happened ({detail}). Your documents are safe.").format(detail=said(error))

        self.notices.show_notice(Notice(words, Level.ERROR))

    def retranslate(self) -> None:
        """Write all words of the window again, in the current language."""
        self.setAccessibleName(TITLE)
        self._menu.retranslate()
        for part in (self._desk or self._box, self.notices, self._pages):
            if part is not None:
                part.retranslate()

    @property
    def engine(self) -> Engine:
        """The engine; there is none before :meth:`start`."""
        return self._engine

    @property
    def lanes(self) -> Lanes:
        """The worker threads."""
        return self._lanes

    @property
    def desk(self) -> Desk:
        """The panels and their view-models; there are none before :meth:`start`."""
        assert self._desk is not None, "the window has been started"
        return self._desk

    @property
    def chat(self) -> ChatPanel:
        """The chat."""
        return self.desk.chat

    @property
    def chat_model(self) -> ChatModel:
        """What the chat shows."""
        return self.desk.chat_model

    @property
    def answerer(self) -> Answerer:
        """Who answers."""
        return self.desk.answerer

    @property
    def library(self) -> LibraryPanel:
        """The library."""
        return self.desk.library

    @property
    def library_model(self) -> LibraryModel:
        """What the library shows."""
        return self.desk.library_model

    @property
    def settings_model(self) -> SettingsModel:
        """The settings."""
        return self.desk.settings_model

    @property
    def side(self) -> Side:
        """The right side."""
        return self.desk.side

    @cached_property
    def updates_model(self) -> UpdatesModel:
        """Whether there is a newer version: the one for all who say it, imported when somebody asks."""
        from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel

        return UpdatesModel(self._lanes, self._engine.updates, self)

    def chat_if_there(self) -> ChatPanel | None:
        """Return the chat, or None before :meth:`start`."""
        return self._desk.chat if self._desk else None

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._columns = Columns()
        self._columns.center.addStretch(1)
        self._columns.center.addWidget(self._box)
        middle = QWidget()
        rows = column(0)
        middle.setLayout(rows)
        above = row(margins=(theme.GAP, theme.GAP, theme.GAP, 0))
        above.addWidget(self.notices)
        rows.addLayout(above)  # takes no room while nothing is to be said
        rows.addWidget(self._columns, 1)
        self.setCentralWidget(middle)

    def _furnish(self) -> None:
        """Bring the desk, and give its panels their places."""
        from kotaemon_desktop.qt.desk import Desk

        desk = self._desk = Desk(self._engine, self._lanes, self._box, self)
        self._columns.center.takeAt(0)  # the empty space above the question box
        self._columns.center.addWidget(desk.chat)
        self._columns.left.addWidget(desk.library)
        self._columns.right.addWidget(desk.side)
        desk.failed.connect(self.show_error)
        self._box.sent.disconnect(self._keep_early)
        desk.chat.details_wanted.connect(self._show_details)
        desk.chat.models_wanted.connect(partial(self.page, "models"))
        desk.library.report_asked.connect(self._show_report)
        desk.library_model.imported.connect(self._tell_imported)
        desk.side.monitor.folded.connect(partial(self._menu.check, "fold monitor"))
        desk.side.sources.set_heights(self._source_heights)
        desk.side.monitor.fold(self._monitor_folded)

    def _attend(self) -> None:
        """Bring those who watch the desk and say what a person should know."""
        from kotaemon_desktop.qt.candidate_notice import CandidateNotice
        from kotaemon_desktop.qt.first_run import FirstRun
        from kotaemon_desktop.qt.language_hint import LanguageHint
        from kotaemon_desktop.qt.settings_follower import SettingsFollower

        SettingsFollower(self, self._menu, partial(self.page, "settings")).start()
        CandidateNotice(self)
        self._hint = LanguageHint(self, told=self._languages_told)
        FirstRun(self)

    def _keep_early(self, question: str) -> None:
        """Keep a question that was sent before there is anybody to answer it."""
        self._typed_early = question
        self._box.clear()

    def _connect(self) -> None:
        self._lanes.failed.connect(self.show_error)

    def _restore(self, state: window_state.WindowState) -> None:
        self._languages_told = state.languages_told
        if not (state.geometry and self.restoreGeometry(QByteArray.fromBase64(state.geometry.encode()))):
            self.resize(*_SIZE)
        self._columns.restore(state.columns)
        self.fold_library(state.library_folded)
        self.fold_monitor(state.monitor_folded)
        self._source_heights = state.sources

    def _state(self) -> window_state.WindowState:
        return window_state.WindowState(
            geometry=bytes(self.saveGeometry().toBase64().data()).decode(),
            columns=tuple(self._columns.sizes()),
            library_folded=self._columns.library_folded,
            languages_told=self._hint.told if self._hint else self._languages_told,
            monitor_folded=self.side.monitor.is_folded if self._desk else self._monitor_folded,
            sources=self.side.sources.heights if self._desk else self._source_heights,
        )

    # --- what a person does ----------------------------------------------------------------------------------------

    def fold_library(self, folded: bool) -> None:
        """Fold the library away, or show it again."""
        self._columns.fold_library(folded)
        self._menu.check("fold library", folded)

    def fold_monitor(self, folded: bool) -> None:
        """Fold the monitor to one line, or open it."""
        self._monitor_folded = folded
        self._menu.check("fold monitor", folded)
        if self._desk is not None:
            self.side.monitor.fold(folded)

    def page(self, name: str) -> QDialog:
        """Bring the page ``name`` beside the window to the front and return it, see ``pages``."""
        if self._pages is None:
            from kotaemon_desktop.qt.pages import Pages

            self._pages = Pages(self)
        return self._pages.show(name)

    def _show_report(self, document_id: int) -> None:
        from kotaemon_desktop.qt.panels.report import ReportDialog

        page = self.page("report")
        if isinstance(page, ReportDialog):
            page.follow(document_id)

    def _show_details(self, turn_id: int) -> None:
        from kotaemon_desktop.qt.panels.details import DetailsDialog

        page = self.page("details")
        if isinstance(page, DetailsDialog):
            page.show_turn(turn_id)

    def add_files(self) -> None:
        """Let files be chosen for the library."""
        self.library.choose_files()

    def add_folder(self) -> None:
        """Let a folder be chosen for the library."""
        self.library.choose_folder()

    def _import(self, paths: list[Path]) -> None:
        if paths and self._desk is not None:
            self.library_model.import_(paths)

    def focus_question(self) -> None:
        """Go to the question box."""
        self._box.setFocus()

    def focus_filter(self) -> None:
        """Go to the filter of the library, or to the search of the document that is being read."""
        focus = self.focusWidget()
        if self._desk is not None and focus is not None and self.side.sources.isAncestorOf(focus):
            self.search_in_document()  # who reads a document searches in it
            return
        self.fold_library(False)
        self.library.focus_filter()

    def search_in_document(self) -> None:
        """Search in the document that is shown."""
        if self._desk is not None:
            self.side.sources.preview.search()

    def step_mark(self, places: int) -> None:
        """Go on, or back, to another mark in the document that is shown."""
        if self._desk is not None:
            self.side.sources.preview.step(places)

    def change_appearance(self, name: str, value: str) -> None:
        """Change the theme or the language, for later starts too."""
        self.settings_model.change("appearance", name, value)

    def answer_with(self, pipeline: str) -> None:
        """Answer with ``pipeline`` from the next question on; empty: by rule."""
        self.settings_model.change("pipelines", "use", pipeline)

    def action(self, name: str) -> QAction | None:
        """Return the action ``name`` of the menu, if there is one."""
        return self._menu.actions.get(name)

    def show_data_folder(self) -> None:
        """Open the folder that holds everything in the desktop's own program."""
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._engine.folder.root)))

    def _tell_imported(self, imported: Imported) -> None:
        failed, skipped = len(imported.failed), imported.skipped
        if failed:
            one = N_("{n} file could not be read; its line in the library says why. Everything else is stored.")
            many = N_("{n} files could not be read; their lines in the library say why. Everything else is stored.")
            self.notices.show_notice(Notice(lambda: count(failed, one, many), Level.WARNING))
        elif left_out := sum(number for _ending, number in imported.left_out):
            told = N_("Files of kinds that are not read were left out: {n} ({kinds}).")
            kinds = imported.kinds_left_out
            self.notices.show_notice(Notice(lambda: _(told).format(n=f"{left_out:,}", kinds=kinds)))
        elif skipped:
            one = N_("{n} file was in the library already.")
            many = N_("{n} files were in the library already.")
            self.notices.show_notice(Notice(lambda: count(skipped, one, many)))

    # --- as Qt tells it --------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Import files that are pasted: they were copied in the system's file manager."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._import(local_paths(QGuiApplication.clipboard().mimeData()))
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Save how the window was left; who runs the program ends the rest, or lets it go on in the tray."""
        window_state.save(self._state_file, self._state())
        if self.goes_on_when_closed():
            event.ignore()
            self.hide()
            return
        if self._desk is not None:
            self._desk.close()
        event.accept()
        self.closed.emit()
