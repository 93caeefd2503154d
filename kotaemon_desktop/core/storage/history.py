"""Conversations: questions, answers and their citations."""

from __future__ import annotations

import json
import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import msgspec

from kotaemon_desktop.core import scope as scopes
from kotaemon_desktop.core.records import Citation, Conversation, Generated, Mention, Turn
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.core.storage import conversation_search, traces
from kotaemon_desktop.core.storage.database import Database

_TITLE_LENGTH: Final = 60


class History:
    """Owns what the conversations and turns tables mean. Keeps no state of its own: any thread may use it.

    A conversation is a tree: each turn has a parent, and a question that is asked anew stands beside its earlier
    versions. What is shown, and told to a model, is the way from the first turn to the conversation's head.
    """

    def __init__(
        self,
        database: Database,
        *,
        now: Callable[[], float] = time.time,
        on_removed: Callable[[int], None] = lambda _conversation_id: None,
    ) -> None:
        """``now`` gives wall-clock seconds; ``on_removed`` is called with the id of each conversation that goes."""
        self._database = database
        self._now = now
        self._on_removed = on_removed

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
        unsupported: Sequence[str] = (),
        trace: Sequence[dict[str, Any]] = (),
        instead_of: int | None = None,
        generated: Generated | None = None,
    ) -> int:
        """Store a question with its answer and the lines of its trace below the head, and return the turn's id.

        It becomes the head. ``instead_of`` puts it beside that turn instead. Raises KeyError when there is no such
        conversation.
        """
        turn = Turn(
            0,
            conversation_id,
            question,
            answer,
            route,
            model,
            answered,
            self._now(),
            tuple(citations),
            tuple(unsupported),
            generated=generated,
        )
        with self._database.transaction() as connection:
            before = connection.execute(
                "UPDATE conversations SET active_at = ?, title = CASE title WHEN '' THEN ? ELSE title END"
                " WHERE id = ? RETURNING head_id",
                (turn.asked_at, _title(question), conversation_id),
            ).fetchone()
            if before is None:
                raise KeyError(conversation_id)
            parent = before[0]
            if instead_of is not None:
                parent = connection.execute("SELECT parent_id FROM turns WHERE id = ?", (instead_of,)).fetchone()[0]
            turn_id = _insert(connection, msgspec.structs.replace(turn, parent_id=parent), trace)
            _set_head(connection, conversation_id, turn_id)
        return turn_id

    def add_conversation(self, conversation: Conversation, turns: Iterable[Turn]) -> int:
        """Store ``conversation`` with all its ``turns``, parents before children, under new ids; return its own."""
        with self._database.transaction() as connection:
            new_id: int = connection.execute(
                "INSERT INTO conversations (title, created_at, active_at, pinned) VALUES (?, ?, ?, ?) RETURNING id",
                (conversation.title, conversation.created_at, conversation.active_at, conversation.pinned),
            ).fetchone()[0]
            ids: dict[int | None, int | None] = {None: None}
            for turn in turns:
                moved = msgspec.structs.replace(turn, conversation_id=new_id, parent_id=ids[turn.parent_id])
                ids[turn.id] = _insert(connection, moved, ())
            _set_head(connection, new_id, max(filter(None, ids.values()), default=None))
        return new_id

    def conversations(self) -> list[Conversation]:
        """Return all conversations that are not removed, the last active one first."""
        rows = self._database.fetch(
            "SELECT id, title, created_at, active_at, pinned FROM conversations WHERE removed_at IS NULL"
            " ORDER BY active_at DESC, id DESC"
        )
        return [Conversation(*row[:4], pinned=bool(row[4])) for row in rows]

    def turns(self, conversation_id: int, *, before: int | None = None) -> list[Turn]:
        """Return the turns from the first to the head, or to the one before the turn ``before``, in order."""
        rows, head = self._tree(conversation_id)
        children: defaultdict[int | None, list[int]] = defaultdict(list)
        for row in rows.values():
            children[row["parent_id"]].append(row["id"])
        at = head if before is None else rows[before]["parent_id"]
        way: list[Turn] = []
        while at is not None:
            way.append(_turn(rows[at], tuple(children[rows[at]["parent_id"]])))
            at = rows[at]["parent_id"]
        return way[::-1]

    def all_turns(self, conversation_id: int) -> list[Turn]:
        """Return the turns of all branches in the order they were asked."""
        return [_turn(row) for row in self._tree(conversation_id)[0].values()]

    def show(self, turn_id: int) -> int:
        """Make the branch of a turn the one that is shown, to its latest end, and return its conversation's id.

        Raises KeyError when there is no such turn.
        """
        found = self._database.fetch_one("SELECT conversation_id FROM turns WHERE id = ?", (turn_id,))
        if found is None:
            raise KeyError(turn_id)
        rows, head = self._tree(found[0])
        if turn_id not in self._way(rows, head):
            later = {row["parent_id"]: row["id"] for row in rows.values()}  # the latest child of each
            head = turn_id
            while head in later:
                head = later[head]
            with self._database.transaction() as connection:
                _set_head(connection, found[0], head)
        return found[0]

    def head(self, conversation_id: int) -> int | None:
        """Return the id of the last turn that is shown, or None before the first."""
        row = self._database.fetch_one("SELECT head_id FROM conversations WHERE id = ?", (conversation_id,))
        return row[0] if row else None

    def search(self, query: str, limit: int) -> list[Mention]:
        """Return up to ``limit`` places where all words of ``query`` were said, titles first, then the latest."""
        return conversation_search.search(self._database, query, limit)

    def scope(self, conversation_id: int) -> Scope:
        """Return which documents a conversation asks."""
        row = self._database.fetch_one("SELECT scope FROM conversations WHERE id = ?", (conversation_id,))
        return scopes.from_json(row[0]) if row else scopes.ALL

    def set_scope(self, conversation_id: int, scope: Scope) -> None:
        """Remember which documents a conversation asks."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE conversations SET scope = ? WHERE id = ?", (scopes.to_json(scope), conversation_id)
            )

    def rename(self, conversation_id: int, title: str) -> None:
        """Give a conversation another title."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET title = ? WHERE id = ?", (title, conversation_id))

    def pin(self, conversation_id: int, pinned: bool) -> None:
        """Keep a conversation above the others in the list, or no longer."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET pinned = ? WHERE id = ?", (pinned, conversation_id))

    def remove(self, conversation_id: int) -> None:
        """Take a conversation out of every list; :meth:`restore` brings it back until it is purged."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET removed_at = ? WHERE id = ?", (self._now(), conversation_id))
        self._on_removed(conversation_id)

    def restore(self, conversation_id: int) -> None:
        """Bring a removed conversation back."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE conversations SET removed_at = NULL WHERE id = ?", (conversation_id,))

    def purge(self, before: float) -> int:
        """Delete what was removed before this wall-clock time, for good; return how many conversations went.

        :meth:`Database.forget` takes their words from the file.
        """
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM conversations WHERE removed_at < ?", (before,)).rowcount

    def _tree(self, conversation_id: int) -> tuple[dict[int, sqlite3.Row], int | None]:
        """Return the rows of all turns by their ids, in the order they were asked, and the head."""
        rows = self._database.fetch(
            "SELECT id, conversation_id, question, answer, route, model, answered, asked_at, citations, unsupported,"
            " parent_id, generated, thumb FROM turns WHERE conversation_id = ? ORDER BY id",
            (conversation_id,),
        )
        return {row["id"]: row for row in rows}, self.head(conversation_id)

    @staticmethod
    def _way(rows: dict[int, sqlite3.Row], head: int | None) -> set[int]:
        way: set[int] = set()
        while head is not None:
            way.add(head)
            head = rows[head]["parent_id"]
        return way


def _insert(connection: sqlite3.Connection, turn: Turn, trace: Sequence[dict[str, Any]]) -> int:
    row = connection.execute(
        "INSERT INTO turns (conversation_id, parent_id, question, answer, route, model, answered, asked_at, citations,"
        " unsupported, generated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
        (
            turn.conversation_id,
            turn.parent_id,
            turn.question,
            turn.answer,
            turn.route,
            turn.model,
            turn.answered,
            turn.asked_at,
            _json(msgspec.to_builtins(turn.citations)),
            _json(turn.unsupported),
            _json(msgspec.to_builtins(turn.generated)) if turn.generated else None,
        ),
    ).fetchone()
    if trace:
        traces.keep(connection, row[0], turn.asked_at, trace)
    return row[0]


def _set_head(connection: sqlite3.Connection, conversation_id: int, turn_id: int | None) -> None:
    connection.execute("UPDATE conversations SET head_id = ? WHERE id = ?", (turn_id, conversation_id))


def _turn(row: sqlite3.Row, versions: tuple[int, ...] = ()) -> Turn:
    return Turn(
        *row[:6],
        answered=bool(row["answered"]),
        asked_at=row["asked_at"],
        citations=tuple(Citation(**citation) for citation in json.loads(row["citations"])),
        unsupported=tuple(json.loads(row["unsupported"])),
        parent_id=row["parent_id"],
        versions=versions or (row["id"],),
        generated=msgspec.json.decode(row["generated"], type=Generated) if row["generated"] else None,
        thumb=row["thumb"],
    )


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
