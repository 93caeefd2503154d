"""What tools have given: sources of answers that are in no document. They go with their conversation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from kotaemon_desktop.core.records import TOOL, Passage, ToolCall
from kotaemon_desktop.core.storage.database import Database


class ToolSource(msgspec.Struct, frozen=True):
    """A stored result: what was asked, where and when (wall clock, seconds), and what came back."""

    id: int
    title: str
    address: str
    sent: str
    asked_at: float
    text: str

    @property
    def passage(self) -> Passage:
        """The result as a source. Its ids are negative: documents' are not."""
        return passage(self.id, self.title, self.address, self.sent, self.text)


class ToolResults:
    """Owns the tool_results table. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database, documents: Callable[[Sequence[int]], list[Passage]]) -> None:
        """``documents`` returns the passages among some ids that are still in the library."""
        self._database = database
        self._documents = documents

    def add(self, conversation_id: int, call: ToolCall, address: str, text: str, asked_at: float) -> int:
        """Store a result and return its id."""
        with self._database.transaction() as connection:
            row = connection.execute(
                "INSERT INTO tool_results (conversation_id, tool, title, address, sent, asked_at, text)"
                " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (conversation_id, call.tool, call.title, address, call.sent, asked_at, text),
            ).fetchone()
        return row[0]

    def get(self, document_id: int) -> ToolSource | None:
        """Return the result that a source's (negative) document id names, or None when it is gone."""
        row = self._database.fetch_one(
            "SELECT id, title, address, sent, asked_at, text FROM tool_results WHERE id = ?", (-document_id,)
        )
        return ToolSource(*row) if row else None

    def sources(self, ids: Sequence[int]) -> list[Passage]:
        """Return what ``ids`` stand for and is still there, in their order: passages of documents, and results."""
        found = {passage.id: passage for passage in self._documents([each for each in ids if each > 0])}
        found |= {-source.id: source.passage for each in ids if each < 0 and (source := self.get(each))}
        return [found[each] for each in ids if each in found]


def passage(id: int, title: str, address: str, sent: str, text: str) -> Passage:  # noqa: A002
    """Return a tool's result as a passage of a document that there is not."""
    return Passage(
        id=-id,
        document_id=-id,
        document=address,
        name=title,
        kind=TOOL,
        page=None,
        start=0,
        end=len(text),
        heading=sent,
        text=text,
    )
