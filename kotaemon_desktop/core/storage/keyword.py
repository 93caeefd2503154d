"""Keyword search: an FTS5 index over the words that the reader hosts cut finds candidates, ranking.py orders them.

FTS5 has a BM25 of its own, but its inverse document frequency is next to nothing for words in many passages, and those
are the names that tell one document of a kind from another. On the English set of tests/benchmarks/retrieval.py ranking
the candidates again, with the formula that Lucene uses, puts the right page first for .59 of the questions, not .53.
"""

from __future__ import annotations

import json
import math
import sqlite3
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from kotaemon_desktop.core.storage.database import Database

if TYPE_CHECKING:
    from kotaemon_desktop.core.storage.ranking import Candidate

# A word in more than a tenth of the passages ranks little and costs most of the time (32 ms against 10 ms a query at
# 100,000 passages). In a small library every word is cheap, and a tenth is soon reached by the words that matter.
_COMMON_SHARE: Final = 0.1
_COMMON_FLOOR: Final = 1000

_CANDIDATES: Final = 100  # ranked again

_LEAD: Final = 16  # words at the beginning of a document, with those of its name
_LEAD_BYTES: Final = 512  # that hold so many

_FOUND: Final = """
SELECT passages.id, passages.document_id, passages.tokens, passages.page
FROM words
CROSS JOIN passages ON passages.id = words.rowid
CROSS JOIN documents ON documents.id = passages.document_id
WHERE words MATCH :words AND documents.removed_at IS NULL
  AND (:within IS NULL OR documents.id IN (SELECT value FROM json_each(:within)))
ORDER BY words.rank
LIMIT :limit
"""


_FIRST: Final = """
SELECT document_id, tokens FROM json_each(?) AS wanted
CROSS JOIN passages ON passages.id = (SELECT min(id) FROM passages WHERE document_id = wanted.value)
"""


def pack_tokens(tokens: str) -> bytes:
    """Return the words of a passage as they are stored beside it, for :func:`unindex`."""
    return zlib.compress(tokens.encode(), 1)


def index(connection: sqlite3.Connection, rows: Iterable[tuple[int, str]]) -> None:
    """Add (passage id, space-joined words) to the index, within the caller's transaction."""
    connection.executemany("INSERT INTO words (rowid, tokens) VALUES (?, ?)", rows)


def unindex(connection: sqlite3.Connection, document_id: int, page: int | None = None) -> None:
    """Take a document's passages out of the index, before they go themselves, within the caller's transaction.

    ``page`` means only those of that page.
    """
    stored = connection.execute(
        "SELECT id, tokens FROM passages WHERE document_id = ?1 AND (?2 IS NULL OR page = ?2)", (document_id, page)
    )
    connection.executemany(
        "INSERT INTO words (words, rowid, tokens) VALUES ('delete', ?, ?)",
        ((passage_id, zlib.decompress(packed).decode()) for passage_id, packed in stored),
    )


def search(
    database: Database,
    question: str,
    limit: int,
    within: Sequence[int] | None = None,
    frequencies: Mapping[str, int] | None = None,
) -> list[tuple[int, float]]:
    """Return up to ``limit`` (passage id, score; larger is better), best first; only visible passages.

    Any question is allowed; one without a single known word finds nothing. ``within`` are the ids of the documents to
    search; None: all. ``frequencies`` are those of the question's words, for a caller who has asked
    :func:`document_frequencies` already.
    """
    from kotaemon_desktop.core.storage.ranking import Candidate, phrases, rank  # expressions to compile, when needed
    from kotaemon_desktop.core.text.words import query_tokens

    words = query_tokens(question)
    if frequencies is None:
        frequencies = document_frequencies(database, words)
    known = {word: frequencies[word] for word in words if frequencies.get(word)}
    if not known or limit < 1:
        return []
    rarity = _rarity(database, known)
    expression = " OR ".join('"' + each.replace('"', '""') + '"' for each in [*rarity, *phrases(question)])
    documents = None if within is None else json.dumps(list(within))
    found = database.fetch(_FOUND, {"words": expression, "within": documents, "limit": max(limit, _CANDIDATES)})
    candidates = [Candidate(row[0], row[1], zlib.decompress(row[2]).decode(), row[3]) for row in found]
    return rank(question, rarity, candidates, _leads(database, candidates))[:limit]


def document_frequencies(database: Database, words: Sequence[str]) -> dict[str, int]:
    """Return how many passages hold each of ``words``, in the index's own spelling; unknown words are left out.

    Passages that are removed but not yet purged count too.
    """
    counted = database.fetch(
        "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", (json.dumps(list(words)),)
    )
    return {row[0]: row[1] for row in counted}


def _leads(database: Database, candidates: Iterable[Candidate]) -> dict[int, set[str]]:
    """Return the words that the documents of ``candidates`` begin with."""
    documents = json.dumps(sorted({each.document_id for each in candidates}))
    return {
        row[0]: set(zlib.decompressobj().decompress(row[1], _LEAD_BYTES).decode(errors="ignore").split(" ")[:_LEAD])
        for row in database.fetch(_FIRST, (documents,))
    }


def _rarity(database: Database, frequencies: Mapping[str, int]) -> dict[str, float]:
    """Return the inverse document frequency of each word, the most common left out if rarer ones remain."""
    total: int = database.fetch("SELECT count(*) FROM passages")[0][0]
    common = max(_COMMON_FLOOR, total * _COMMON_SHARE)
    telling = {word: count for word, count in frequencies.items() if count <= common} or frequencies
    return {word: math.log(1 + (total - count + 0.5) / (count + 0.5)) for word, count in telling.items()}
