"""Keyword search: an FTS5 index over the words that the reader hosts cut finds candidates, BM25 ranks them.

FTS5 has a BM25 of its own, but its inverse document frequency is next to nothing for words in many passages, and those
are the names that tell one document of a kind from another. On the English set of tests/benchmarks/retrieval.py ranking
the candidates again, with the formula that Lucene uses, puts the right page first for .59 of the questions, not .53.
"""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from kotaemon_desktop.core.storage.database import Database

# A word in more than a tenth of the passages ranks little and costs most of the time (32 ms against 10 ms a query at
# 100,000 passages). In a small library every word is cheap, and a tenth is soon reached by the words that matter.
_COMMON_SHARE: Final = 0.1
_COMMON_FLOOR: Final = 1000

_CANDIDATES: Final = 100  # ranked again: 3 ms
_K1: Final = 1.6  # Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009: 1.2 to 2
_B: Final = 0.75

_FOUND: Final = """
SELECT passages.id, passages.tokens
FROM words
CROSS JOIN passages ON passages.id = words.rowid
CROSS JOIN documents ON documents.id = passages.document_id
WHERE words MATCH :words AND documents.removed_at IS NULL
  AND (:within IS NULL OR documents.id IN (SELECT value FROM json_each(:within)))
ORDER BY words.rank
LIMIT :limit
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


def search(database: Database, query: str, limit: int, within: Sequence[int] | None = None) -> list[tuple[int, float]]:
    """Return up to ``limit`` (passage id, BM25 score; larger is better), best first; only visible passages.

    Any query is allowed; one without a single known word finds nothing. ``within`` are the ids of the documents to
    search; None: all.
    """
    from kotaemon_desktop.core.text.words import query_tokens  # 7 ms of expressions to compile, with the first search

    weights = _weights(database, query_tokens(query))
    if not weights or limit < 1:
        return []
    expression = " OR ".join('"' + token.replace('"', '""') + '"' for token in weights)
    documents = None if within is None else json.dumps(list(within))
    found = database.fetch(_FOUND, {"words": expression, "within": documents, "limit": max(limit, _CANDIDATES)})
    words = {row[0]: zlib.decompress(row[1]).decode().split(" ") for row in found}
    return sorted(_bm25(words, weights), key=lambda pair: -pair[1])[:limit]


def document_frequencies(database: Database, words: Sequence[str]) -> dict[str, int]:
    """Return how many passages hold each of ``words``, in the index's own spelling; unknown words are left out.

    Passages that are removed but not yet purged count too.
    """
    counted = database.fetch(
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(list(words)),)
    )
    return {row[0]: row[1] for row in counted}


def _weights(database: Database, tokens: list[str]) -> dict[str, float]:
    """Return the inverse document frequency of the known ``tokens``, the most common left out if rarer ones remain."""
    frequency = document_frequencies(database, tokens)
    total: int = database.fetch("SELECT count(*) FROM passages")[0][0] if frequency else 0
    common = max(_COMMON_FLOOR, total * _COMMON_SHARE)
    telling = {token: count for token, count in frequency.items() if count <= common} or frequency
    return {token: math.log(1 + (total - count + 0.5) / (count + 0.5)) for token, count in telling.items()}


def _bm25(words: Mapping[int, Sequence[str]], weights: Mapping[str, float]) -> Iterator[tuple[int, float]]:
    """Yield (id, score) of each passage; the usual length is taken from the candidates themselves."""
    usual = sum(map(len, words.values())) / max(1, len(words))
    for passage_id, tokens in words.items():
        damping = _K1 * (1 - _B + _B * len(tokens) / usual)
        held = Counter(token for token in tokens if token in weights)
        yield passage_id, sum(weights[w] * n * (_K1 + 1) / (n + damping) for w, n in held.items())
