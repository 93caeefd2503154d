"""Vectors in SQLite, the only complete copy of them: which passages still lack one, and storing what was computed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from kotaemon_desktop.core.storage.database import Database

_BYTES_PER_NUMBER: Final = 2  # float16

_PENDING: Final = """
SELECT passages.id, passages.document_id, documents.name, passages.text
FROM documents
LEFT JOIN coverage ON coverage.document_id = documents.id AND coverage.embedder_id = :embedder
CROSS JOIN passages ON passages.document_id = documents.id
WHERE documents.removed_at IS NULL AND coalesce(coverage.vectors, 0) < documents.passages
  AND NOT EXISTS (SELECT 1 FROM vectors WHERE passage_id = passages.id AND embedder_id = :embedder)
ORDER BY documents.id, passages.id
LIMIT :limit
"""

_PENDING_COUNT: Final = """
SELECT coalesce(sum(documents.passages - coalesce(coverage.vectors, 0)), 0)
FROM documents
LEFT JOIN coverage ON coverage.document_id = documents.id AND coverage.embedder_id = ?
WHERE documents.removed_at IS NULL
"""

# A passage that was purged while its vector was being computed is passed over.
_STORE: Final = """
INSERT INTO vectors (passage_id, embedder_id, vector, searchable)
SELECT id, ?1, ?2, ?2 != x'' FROM passages WHERE id = ?3
ON CONFLICT (passage_id, embedder_id) DO UPDATE SET vector = excluded.vector, searchable = excluded.searchable
"""

_UNKNOWN_COUNT: Final = """
SELECT count(*) FROM vectors
JOIN passages ON passages.id = vectors.passage_id
JOIN documents ON documents.id = passages.document_id AND documents.removed_at IS NULL
WHERE vectors.embedder_id = ? AND vectors.searchable = 0
"""

_FORGOTTEN: Final = "forgotten/"  # the name of an embedder whose vectors are being deleted; a model's has no slash
_FORGET_ROWS: Final = 5000
_FORGET: Final = "DELETE FROM vectors WHERE rowid IN (SELECT rowid FROM vectors WHERE embedder_id = ? LIMIT ?)"
_RECOUNT: Final = """
UPDATE documents
SET embedded = coalesce((SELECT max(vectors) FROM coverage WHERE document_id = documents.id), 0);
UPDATE documents SET state = 'stored' WHERE state = 'ready' AND embedded < passages
"""

_TOUCHED: Final = """
SELECT documents.id, documents.passages, documents.removed_at, coalesce(coverage.vectors, 0)
FROM documents
LEFT JOIN coverage ON coverage.document_id = documents.id AND coverage.embedder_id = ?
WHERE documents.id IN (SELECT document_id FROM passages WHERE id IN (SELECT value FROM json_each(?)))
ORDER BY documents.id
"""

_COUNT: Final = """
SELECT count(*) FROM passages JOIN vectors ON vectors.passage_id = passages.id
WHERE passages.document_id = ? AND vectors.embedder_id = ?
"""


def pending(database: Database, model: str, limit: int) -> list[tuple[int, int, str]]:
    """Return up to ``limit`` (passage id, document id, text to embed) without a vector of ``model``.

    The text is the file's name and the passage: what a question about "the handbook" means is often said nowhere else.
    Headings are left to keyword search: below the same one all vectors look alike (page hit@1 of the vectors alone on
    the tune half of azure-contoso: .27 with them, .43 without). Oldest documents first, removed ones not at all.
    """
    rows = database.fetch(_PENDING, {"embedder": embedder_id(database, model), "limit": limit})
    return [(row[0], row[1], "\n".join(part for part in (_spoken(row[2]), row[3]) if part)) for row in rows]


def _spoken(file: str) -> str:
    """Return a file's name as words: without its ending, ``_`` and ``-`` as spaces."""
    return PurePath(file).stem.replace("_", " ").replace("-", " ").strip()


def pending_count(database: Database, model: str) -> int:
    """Return how many visible passages lack a vector of ``model``."""
    return database.fetch(_PENDING_COUNT, (embedder_id(database, model),))[0][0]


def progress(database: Database, document_id: int, model: str) -> tuple[int, int]:
    """Return (vectors of ``model``, passages) of a document; (0, 0) when there is no such document."""
    row = database.fetch_one(
        "SELECT coalesce(coverage.vectors, 0), documents.passages FROM documents LEFT JOIN coverage"
        " ON coverage.document_id = documents.id AND coverage.embedder_id = ? WHERE documents.id = ?",
        (embedder_id(database, model), document_id),
    )
    return (row[0], row[1]) if row else (0, 0)


def store(database: Database, model: str, rows: Sequence[tuple[int, bytes]]) -> list[int]:
    """Store (passage id, float16 little-endian vector) rows in one transaction.

    An empty vector says that ``model`` does not know the passage's language: it counts as done and is never searched.
    Returns the ids of the visible documents whose last missing vector of ``model`` came with this call. Raises
    ValueError when a vector does not have the length of the model's others.
    """
    if not rows:
        return []
    completed: list[int] = []
    with database.transaction() as connection:
        embedder = _known_embedder(connection, model, rows)
        passage_ids = json.dumps([passage_id for passage_id, _ in rows])
        touched = connection.execute(_TOUCHED, (embedder, passage_ids)).fetchall()
        connection.executemany(_STORE, [(embedder, vector, passage_id) for passage_id, vector in rows])
        for document_id, passages, removed_at, before in touched:
            now: int = connection.execute(_COUNT, (document_id, embedder)).fetchone()[0]
            _record(connection, document_id, embedder, now)
            if before < passages <= now and removed_at is None:
                completed.append(document_id)
    return completed


def mark_complete(database: Database, model: str, at: float) -> None:
    """Remember that at wall-clock time ``at`` the vectors and the index of ``model`` were complete."""
    with database.transaction() as connection:
        connection.execute("UPDATE embedders SET completed_at = ? WHERE name = ?", (at, model))


def complete(database: Database) -> list[str]:
    """Return the embedders that have been complete, the latest first."""
    rows = database.fetch(
        "SELECT name FROM embedders WHERE completed_at IS NOT NULL ORDER BY completed_at DESC, id DESC"
    )
    return [row[0] for row in rows]


def unknown_count(database: Database, model: str) -> int:
    """Return how many visible passages are in languages that ``model`` does not know: it has empty vectors for them."""
    return database.fetch(_UNKNOWN_COUNT, (embedder_id(database, model),))[0][0]


def forget(database: Database, model: str) -> None:
    """Delete all vectors of ``model``, some thousand at a time so that other threads get their turn.

    One transaction decides it: from then on they are nobody's, and :func:`sweep` deletes them, after a kill as well.
    """
    embedder = embedder_id(database, model)
    if embedder is None:
        return
    with database.transaction() as connection:
        connection.execute("DELETE FROM coverage WHERE embedder_id = ?", (embedder,))
        connection.execute(
            "UPDATE embedders SET name = ? || id, completed_at = NULL WHERE id = ?", (_FORGOTTEN, embedder)
        )
        for statement in _RECOUNT.split(";"):
            connection.execute(statement)
    sweep(database)


def sweep(database: Database) -> None:
    """Delete the vectors that :func:`forget` has left, and give their room back."""
    forgotten = database.fetch("SELECT id FROM embedders WHERE name GLOB ? || '*'", (_FORGOTTEN,))
    for (embedder,) in forgotten:
        gone = _FORGET_ROWS
        while gone == _FORGET_ROWS:
            with database.transaction() as connection:
                gone = connection.execute(_FORGET, (embedder, _FORGET_ROWS)).rowcount
        with database.transaction() as connection:
            connection.execute("DELETE FROM embedders WHERE id = ?", (embedder,))
    if forgotten:
        database.shrink()


def embedder_id(database: Database, model: str) -> int | None:
    """Return the number under which vectors of ``model`` are kept, or None before the first."""
    row = database.fetch_one("SELECT id FROM embedders WHERE name = ?", (model,))
    return row[0] if row else None


def _known_embedder(connection: sqlite3.Connection, model: str, rows: Sequence[tuple[int, bytes]]) -> int:
    """Return the number of ``model``; its dimension is that of its first vector that is not empty."""
    lengths = {len(vector) for _, vector in rows if vector}
    connection.execute(
        "INSERT INTO embedders (name, dimension) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET dimension = ?2 WHERE dimension = 0",
        (model, max(lengths, default=0) // _BYTES_PER_NUMBER),
    )
    number, known = connection.execute("SELECT id, dimension FROM embedders WHERE name = ?", (model,)).fetchone()
    if lengths - {known * _BYTES_PER_NUMBER}:
        raise ValueError(f"a vector of {model} is not {known} float16 numbers long")
    return number


def _record(connection: sqlite3.Connection, document_id: int, embedder: int, count: int) -> None:
    connection.execute(
        "INSERT INTO coverage (document_id, embedder_id, vectors) VALUES (?, ?, ?)"
        " ON CONFLICT (document_id, embedder_id) DO UPDATE SET vectors = excluded.vectors",
        (document_id, embedder, count),
    )
    connection.execute(
        "UPDATE documents SET embedded = (SELECT max(vectors) FROM coverage WHERE document_id = documents.id)"
        " WHERE id = ?",
        (document_id,),
    )
    connection.execute(
        "UPDATE documents SET state = 'ready' WHERE id = ? AND state = 'stored' AND embedded >= passages",
        (document_id,),
    )
