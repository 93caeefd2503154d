"""Conversations: questions, answers, their citations and the trace of how each answer came about."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from kotaemon_desktop.core.records import Citation, Conversation, Turn
from kotaemon_desktop.core.storage.database import Database

_TITLE_LENGTH: Final = 60


class History:
    """Owns what the conversations and turns tables mean. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self._now = now

    def new_conversation(self, title: str = "") -> int:
        """Start a conversation and return its id; without a title it takes one from its first question."""
        now = self._now()
        with self._database.transaction() as connection:
            row = connection.execute(
                "INSERT INTO conversations (title, created_at, active_at) VALUES (?, ?, ?) RETURNING id",
                (title, now, now),
            ).fetchone()
        return row[0]

    def add_turn(
        self,
        conversation_id: int,
        *,
        question: str,
        answer: str,
        route: str,
        model: str,
        answered: bool,
        citations: Sequence[Citation] = (),
        trace: Sequence[dict[str, Any]] = (),
    ) -> int:
        """Store a question with its answer and the lines of its trace, and return the turn's id.

        Raises KeyError when there is no such conversation.
        """
        now = self._now()
        with self._database.transaction() as connection:
            known = connection.execute(
                "UPDATE conversations SET active_at = ?, title = CASE title WHEN '' THEN ? ELSE title END WHERE id = ?",
                (now, _title(question), conversation_id),
            )
            if not known.rowcount:
                raise KeyError(conversation_id)
            row = connection.execute(
                "INSERT INTO turns"
                " (conversation_id, question, answer, route, model, answered, asked_at, citations, trace)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    conversation_id,
                    question,
                    answer,
                    route,
                    model,
                    answered,
                    now,
                    _json(msgspec.to_builtins(citations)),
                    "\n".join(map(_json, trace)),
                ),
            ).fetchone()
        return row[0]

    def conversations(self) -> list[Conversation]:
        """Return all conversations, the last active one first."""
        rows = self._database.fetch(
            "SELECT id, title, created_at, active_at FROM conversations ORDER BY active_at DESC, id DESC"
        )
        return [Conversation(*row) for row in rows]

    def turns(self, conversation_id: int) -> list[Turn]:
        """Return the turns of a conversation in the order they were asked."""
        rows = self._database.fetch(
            "SELECT id, conversation_id, question, answer, route, model, answered, asked_at, citations FROM turns"
            " WHERE conversation_id = ? ORDER BY id",
            (conversation_id,),
        )
        return [_turn(row) for row in rows]

    def trace(self, turn_id: int) -> list[dict[str, Any]]:
        """Return the stored trace of a turn, a line for each event."""
        row = self._database.fetch_one("SELECT trace FROM turns WHERE id = ?", (turn_id,))
        return [json.loads(line) for line in row[0].splitlines()] if row else []

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))

    def delete(self, conversation_id: int) -> None:
        """Delete a conversation with its turns, for good."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM conversations WHERE id = ?", (conversation_id,))


def _turn(row: sqlite3.Row) -> Turn:
    fields = list(row)
    fields[6] = bool(fields[6])
    fields[8] = tuple(Citation(**citation) for citation in json.loads(fields[8]))
    return Turn(*fields)


def _title(question: str) -> str:
    """Return the start of ``question`` on one line, cut at a word where it has to be cut."""
    line = " ".join(question.split())
    if len(line) <= _TITLE_LENGTH:
        return line
    cut = line[:_TITLE_LENGTH]
    # Chinese has no spaces to cut at; a space far to the left would leave too little.
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > _TITLE_LENGTH // 2 else cut) + "…"


def _json(value: object) -> str:
    """Return ``value`` as one line of JSON; ASCII keeps U+2028 and lone surrogates out of the way."""
    return json.dumps(value, separators=(",", ":"))
