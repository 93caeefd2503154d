"""Writes what was read of a file into the tables of the library."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from kotaemon_desktop.core.records import PassageDraft
from kotaemon_desktop.core.storage import keyword


def document(connection: sqlite3.Connection, **fields: object) -> int:
    """Write a row of the documents table, within the caller's transaction, and return its id."""
    columns = ", ".join(fields)
    places = ", ".join(f":{name}" for name in fields)
    sql = f"INSERT INTO documents ({columns}) VALUES ({places}) RETURNING id"  # noqa: S608 - names from this module
    row = connection.execute(sql, fields).fetchone()
    return row[0]


def passages(connection: sqlite3.Connection, document_id: int, drafts: Sequence[PassageDraft]) -> None:
    """Write the passages of a document and index their words."""
    words: list[tuple[int, str]] = []
    for draft in drafts:
        tokens = storable(draft.tokens)
        cursor = connection.execute(
            "INSERT INTO passages (document_id, page, start, end, heading, text, tokens) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                document_id,
                draft.page,
                draft.start,
                draft.end,
                storable(draft.heading),
                storable(draft.text),
                keyword.pack_tokens(tokens),
            ),
        )
        words.append((cursor.lastrowid or 0, tokens))
    keyword.index(connection, words)


def forget_failure(connection: sqlite3.Connection, path: str) -> None:
    """Delete what is remembered of a version of ``path`` that could not be read."""
    connection.execute("DELETE FROM documents WHERE path = ? AND state = 'failed' AND removed_at IS NULL", (path,))


def storable(text: str) -> str:
    """Replace lone surrogates, which broken files bring and UTF-8 cannot hold, one for one: offsets stay true."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def storable_path(path: str) -> str:
    """Spell out bytes of a file name that are not UTF-8, so that two such names stay two."""
    return path if path.isascii() else path.encode("utf-8", "backslashreplace").decode()
