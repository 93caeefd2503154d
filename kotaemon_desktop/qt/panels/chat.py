"""The chat: the conversation with its cited answers, and the box for the next question."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QStackedWidget, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Conversation
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.exchange import Exchange
from kotaemon_desktop.qt.widgets.conversation_view import ConversationView
from kotaemon_desktop.qt.widgets.parts import tool_button
from kotaemon_desktop.qt.widgets.question_box import QuestionBox
from kotaemon_desktop.qt.widgets.welcome import Welcome

_MOST_OFFERED = 20  # conversations in the menu


class ChatPanel(QWidget):
    """Shows a ChatModel. GUI thread."""

    def __init__(self, view_model: ChatModel, box: QuestionBox | None = None, parent: QWidget | None = None) -> None:
        """``box`` is where questions are typed already, if there is one; the panel takes it in as it is."""
        super().__init__(parent)
        self._model = view_model
        self._menu = QMenu(self)
        self._conversation = ConversationView()
        self._welcome = Welcome()
        self._stack = QStackedWidget()
        self._stack.addWidget(_blank())
        self._stack.addWidget(self._welcome)
        self._stack.addWidget(self._conversation)
        self._box = box or QuestionBox()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP)
        layout.setSpacing(theme.GAP)
        layout.addLayout(self._build_heading())
        layout.addWidget(self._stack, 1)
        layout.addWidget(self._box)
        self.setFocusProxy(self._box)
        self._escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        self._escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self._escape.activated.connect(view_model.stop)
        self._escape.setEnabled(False)
        self._box.sent.connect(self._ask)
        self._box.stopped.connect(view_model.stop)
        self._box.typed.connect(view_model.prewarm)
        self._welcome.example_chosen.connect(self._box.set_text)
        self._conversation.citation_clicked.connect(view_model.activate_citation)
        self._conversation.again_clicked.connect(view_model.ask_again)
        view_model.opened.connect(self._open)
        view_model.changed.connect(self._show)
        view_model.busy_changed.connect(self._show_busy)
        view_model.listed.connect(self._offer_conversations)
        if not view_model.restoring:
            self._show_conversation(False)
        self.retranslate()

    def _build_heading(self) -> QHBoxLayout:
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._new = tool_button("new-chat", side=theme.ICON)
        self._new.setShortcut(QKeySequence(QKeySequence.StandardKey.New))
        self._new.setEnabled(False)
        self._new.clicked.connect(self._begin_anew)
        self._earlier = tool_button("chat", side=theme.ICON)
        self._earlier.clicked.connect(self._model.list_conversations)
        row = QHBoxLayout()
        row.setSpacing(theme.TIGHT)
        row.addWidget(self._title, 1)
        row.addWidget(self._earlier)
        row.addWidget(self._new)
        return row

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Chat"))
        self._title.setText(_("Ask your documents"))
        keys = self._new.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        self._new.setToolTip(_("New conversation ({keys})").format(keys=keys))
        self._new.setAccessibleName(_("New conversation"))
        self._earlier.setToolTip(_("Earlier conversations"))
        self._earlier.setAccessibleName(_("Earlier conversations"))
        self._welcome.retranslate()
        self._conversation.retranslate()
        self._box.retranslate()

    def _ask(self, question: str) -> None:
        if self._model.ask(question):
            self._box.clear()

    def _begin_anew(self) -> None:
        self._model.new_conversation()
        self._box.setFocus()

    def _offer_conversations(self, conversations: list[Conversation]) -> None:
        """Show the last conversations as a menu below its button."""
        self._menu.clear()
        for conversation in conversations[:_MOST_OFFERED]:
            title = conversation.title.replace("&", "&&")
            action = self._menu.addAction(title, partial(self._model.open_conversation, conversation.id))
            action.setCheckable(True)
            action.setChecked(conversation.id == self._model.conversation)
        if not conversations:
            self._menu.addAction(_("No conversations yet")).setEnabled(False)
        self._menu.popup(self._earlier.mapToGlobal(self._earlier.rect().bottomLeft()))

    def _open(self, exchanges: list[Exchange]) -> None:
        self._conversation.show_conversation(exchanges)
        self._show_conversation(bool(exchanges))

    def _show(self, exchange: Exchange) -> None:
        self._conversation.show_exchange(exchange)
        self._show_conversation(True)

    def _show_conversation(self, there_is_one: bool) -> None:
        self._stack.setCurrentWidget(self._conversation if there_is_one else self._welcome)
        self._new.setEnabled(there_is_one)

    def _show_busy(self, busy: bool) -> None:
        self._box.set_busy(busy)
        self._escape.setEnabled(busy)


def _blank() -> QWidget:
    """Return what is shown until the last conversation is read: the welcome would flash by before it."""
    blank = QWidget()
    blank.setAutoFillBackground(True)
    blank.setBackgroundRole(QPalette.ColorRole.Base)
    return blank
