"""The window: puts the panels side by side and connects them; everything else they do themselves."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, Qt, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices
from PySide6.QtWidgets import QDialog, QMainWindow, QWidget

from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE
from kotaemon_desktop.qt import main_menu, theme, window_state
from kotaemon_desktop.qt.columns import Columns
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.menu import Menu
from kotaemon_desktop.qt.numbers import count
from kotaemon_desktop.qt.widgets.drop_veil import DropVeil
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
    from kotaemon_desktop.core.scope import Scope
    from kotaemon_desktop.qt.language_hint import LanguageHint
    from kotaemon_desktop.qt.pages import Pages
    from kotaemon_desktop.qt.panels.chat import ChatPanel
    from kotaemon_desktop.qt.panels.library import LibraryPanel
    from kotaemon_desktop.qt.side import Side

_log = logging.getLogger(__name__)

_SIZE = (1280, 800)
TITLE = "Kotaemon Desktop"


class MainWindow(QMainWindow):
    """Owns the panels, their view-models and the menu; lives in the GUI thread.

    A question can be typed as soon as it is shown; :meth:`start` brings the panels beside the chat
    and all that takes time.

    Signals: ``closed()``: the window was closed, its state is saved.
    """

    closed = Signal()

    def __init__(self, state_file: Path, lanes: Lanes) -> None:
        super().__init__()
        self._lanes = lanes
        self._state_file = state_file
        self.setWindowTitle(TITLE)
        self._library: LibraryPanel | None = None
        self._chat: ChatPanel | None = None
        self._side: Side | None = None
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
        self._follow_settings()
        self._build_chat()
        self._build_library()
        side = self._build_side()
        side.monitor_model.start()
        self._begin_first_run()
        self.library_model.start()
        self.chat.setFocus(Qt.FocusReason.OtherFocusReason)

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
        for part in (self._library, self._chat or self._box, self.notices, self._side, self._pages):
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
    def side(self) -> Side:
        """The right side; there is none before :meth:`start`."""
        assert self._side is not None, "the window has been started"
        return self._side

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

    @property
    def library(self) -> LibraryPanel:
        """The library; there is none before :meth:`start`."""
        assert self._library is not None, "the window has been started"
        return self._library

    @property
    def chat(self) -> ChatPanel:
        """The chat; there is none before :meth:`start`."""
        assert self._chat is not None, "the window has been started"
        return self._chat

    def chat_if_there(self) -> ChatPanel | None:
        """Return the chat, or None before :meth:`start`."""
        return self._chat

    def _build_chat(self) -> None:
        from kotaemon_desktop.qt.panels.chat import ChatPanel
        from kotaemon_desktop.qt.viewmodels.answerer import Answerer
        from kotaemon_desktop.qt.viewmodels.chat import ChatModel
        from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel

        self.chat_model = ChatModel(self._engine, self._lanes, self)
        conversations = ConversationsModel(self._engine, self._lanes, self)
        conversations.failed.connect(self.show_error)
        self._box.sent.disconnect(self._keep_early)
        self._chat = ChatPanel(self.chat_model, conversations, self._box)
        self._chat.details_wanted.connect(self._show_details)
        self.answerer = Answerer(self._engine, self._lanes, self)
        self.answerer.changed.connect(self._chat.show_answerer)
        self._chat.models_wanted.connect(partial(self.page, "models"))
        self.settings_model.changed.connect(self.answerer.look)
        self.answerer.look()
        self._watch_candidate()
        self._columns.center.takeAt(0)  # the empty space above the question box
        self._columns.center.addWidget(self._chat)
        if self._typed_early:
            self.chat_model.ask(self._typed_early)

    def _watch_candidate(self) -> None:
        from kotaemon_desktop.qt.candidate_notice import CandidateNotice

        CandidateNotice(self)

    def _keep_early(self, question: str) -> None:
        """Keep a question that was sent before there is anybody to answer it."""
        self._typed_early = question
        self._box.clear()

    def _build_library(self) -> None:
        from kotaemon_desktop.qt.language_hint import LanguageHint
        from kotaemon_desktop.qt.panels.library import LibraryPanel
        from kotaemon_desktop.qt.viewmodels.library import LibraryModel

        self.library_model = LibraryModel(self._engine, self._lanes, self)
        self._library = LibraryPanel(self.library_model)
        self._columns.left.addWidget(self._library)
        self.library_model.imported.connect(self._tell_imported)
        places = self.library_model.places
        places.changed.connect(lambda: self.chat.offer_collections([each.name for each in places.collections]))
        self._library.scope_asked.connect(self._ask_within)
        self.settings_model.embedder_changed.connect(self.library_model.resume)
        self._hint = LanguageHint(self, told=self._languages_told)
        self.library_model.failed.connect(self.show_error)

    def _follow_settings(self) -> None:
        from kotaemon_desktop.qt.settings_follower import SettingsFollower
        from kotaemon_desktop.qt.viewmodels.settings import SettingsModel

        self.settings_model = SettingsModel(self._engine, self._lanes, self)
        SettingsFollower(self, self._menu, partial(self.page, "settings")).start()

    def _begin_first_run(self) -> None:
        from kotaemon_desktop.qt.first_run import FirstRun

        FirstRun(self)

    def _build_side(self) -> Side:
        from kotaemon_desktop.qt.side import Side

        side = self._side = Side(self._engine, self._lanes)
        self._columns.right.addWidget(side)
        self.chat_model.found.connect(side.sources_model.show_hits)
        self.chat_model.cited.connect(side.sources_model.show_citations)
        self.chat_model.citation_activated.connect(side.sources_model.show_citation)
        self.chat_model.answered.connect(side.monitor_model.note_answer)
        self.library.document_activated.connect(side.sources_model.show_document)
        self.library.report_asked.connect(self._show_report)
        side.monitor_model.sampled.connect(self.settings_model.follow)
        side.monitor.folded.connect(partial(self._menu.check, "fold monitor"))
        side.sources_model.failed.connect(self.show_error)
        side.monitor_model.failed.connect(self.show_error)
        side.sources.quoted.connect(self._box.add_text)
        side.sources.set_heights(self._source_heights)
        side.monitor.fold(self._monitor_folded)
        self._watch_sleep(side)
        return side

    def _watch_sleep(self, side: Side) -> None:
        """Let the chat say whether its conversation sleeps, as often as the monitor looks."""
        from kotaemon_desktop.qt.viewmodels.sleep import SleepModel

        sleep = SleepModel(self._engine, self._lanes, lambda: self.chat_model.conversation, self)
        sleep.changed.connect(self.chat.show_sleep)
        for moment in (side.monitor_model.sampled, side.monitor_model.components_changed):
            moment.connect(lambda: sleep.look(side.monitor_model.components))

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
            monitor_folded=self._side.monitor.is_folded if self._side else self._monitor_folded,
            sources=self._side.sources.heights if self._side else self._source_heights,
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
        if self._side is not None:
            self._side.monitor.fold(folded)

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
        self.library_model.import_(paths)

    def focus_question(self) -> None:
        """Go to the question box."""
        self._box.setFocus()

    def focus_filter(self) -> None:
        """Go to the filter of the library, or to the search of the document that is being read."""
        focus = self.focusWidget()
        if self._side is not None and focus is not None and self._side.sources.isAncestorOf(focus):
            self.search_in_document()  # who reads a document searches in it
            return
        self.fold_library(False)
        self.library.focus_filter()

    def search_in_document(self) -> None:
        """Search in the document that is shown."""
        if self._side is not None:
            self._side.sources.preview.search()

    def step_mark(self, places: int) -> None:
        """Go on, or back, to another mark in the document that is shown."""
        if self._side is not None:
            self._side.sources.preview.step(places)

    def _ask_within(self, scope: Scope) -> None:
        self.chat_model.scope.choose(scope)
        self._box.setFocus()

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
        elif skipped:
            one = N_("{n} file was in the library already.")
            many = N_("{n} files were in the library already.")
            self.notices.show_notice(Notice(lambda: count(skipped, one, many)))

    # --- as Qt tells it --------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Save how the window was left; who runs the program ends the rest, or lets it go on in the tray."""
        window_state.save(self._state_file, self._state())
        if self.goes_on_when_closed():
            event.ignore()
            self.hide()
            return
        if self._side is not None:
            self._side.monitor_model.close()
            self.library_model.close()
        event.accept()
        self.closed.emit()
