"""The chat: the conversation with its cited answers, and the box for the next question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Conversation, Sleep
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.panels.chat_actions import ChatActions
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel, Entry
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.widgets.chat_heading import ChatHeading
from kotaemon_desktop.qt.widgets.conversation_view import ConversationView
from kotaemon_desktop.qt.widgets.follow_ups import FollowUps
from kotaemon_desktop.qt.widgets.model_chip import ModelChip
from kotaemon_desktop.qt.widgets.notice import Notice, NoticeBar
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.widgets.scope_chip import ScopeChip
from kotaemon_desktop.qt.widgets.welcome import Welcome

if TYPE_CHECKING:
    from kotaemon_desktop.core.records import ToolCall
    from kotaemon_desktop.qt.widgets.consent_bar import ConsentBar
    from kotaemon_desktop.qt.widgets.conversations_page import ConversationsPage


class ChatPanel(QWidget):
    """Shows a ChatModel, or in its place the list of a ConversationsModel. GUI thread.

    ``welcome`` is what an empty conversation shows, ``doing`` what can be done with the open one.

    Signals: ``details_wanted(int)``: somebody wants to know how the answer of this turn came about.
    ``models_wanted()``: somebody wants to choose who answers.
    """

    details_wanted = Signal(int)
    models_wanted = Signal()

    def __init__(
        self,
        view_model: ChatModel,
        conversations: ConversationsModel,
        box: QuestionBox | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """``box`` is where questions are typed already, if there is one; the panel takes it in as it is."""
        super().__init__(parent)
        self._model = view_model
        self._conversations = conversations
        self._heading = ChatHeading()
        self._conversation = ConversationView()
        self.doing = ChatActions(view_model, conversations, self._conversation)
        self.welcome = Welcome()
        self._page: ConversationsPage | None = None
        self._stack = QStackedWidget()
        self._stack.addWidget(_blank())
        self._stack.addWidget(self.welcome)
        self._stack.addWidget(self._conversation)
        self._notices = NoticeBar()
        self._follow_ups = FollowUps()
        self._box = box or QuestionBox()
        self._scope = ScopeChip()
        self._box.add_tool(self._scope)
        self._chip = ModelChip()
        self._box.add_tool(self._chip)
        self._consent: ConsentBar | None = None
        self._column = layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP)
        layout.setSpacing(theme.GAP)
        layout.addWidget(self._heading)
        layout.addWidget(self._stack, 1)
        for below in (self._notices, self._follow_ups, self._box):
            layout.addWidget(below)
        self.setFocusProxy(self._box)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(view_model.stop)
        self._escape.setEnabled(False)
        self._connect()
        if not view_model.restoring:
            self._show_chat()
        self.retranslate()

    def _connect(self) -> None:
        model, view, conversations = self._model, self._conversation, self._conversations
        self._heading.new_wanted.connect(self.begin_anew)
        self._heading.list_wanted.connect(self.show_conversations)
        self._heading.renamed.connect(self._rename)
        self._box.sent.connect(self._ask)
        self._box.stopped.connect(model.stop)
        self._chip.clicked.connect(self.models_wanted)
        self._box.typed.connect(model.prewarm)
        self.welcome.example_chosen.connect(self._box.set_text)
        self._follow_ups.chosen.connect(model.ask_about)
        view.citation_clicked.connect(model.sources.activate_citation)
        view.again_clicked.connect(model.ask_again)
        view.all_clicked.connect(model.ask_all)
        self._scope.chosen.connect(model.scope.choose)
        model.scope.changed.connect(self._scope.show_scope)
        view.changed.connect(lambda number, question: model.ask(question, instead_of=number))
        view.version_wanted.connect(model.show_version)
        view.sources_wanted.connect(model.sources.recall)
        view.rated.connect(model.rate)
        view.details_wanted.connect(self._want_details)
        model.opened.connect(self._open)
        model.changed.connect(self._show)
        model.cut.connect(view.cut)
        model.busy_changed.connect(self._show_busy)
        conversations.listed.connect(self._show_title)
        conversations.removed.connect(self._offer_undo)
        conversations.imported.connect(model.open_conversation)
        conversations.exported.connect(self._tell_exported)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Chat"))
        parts = (
            self._heading,
            self.welcome,
            self._conversation,
            self._notices,
            self._follow_ups,
            self._box,
            self._scope,
            self._chip,
        )
        for part in (*parts, self._page, self._consent):
            if part is not None:
                part.retranslate()

    def show_sleep(self, sleep: Sleep | None) -> None:
        """Say whether the open conversation sleeps, and what its next question waits for."""
        self._heading.show_sleep(sleep)

    def offer_collections(self, names: Sequence[str]) -> None:
        """Let these collections be chosen to be asked."""
        self._scope.offer(names)
        self._model.scope.refresh()

    def show_answerer(self, model: str, pipeline: str) -> None:
        """Say which language model answers (empty: the documents are quoted) and by which pipeline, if one is set."""
        self._chip.show_answerer(model, pipeline)

    # --- what the menu may ask -------------------------------------------------------------------------------------

    def begin_anew(self) -> None:
        """Leave the conversation for a new one."""
        self._model.new_conversation()
        self._box.setFocus()

    def show_conversations(self, shown: bool = True) -> None:
        """Show the list of conversations in place of the chat, or the chat again."""
        if not shown:
            self._show_chat()
            self._box.setFocus()
            return
        if self._page is None:
            from kotaemon_desktop.qt.widgets.conversations_page import ConversationsPage

            self._page = ConversationsPage(self._conversations)
            self._page.chosen.connect(self._open_chosen)
            self._page.left.connect(lambda: self.show_conversations(False))
            self._stack.addWidget(self._page)
        self._follow_ups.hide()
        self._stack.setCurrentWidget(self._page)
        self._heading.show_state(there_is_one=True, listing=True)
        self._page.open(self._model.conversation)

    def toggle_conversations(self) -> None:
        """Show the list of conversations, or the chat again."""
        self.show_conversations(not self._listing)

    def rename(self) -> None:
        """Let the title be changed: of the chosen row, or of the open conversation."""
        if self._page is not None and self._listing:
            self._page.rename()
        else:
            self._heading.rename()

    def show_details(self) -> None:
        """Show how the last answer came about."""
        if (last := self._model.last()) is not None:
            self._want_details(last.number)

    # --- how it is done --------------------------------------------------------------------------------------------

    @property
    def _listing(self) -> bool:
        return self._page is not None and self._stack.currentWidget() is self._page

    @property
    def _current(self) -> Conversation | None:
        return self._conversations.conversation(self._model.conversation)

    def _ask(self, question: str) -> None:
        if self._model.ask(question):
            self._box.clear()

    def _rename(self, title: str) -> None:
        if self._model.conversation is not None:
            self._conversations.rename(self._model.conversation, title)

    def _want_details(self, number: int) -> None:
        exchange = self._model.exchange(number)
        if exchange is not None and exchange.turn_id is not None:
            self.details_wanted.emit(exchange.turn_id)

    def _open_chosen(self, conversation_id: int, turn_id: int | None) -> None:
        if conversation_id == self._model.conversation and turn_id is None:
            self._show_chat()
        else:
            self._model.open_conversation(conversation_id, turn_id)
        self._box.setFocus()

    def _open(self, exchanges: list[Exchange], at: int | None) -> None:
        self._conversation.show_conversation(exchanges, at)
        self._show_chat()
        self._conversations.refresh()

    def _show(self, exchange: Exchange) -> None:
        is_new = self._conversation.view(exchange.number) is None
        self._conversation.show_exchange(exchange)
        self._ask_consent(self._model.asking)
        if is_new or self._stack.currentWidget() is not self._conversation:
            self._show_chat()
        elif not exchange.running:
            self._offer_follow_ups()

    def _ask_consent(self, call: ToolCall | None) -> None:
        if call is not None and self._consent is None:
            from kotaemon_desktop.qt.widgets.consent_bar import ConsentBar

            self._consent = ConsentBar()
            self._consent.answered.connect(self._model.consent)
            self._column.insertWidget(self._column.indexOf(self._box), self._consent)
        if self._consent is not None:
            self._consent.show_call(call)

    def _show_chat(self) -> None:
        there_is_one = self._model.last() is not None
        self._stack.setCurrentWidget(self._conversation if there_is_one else self.welcome)
        self._heading.show_state(there_is_one=there_is_one, listing=False)
        self._offer_follow_ups()

    def _show_title(self, _entries: list[Entry]) -> None:
        current = self._current
        self._heading.show_title(current.title if current is not None else "")

    def _show_busy(self, busy: bool) -> None:
        self._box.set_busy(busy)
        self._escape.setEnabled(busy)
        if not busy:
            self._conversations.refresh()

    def _offer_follow_ups(self) -> None:
        """Offer what stands beside the last answer, while the next question can be asked."""
        self._follow_ups.show_topics(() if self._listing else self._model.topics())

    def _offer_undo(self, conversation: Conversation) -> None:
        was_open = conversation.id == self._model.conversation
        if was_open:
            listing = self._listing
            self._model.new_conversation()
            if listing:
                self.show_conversations()

        def undo() -> None:
            self._conversations.restore(conversation.id)
            if was_open:
                self._model.open_conversation(conversation.id)

        self._notices.clear()
        self._notices.show_notice(
            Notice(lambda: _("Deleted “{title}”").format(title=conversation.title), action=lambda: _("Undo"), do=undo)
        )

    def _tell_exported(self, file: Path) -> None:
        self._notices.show_notice(
            Notice(
                lambda: _("Exported to {file}").format(file=file.name),
                action=lambda: _("Show in folder"),
                do=partial(_show_folder, file),
            )
        )


def _show_folder(file: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(file.parent)))


def _blank() -> QWidget:
    """Return what is shown until the last conversation is read: the welcome would flash by before it."""
    blank = QWidget()
    blank.setAutoFillBackground(True)
    blank.setBackgroundRole(QPalette.ColorRole.Base)
    return blank
