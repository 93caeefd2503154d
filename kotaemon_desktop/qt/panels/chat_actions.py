"""What can be done with the open conversation and its last answer, by the menu and its keys."""

from __future__ import annotations

from kotaemon_desktop.core.records import Conversation
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel
from kotaemon_desktop.qt.widgets.conversation_view import ConversationView
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView


class ChatActions:
    """Does with the open conversation what is asked for; without one it does nothing. GUI thread."""

    def __init__(self, model: ChatModel, conversations: ConversationsModel, view: ConversationView) -> None:
        self._model = model
        self._conversations = conversations
        self._view = view

    def pin(self) -> None:
        """Keep the conversation at the top of the list, or no longer."""
        if (conversation := self._current) is not None:
            self._conversations.pin(conversation.id, not conversation.pinned)

    def export(self) -> None:
        """Ask where to, and export the conversation."""
        if (conversation := self._current) is not None:
            from kotaemon_desktop.qt.widgets.conversations_page import choose_export

            choose_export(self._view, self._conversations, conversation)

    def import_(self) -> None:
        """Ask for a file, and open the conversation that it holds."""
        from kotaemon_desktop.qt.widgets.conversations_page import choose_import

        choose_import(self._view, self._conversations)

    def delete(self) -> None:
        """Delete the conversation; it can be undone."""
        if (conversation := self._current) is not None:
            self._conversations.remove(conversation.id)

    def ask_again(self) -> None:
        """Ask the last question once more."""
        if (last := self._model.last()) is not None:
            self._model.ask_again(last.number)

    def edit_last(self) -> None:
        """Let the last question be changed."""
        if (view := self._last_view()) is not None:
            view.edit()

    def copy_last(self) -> None:
        """Copy the last answer with its sources."""
        if (view := self._last_view()) is not None and view.exchange.answer:
            view.copy()

    def rate_last(self, thumb: int) -> None:
        """Say what one thinks of the last answer: 1 or -1."""
        if (last := self._model.last()) is not None and not last.running:
            self._model.rate(last.number, thumb)

    @property
    def _current(self) -> Conversation | None:
        return self._conversations.conversation(self._model.conversation)

    def _last_view(self) -> ExchangeView | None:
        last = self._model.last()
        return self._view.view(last.number) if last is not None else None
