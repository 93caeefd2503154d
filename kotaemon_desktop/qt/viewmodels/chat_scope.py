"""Which documents the open conversation asks; the conversation remembers it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


class ChatScope(QObject):
    """Owns the scope of the next question. GUI thread; reads and writes in the answering lane, in turn with the chat.

    Signals: ``changed(Scope)``: other documents are asked from now on.
    """

    changed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.current = ALL
        self._engine = engine
        self._lanes = lanes
        self._conversation: int | None = None

    def choose(self, scope: Scope) -> None:
        """Ask these documents from now on."""
        if scope == self.current:
            return
        self._show(scope)
        if self._conversation is not None:
            store = partial(self._engine.history.set_scope, self._conversation, scope)
            self._lanes.call("answering", store, on_result=lambda _nothing: None)

    def begun(self, conversation_id: int) -> None:
        """Remember that a conversation was begun, and stored with the scope of now."""
        self._conversation = conversation_id

    def follow(self, conversation_id: int | None) -> None:
        """Take the scope of a stored conversation, or of a new one, which asks all documents."""
        self._conversation = conversation_id
        if conversation_id is None:
            self._show(ALL)
        else:
            self._read()

    def refresh(self) -> None:
        """Read the scope again: a collection may have another name now."""
        if self._conversation is not None and self.current.collections:
            self._read()

    def _read(self) -> None:
        conversation_id = self._conversation
        assert conversation_id is not None, "a conversation is open"

        def take(scope: Scope) -> None:
            if conversation_id == self._conversation:
                self._show(scope)

        self._lanes.call("answering", partial(self._engine.history.scope, conversation_id), on_result=take)

    def _show(self, scope: Scope) -> None:
        if scope != self.current:
            self.current = scope
            self.changed.emit(scope)
