"""Keyword search: an FTS5 index over the words that the reader hosts cut, ranked by BM25."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from typing import Final

from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.text.words import query_tokens

# A word in more than a tenth of the passages ranks little and costs most of the time (32 ms against 10 ms a query at
# 100,000 passages). In a small library every word is cheap, and a tenth is soon reached by the words that matter.
_COMMON_SHARE: Final = 0.1
_COMMON_FLOOR: Final = 1000

_RANKED: Final = """
SELECT words.rowid, -bm25(words)
FROM words
CROSS JOIN passages ON passages.id = words.rowid
CROSS JOIN documents ON documents.id = passages.document_id
WHERE words MATCH ? AND documents.removed_at IS NULL
ORDER BY words.rank
LIMIT ?
"""


def pack_tokens(tokens: str) -> bytes:
    """Return the words of a passage as they are stored beside it, for :func:`unindex`."""
    return zlib.compress(tokens.encode(), 1)


def index(connection: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Add (passage id, space-joined words) to the index, within the caller's transaction."""
    connection.executemany("INSERT INTO words (rowid, tokens) VALUES (?, ?)", rows)


def unindex(connection: sqlite3.Connection, document_id: int) -> None:
    """Take a document's passages out of the index, before they go themselves, within the caller's transaction."""
    stored = connection.execute("SELECT id, tokens FROM passages WHERE document_id = ?", (document_id,))
    connection.executemany(
        "INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)",
        ((passage_id, zlib.decompress(packed).decode()) for passage_id, packed in stored),
    )


def search(database: Database, query: str, limit: int) -> list[tuple[int, float]]:
    """Return up to ``limit`` (passage id, BM25 score; larger is better), best first; only visible passages.

    Any query is allowed; one without a single known word finds nothing.
    """
    tokens = _telling(database, query_tokens(query))
    if not tokens or limit < 1:
        return []
    expression = " OR ".join('"' + token.replace('"', '""') + '"' for token in tokens)
    return [(row[0], row[1]) for row in database.fetch(_RANKED, (expression, limit))]


def document_frequencies(database: Database, words: Sequence[str]) -> dict[str, int]:
    """Return how many passages hold each of ``words``, in the index's own spelling; unknown words are left out.

    Passages that are removed but not yet purged count too.
    """
    counted = database.fetch(
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(list(words)),)
    )
    return {row[0]: row[1] for row in counted}


def _telling(database: Database, tokens: list[str]) -> list[str]:
    """Return the known ones of ``tokens``, without the most common words where rarer ones remain."""
    frequency = document_frequencies(database, tokens)
    known = [token for token in tokens if token in frequency]
    if not known or max(frequency.values()) <= _COMMON_FLOOR:
        return known
    total: int = database.fetch("SELECT count(*) FROM passages")[0][0]
    common = max(_COMMON_FLOOR, total * _COMMON_SHARE)
    return [token for token in known if frequency[token] <= common] or known
