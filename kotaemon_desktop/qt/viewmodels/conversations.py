"""The stored conversations: listing, searching, and what can be done with each."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Conversation, Mention
from kotaemon_desktop.qt.viewmodels.snippet import Snippet, snippet
from kotaemon_desktop.qt.workers import Job, Lanes

_MOST_FOUND = 100
_MARKS = re.compile(r"\s?\[\d{1,3}\]|[*`#>|]+|^\s*[-+]\s", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the list: a conversation, or a place in one where the searched words were said."""

    conversation_id: int
    title: str  # of the conversation, or the question that is meant
    at: float  # of the last question, or of the one that is meant; wall clock, seconds
    pinned: bool = False
    turn_id: int | None = None
    snippet: Snippet | None = None


class ConversationsModel(QObject):
    """Owns the list and its search text. GUI thread; the history is read and written in the browsing lane.

    Signals:
        ``listed(list[Entry])``: pinned conversations first, then the last active ones; or what a search has found.
        ``removed(Conversation)``: :meth:`restore` with its id brings it back.
        ``restored(int)``, ``imported(int)``: the id of the conversation that is back, or new.
        ``exported(Path)``: the file that was written.
        ``failed(Exception)``.
    """

    listed = Signal(object)
    removed = Signal(object)
    restored = Signal(int)
    imported = Signal(int)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._query = ""
        self._reading: Job | None = None
        self._known: dict[int, Conversation] = {}

    @property
    def query(self) -> str:
        """What is searched for; empty when all conversations are listed."""
        return self._query

    def conversation(self, conversation_id: int | None) -> Conversation | None:
        """Return a conversation as it was last listed."""
        return self._known.get(conversation_id) if conversation_id is not None else None

    def search(self, text: str) -> None:
        """List where all words of ``text`` were said; all conversations when it is blank. ``listed`` follows."""
        self._query = text.strip()
        self.refresh()

    def refresh(self) -> None:
        """Read the list anew; ``listed`` follows."""
        if self._reading is not None:
            self._reading.cancel()  # an older one would show what has changed since
        self._reading = self._lanes.call(
            "browsing", partial(_read, self._engine, self._query), on_result=self._take, on_error=self.failed.emit
        )

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title, unless it is blank."""
        if title := " ".join(title.split()):
            self._change(partial(self._engine.history.rename, conversation_id, title))

    def pin(self, conversation_id: int, pinned: bool) -> None:
        """Keep a conversation at the top of the list, or no longer."""
        self._change(partial(self._engine.history.pin, conversation_id, pinned))

    def remove(self, conversation_id: int) -> None:
        """Take a conversation out of the list; ``removed`` follows."""
        gone = self._known.get(conversation_id)
        if gone is not None:
            self._change(partial(self._engine.history.remove, conversation_id), partial(self.removed.emit, gone))

    def restore(self, conversation_id: int) -> None:
        """Bring a removed conversation back; ``restored`` follows."""
        restore = partial(self._engine.history.restore, conversation_id)
        self._change(restore, partial(self.restored.emit, conversation_id))

    def export(self, conversation_id: int, file: Path) -> None:
        """Write a conversation to ``file`` in the format of its suffix; ``exported`` or ``failed`` follows."""
        from kotaemon_desktop.core.storage import conversation_export

        conversation = self._known.get(conversation_id)
        if conversation is not None:
            self._lanes.call(
                "browsing",
                partial(conversation_export.write, self._engine.history, conversation, file),
                on_result=lambda _none: self.exported.emit(file),
                on_error=self.failed.emit,
            )

    def import_(self, file: Path) -> None:
        """Read an exported conversation (JSON); ``imported`` or ``failed`` follows."""
        from kotaemon_desktop.core.storage import conversation_export

        def imported(conversation_id: int) -> None:
            self.refresh()
            self.imported.emit(conversation_id)

        self._lanes.call(
            "browsing",
            partial(conversation_export.read, self._engine.history, self._engine.library, file),
            on_result=imported,
            on_error=self.failed.emit,
        )

    def _change(self, change: Callable[[], None], done: Callable[[], None] | None = None) -> None:
        def changed(_none: None) -> None:
            self.refresh()
            if done is not None:
                done()

        self._lanes.call("browsing", change, on_result=changed, on_error=self.failed.emit)

    def _take(self, read: tuple[dict[int, Conversation], list[Entry]]) -> None:
        self._known, entries = read
        self.listed.emit(entries)


def _read(engine: Engine, query: str) -> tuple[dict[int, Conversation], list[Entry]]:
    """Read the conversations that hold a question (only those have a title) and the rows. Runs in the browsing lane."""
    known = {each.id: each for each in engine.history.conversations() if each.title}
    if not query:
        entries = [Entry(each.id, each.title, each.active_at, each.pinned) for each in known.values()]
        return known, sorted(entries, key=lambda entry: not entry.pinned)
    from kotaemon_desktop.core.text.words import query_tokens

    tokens = frozenset(query_tokens(query))
    return known, [_found(mention, tokens) for mention in engine.history.search(query, _MOST_FOUND)]


def _found(mention: Mention, tokens: frozenset[str]) -> Entry:
    if mention.turn_id is None:
        return Entry(mention.conversation_id, mention.title, mention.at)
    shown = snippet(_MARKS.sub("", mention.answer), tokens)
    return Entry(mention.conversation_id, mention.question, mention.at, turn_id=mention.turn_id, snippet=shown)
