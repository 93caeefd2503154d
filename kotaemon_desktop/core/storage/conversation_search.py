"""Full-text search over everything that was said, with the words of keyword search: Chinese pairs, English stems."""

from __future__ import annotations

from typing import Final

from kotaemon_desktop.core.records import Mention
from kotaemon_desktop.core.storage.database import Database

_FOUND: Final = """
SELECT conversations.id, conversations.title, turns.asked_at, turns.id, turns.question, turns.answer
FROM said
CROSS JOIN turns ON turns.id = said.rowid
CROSS JOIN conversations ON conversations.id = turns.conversation_id
WHERE said MATCH ? AND conversations.removed_at IS NULL
ORDER BY said.rowid DESC
LIMIT ?
"""
_UNINDEXED: Final = """
SELECT id, question, answer FROM turns WHERE id > (SELECT coalesce(max(rowid), 0) FROM said) ORDER BY id LIMIT ?
"""
_BATCH: Final = 200  # turns in a transaction: 80 ms that others wait


def search(database: Database, query: str, limit: int) -> list[Mention]:
    """Return up to ``limit`` mentions of all words of ``query``: titles that hold it as it is, then the latest turns.

    The last word may still be unfinished. What was said since the last search is indexed first, so that answering
    never waits for it.
    """
    from kotaemon_desktop.core.text.words import query_tokens  # 7 ms of expressions to compile, with the first search

    plain = " ".join(query.split()).casefold()
    if not plain or limit < 1:
        return []
    titles = [mention for mention in _titles(database) if plain in mention.title.casefold()]
    tokens = query_tokens(query)
    if not tokens:
        return titles[:limit]
    _catch_up(database)
    words = " AND ".join('"' + token.replace('"', '""') + '"' for token in tokens)
    turns = [Mention(*row) for row in database.fetch(_FOUND, (words + "*", limit))]
    return (titles + turns)[:limit]


def _titles(database: Database) -> list[Mention]:
    rows = database.fetch(
        "SELECT id, title, active_at FROM conversations WHERE removed_at IS NULL AND title <> ''"
        " ORDER BY active_at DESC"
    )
    return [Mention(*row) for row in rows]


def _catch_up(database: Database) -> None:
    """Index the turns since the last search. Turns never change and ids never come back, so the highest one tells."""
    if not database.fetch(_UNINDEXED, (1,)):
        return
    from kotaemon_desktop.core.text.words import index_tokens

    while True:
        with database.transaction() as connection:
            rows = connection.execute(_UNINDEXED, (_BATCH,)).fetchall()
            connection.executemany(
                "INSERT INTO said (rowid, tokens) VALUES (?, ?)",
                ((turn_id, " ".join(index_tokens(f"{question}\n{answer}"))) for turn_id, question, answer in rows),
            )
        if len(rows) < _BATCH:
            return
