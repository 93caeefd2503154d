"""The stored traces: how each answer came about, event by event, without a word of the documents it rests on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from kotaemon_desktop.core.records import Hit, Passage, Trace, TracedHit, TraceLine
from kotaemon_desktop.core.storage.database import Database

_KEPT: Final = """
FROM traces CROSS JOIN turns ON turns.id = traces.turn_id
JOIN conversations ON conversations.id = turns.conversation_id AND conversations.removed_at IS NULL
"""
_SUMMARY: Final = """
SELECT turns.id, turns.conversation_id, turns.question, turns.answer, turns.route, turns.model, turns.answered,
  turns.asked_at, traces.lines, turns.thumb,
  (SELECT side FROM trial_answers WHERE trial_answers.turn_id = turns.id) AS side
"""


def keep(connection: sqlite3.Connection, turn_id: int, asked_at: float, lines: Sequence[TraceLine]) -> None:
    """Store the trace of a turn within the caller's transaction."""
    connection.execute(
        "INSERT INTO traces (turn_id, asked_at, lines) VALUES (?, ?, ?)",
        (turn_id, asked_at, "\n".join(_json(_without_text(line)) for line in lines)),
    )


class Traces:
    """Owns what the traces table means. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database, passages: Callable[[Sequence[int]], list[Passage]]) -> None:
        """``passages`` returns those among some ids that are still in the library, in the order of the ids."""
        self._database = database
        self._passages = passages

    def lines(self, turn_id: int) -> list[TraceLine]:
        """Return the trace of a turn, a line for each event; none where it was not kept."""
        row = self._database.fetch_one("SELECT lines FROM traces WHERE turn_id = ?", (turn_id,))
        return _lines(row[0]) if row else []

    def hits(self, turn_id: int) -> tuple[Hit, ...]:
        """Return the passages that were found for a turn and are still in the library, best first."""
        return tuple(hit.known for hit in self._resolved(self.lines(turn_id)) if hit.known is not None)

    def trace(self, turn_id: int) -> Trace | None:
        """Return how a turn came about, with the passages as they are now; None where that was not kept."""
        row = self._database.fetch_one(f"{_SUMMARY} {_KEPT} WHERE turns.id = ?", (turn_id,))
        return self._trace(row) if row else None

    def latest(self, limit: int) -> list[Trace]:
        """Return up to ``limit`` traces, the last one first, of conversations that are not removed."""
        rows = self._database.fetch(f"{_SUMMARY} {_KEPT} ORDER BY traces.turn_id DESC LIMIT ?", (limit,))
        return [self._trace(row) for row in rows]

    def ids(self) -> list[int]:
        """Return the turns of all traces, the first one first, of conversations that are not removed."""
        return [row[0] for row in self._database.fetch(f"SELECT traces.turn_id {_KEPT} ORDER BY traces.turn_id")]

    def like(self, turn_id: int, limit: int) -> list[Trace]:
        """Return up to ``limit`` other traces of the question of a turn, the last one first: what it compares with.

        These are its other versions in the conversation, whatever they ask, and the same words asked elsewhere.
        """
        rows = self._database.fetch(
            f"{_SUMMARY} {_KEPT} CROSS JOIN turns AS this ON this.id = ?1 WHERE turns.id != ?1 AND (turns.question ="
            " this.question OR (turns.conversation_id, turns.parent_id) IS (this.conversation_id, this.parent_id))"
            " ORDER BY traces.turn_id DESC LIMIT ?2",
            (turn_id, limit),
        )
        return [self._trace(row) for row in rows]

    def purge(self, before: float) -> int:
        """Delete the traces of questions that were asked before this wall-clock time; the answers stay.

        Return how many that were. :meth:`Database.forget` takes their words from the file.
        """
        with self._database.transaction() as connection:
            return connection.execute("DELETE FROM traces WHERE asked_at < ?", (before,)).rowcount

    def _trace(self, row: sqlite3.Row) -> Trace:
        lines = _lines(row["lines"])
        return Trace(
            *row[:6],
            answered=bool(row["answered"]),
            asked_at=row["asked_at"],
            lines=tuple(lines),
            hits=tuple(self._resolved(lines)),
            side=row["side"] or "",
            thumb=row["thumb"],
        )

    def _resolved(self, lines: Sequence[TraceLine]) -> list[TracedHit]:
        found = (line["hits"] for line in reversed(lines) if line["event"] == "Found")
        hits = msgspec.convert(next(found, ()), list[TracedHit])
        passages = {passage.id: passage for passage in self._passages([hit.passage_id for hit in hits])}
        return [msgspec.structs.replace(hit, passage=passages.get(hit.passage_id)) for hit in hits]


def _without_text(line: Mapping[str, Any]) -> TraceLine:
    """Return ``line`` with passages by their ids; the answer and its quotes are the turn's own."""
    kept = dict(line)
    if "hits" in line:
        kept["hits"] = [_hit_without_text(hit) for hit in line["hits"]]
    if "citations" in line:
        kept["citations"] = [{name: each[name] for name in ("number", "passage_id")} for each in line["citations"]]
        kept["unsupported"] = len(line["unsupported"])
        del kept["answer"]
    return kept


def _hit_without_text(hit: Mapping[str, Any]) -> TraceLine:
    ids = {"passage_id": hit["passage"]["id"], "document_id": hit["passage"]["document_id"]}
    return ids | {name: value for name, value in hit.items() if name != "passage"}


def _lines(stored: str) -> list[TraceLine]:
    return [json.loads(line) for line in stored.splitlines()]


def _json(value: object) -> str:
    """Return ``value`` as one line of JSON; ASCII keeps U+2028 and lone surrogates out of the way."""
    return json.dumps(value, separators=(",", ":"))
