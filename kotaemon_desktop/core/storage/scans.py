"""Scanned pages in the library: which ones somebody wants read, and what text recognition has made of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import msgspec

from kotaemon_desktop.core import failures
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.records import PICTURED, PageKind, RecognisedLine, RecognisedPage, Scan
from kotaemon_desktop.core.storage import intake, keyword
from kotaemon_desktop.core.storage.database import Database

_SCANS: Final = tuple(kind.value for kind in PageKind if kind.is_scan)
_UNREAD: Final = tuple(
    kind.value for kind in PageKind if kind not in {PageKind.TEXT, PageKind.RECOGNISED, PageKind.EMPTY}
)

# Passages of this page that were there before (a stamp, a page number) have gone: their vectors with them.
_RECOUNT: Final = """
UPDATE coverage SET vectors = (SELECT count(*) FROM passages JOIN vectors ON vectors.passage_id = passages.id
    AND vectors.embedder_id = coverage.embedder_id WHERE passages.document_id = coverage.document_id)
WHERE document_id = ?
"""
_REFRESH: Final = """
UPDATE documents SET
    passages = (SELECT count(*) FROM passages WHERE document_id = documents.id),
    embedded = coalesce((SELECT max(vectors) FROM coverage WHERE document_id = documents.id), 0),
    unread_pages = (SELECT count(*) FROM pages WHERE document_id = documents.id
        AND kind IN (SELECT value FROM json_each(?2)))
WHERE id = ?1
"""
_STATE: Final = """
UPDATE documents SET state = CASE WHEN embedded >= passages AND passages > 0 THEN 'ready' ELSE 'stored' END WHERE id = ?
"""

_TRY_AGAIN: Final = """
UPDATE pages SET kind = 'image' FROM documents
WHERE documents.id = pages.document_id AND pages.kind = 'unreadable'
    AND documents.id IN (SELECT value FROM json_each(?1)) AND documents.kind IN (SELECT value FROM json_each(?2))
"""

_lines = msgspec.msgpack.Decoder(tuple[RecognisedLine, ...])


class Scans:
    """Owns what the scans table and the recognised pages mean. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def want(self, document_ids: Sequence[int]) -> None:
        """Remember that the scanned pages of these documents shall be read, those that were given up before too."""
        with self._database.transaction() as connection:
            connection.execute(_TRY_AGAIN, (json.dumps(list(document_ids)), json.dumps(sorted(PICTURED))))
            connection.executemany(
                "INSERT OR IGNORE INTO scans (document_id) SELECT id FROM documents WHERE id = ?",
                [(each,) for each in document_ids],
            )

    def forget(self, document_ids: Sequence[int] | None = None) -> None:
        """Forget that; None means of all documents. What was read stays."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM scans WHERE ?1 IS NULL OR document_id IN (SELECT value FROM json_each(?1))",
                (None if document_ids is None else json.dumps(list(document_ids)),),
            )

    def wanted(self) -> list[Scan]:
        """Return the visible documents with pages still to be read, in the order in which they were stored."""
        rows = self._database.fetch(
            "SELECT scans.document_id, pages.number FROM scans JOIN documents ON documents.id = scans.document_id"
            " JOIN pages ON pages.document_id = scans.document_id"
            " WHERE documents.removed_at IS NULL AND pages.kind IN (SELECT value FROM json_each(?))"
            " ORDER BY scans.document_id, pages.number",
            (json.dumps(_SCANS),),
        )
        pages: dict[int, list[int]] = {}
        for document_id, number in rows:
            pages.setdefault(document_id, []).append(number)
        return [Scan(document_id, tuple(numbers)) for document_id, numbers in pages.items()]

    def store(self, document_id: int, read: RecognisedPage) -> None:
        """Put what was read of a page in the place of what was there, in one transaction.

        Where nothing was read the page keeps its few letters, if it has any. A document that is gone is passed over.
        """
        page = read.page
        key = (document_id, page.number)
        with self._database.transaction() as connection:
            before = connection.execute("SELECT text FROM pages WHERE document_id = ? AND number = ?", key).fetchone()
            if before is None:
                return
            if page.kind is PageKind.RECOGNISED:
                keyword.unindex(connection, *key)
                gone = connection.execute("DELETE FROM passages WHERE document_id = ? AND page = ?", key).rowcount
                connection.execute(
                    "UPDATE pages SET kind = ?3, text = ?4, lines = ?5 WHERE document_id = ?1 AND number = ?2",
                    (*key, page.kind, intake.storable(page.text), msgspec.msgpack.encode(read.lines)),
                )
                intake.passages(connection, document_id, read.passages)
                if gone:
                    connection.execute(_RECOUNT, (document_id,))
            else:
                has_letters = page.kind is PageKind.EMPTY and any(map(str.isalnum, before[0]))
                kind = PageKind.TEXT if has_letters else page.kind
                connection.execute("UPDATE pages SET kind = ?3 WHERE document_id = ?1 AND number = ?2", (*key, kind))
            connection.execute(_REFRESH, (document_id, json.dumps(_UNREAD)))
            connection.execute(_STATE, (document_id,))

    def lines(self, document_id: int, number: int) -> tuple[RecognisedLine, ...]:
        """Return where the lines of a page stand that text recognition read; empty for every other page."""
        row = self._database.fetch_one(
            "SELECT lines FROM pages WHERE document_id = ? AND number = ?", (document_id, number)
        )
        return _lines.decode(row[0]) if row and row[0] else ()

    def kinds(self, document_id: int) -> list[tuple[int | None, PageKind]]:
        """Return (number, kind) of all pages of a document, in order; the number is None where it has no pages."""
        rows = self._database.fetch(
            "SELECT number, kind FROM pages WHERE document_id = ? ORDER BY number", (document_id,)
        )
        return [(row[0] or None, PageKind(row[1])) for row in rows]

    def fail(self, document_id: int, error: KotaemonError) -> None:
        """Turn a document without any passage into one that failed; the version before it comes back.

        One that has passages, or is gone, stays as it is.
        """
        with self._database.transaction() as connection:
            row = connection.execute(
                "SELECT path, imported_at FROM documents WHERE id = ? AND passages = 0 AND removed_at IS NULL",
                (document_id,),
            ).fetchone()
            if row is None:
                return
            connection.execute(
                "DELETE FROM documents WHERE path = ? AND state = 'failed' AND removed_at IS NULL", (row["path"],)
            )
            connection.execute(
                "UPDATE documents SET state = 'failed', reason = ? WHERE id = ?",
                (intake.storable(failures.keep(error)), document_id),
            )
            connection.execute(
                "UPDATE documents SET removed_at = NULL WHERE path = ? AND removed_at = ? AND state != 'failed'",
                tuple(row),
            )
