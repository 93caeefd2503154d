"""The library: documents with their pages and passages, and everything that is asked of them.

Longer than other files because it is one small method for each question; search and vectors are modules of their own.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from kotaemon_desktop.core import failures
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.records import Document, DocumentState, PageKind, PageText, Passage, PassageDraft
from kotaemon_desktop.core.storage import collections, intake, keyword, vectors
from kotaemon_desktop.core.storage.database import Database

UNDO_SECONDS: Final = 30 * 24 * 3600.0  # what was removed can be brought back this long
_NO_PAGES: Final = 0  # the number under which the text of a document without pages is kept

_STATES: Final = {state.value: state for state in DocumentState}  # DocumentState(value) takes 1 µs, for 10,000 rows

_COLUMNS: Final = (
    "id, path, name, title, kind, size, sha256, state, page_count, passages, embedded, imported_at, reason,"
    " unread_pages"
)
_DOCUMENT: Final = f"SELECT {_COLUMNS} FROM documents"  # noqa: S608 - names from this module
_REMOVED: Final = f"""
SELECT {_COLUMNS}, removed_at FROM documents AS gone
WHERE removed_at IS NOT NULL AND state != 'failed'
  AND NOT EXISTS (SELECT 1 FROM documents WHERE path = gone.path AND id > gone.id AND state != 'failed')
ORDER BY removed_at DESC, id DESC
"""  # noqa: S608

PASSAGE: Final = (
    "SELECT passages.id, documents.id, documents.path, documents.name, documents.kind, passages.page, passages.start,"
    " passages.end, passages.heading, passages.text,"
    " EXISTS (SELECT 1 FROM pages WHERE pages.document_id = passages.document_id AND pages.number = passages.page"
    " AND pages.kind = 'recognised')"
)


class Library:
    """Owns what the documents table and its dependants mean. Keeps no state of its own: any thread may use it.

    A document is *visible* from the commit of :meth:`add` until :meth:`remove`, or until a newer version of the same
    file is added. What is removed can be restored until it is purged.
    """

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self.file = database.file
        self._now = now

    # --- documents ---

    def add(
        self,
        *,
        path: str,
        name: str,
        kind: str,
        title: str,
        size: int,
        sha256: str,
        page_count: int | None,
        pages: Sequence[PageText],
        passages: Sequence[PassageDraft],
        modified_at: float | None = None,
        scans_wanted: bool = False,
    ) -> int:
        """Store a document with its pages and passages in one transaction and return its id.

        With ``scans_wanted`` its pages that text recognition could read are among those of :meth:`Scans.wanted`.
        A visible older version of the same path counts as removed from then on, and a failure to read it is forgotten;
        the document is in the collections where these were.
        Raises DiskFull or DamagedLibrary, with nothing stored.
        """
        now = self._now()
        path = intake.storable_path(path)
        has_scans = any(page.kind.is_scan for page in pages)
        # Without passages nothing is left to embed; a document of scans is not ready before they are read.
        state = DocumentState.STORED if passages or has_scans else DocumentState.READY
        unread = sum(page.kind not in {PageKind.TEXT, PageKind.EMPTY} for page in pages)
        with self._database.transaction() as connection:
            joined = collections.inherit(connection, path)
            connection.execute(
                "UPDATE documents SET removed_at = ? WHERE path = ? AND state != 'failed' AND removed_at IS NULL",
                (now, path),
            )
            intake.forget_failure(connection, path)
            document_id = intake.document(
                connection,
                path=path,
                name=intake.storable_path(name),
                title=intake.storable(title),
                kind=kind,
                size=size,
                sha256=sha256,
                state=state,
                page_count=page_count,
                passages=len(passages),
                imported_at=now,
                unread_pages=unread,
                modified_at=modified_at,
            )
            collections.join(connection, document_id, joined)
            connection.executemany(
                "INSERT INTO pages (document_id, number, text, kind) VALUES (?, ?, ?, ?)",
                ((document_id, page.number or _NO_PAGES, intake.storable(page.text), page.kind) for page in pages),
            )
            intake.passages(connection, document_id, passages)
            if scans_wanted and has_scans:
                connection.execute("INSERT INTO scans (document_id) VALUES (?)", (document_id,))
        return document_id

    def add_failed(self, path: str, name: str, size: int, sha256: str, error: KotaemonError) -> int:
        """Remember that a file could not be read, and why; an older failure of the same path is replaced.

        A visible version that was read before stays.
        """
        path = intake.storable_path(path)
        with self._database.transaction() as connection:
            intake.forget_failure(connection, path)
            return intake.document(
                connection,
                path=path,
                name=intake.storable_path(name),
                title=intake.storable_path(name),
                kind="",
                size=size,
                sha256=sha256,
                state=DocumentState.FAILED,
                imported_at=self._now(),
                reason=intake.storable(failures.keep(error)),
            )

    def documents(self) -> list[Document]:
        """Return all visible documents, failed ones included, newest first."""
        rows = self._database.fetch(f"{_DOCUMENT} WHERE removed_at IS NULL ORDER BY id DESC")
        return [_document(row) for row in rows]

    def document(self, document_id: int) -> Document | None:
        """Return a visible document, or None."""
        row = self._database.fetch_one(f"{_DOCUMENT} WHERE id = ? AND removed_at IS NULL", (document_id,))
        return _document(row) if row else None

    def find_by_hash(self, sha256: str) -> Document | None:
        """Return the visible, readable document with this content, or None."""
        row = self._database.fetch_one(
            f"{_DOCUMENT} WHERE sha256 = ? AND state != 'failed' AND removed_at IS NULL ORDER BY id LIMIT 1",
            (sha256,),
        )
        return _document(row) if row else None

    def counts(self) -> tuple[int, int]:
        """Return (documents, passages) that can be searched: visible and not failed."""
        row = self._database.fetch(
            "SELECT count(*), coalesce(sum(passages), 0) FROM documents WHERE removed_at IS NULL AND state != 'failed'"
        )[0]
        return row[0], row[1]

    def remove(self, ids: Iterable[int]) -> None:
        """Hide documents at once; :meth:`restore` brings them back until they are purged."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE documents SET removed_at = ?"
                " WHERE id IN (SELECT value FROM json_each(?)) AND removed_at IS NULL",
                (self._now(), json.dumps(list(ids))),
            )

    def stamps(self, paths: Iterable[str]) -> dict[str, tuple[int, float]]:
        """Return (bytes, time of the last change) of the readable files at ``paths`` as they were imported, by path."""
        rows = self._database.fetch(
            "SELECT path, size, modified_at FROM documents WHERE removed_at IS NULL AND state != 'failed'"
            " AND modified_at IS NOT NULL AND path IN (SELECT value FROM json_each(?))",
            (json.dumps([intake.storable_path(path) for path in paths]),),
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def remove_paths(self, paths: Iterable[str]) -> None:
        """Hide the documents at ``paths``, as :meth:`remove` does."""
        rows = self._database.fetch(
            "SELECT id FROM documents WHERE removed_at IS NULL AND path IN (SELECT value FROM json_each(?))",
            (json.dumps([intake.storable_path(path) for path in paths]),),
        )
        if rows:
            self.remove(row[0] for row in rows)

    def restore(self, ids: Iterable[int]) -> None:
        """Make removed documents visible again; a newer version of the same file is removed instead."""
        now = self._now()
        with self._database.transaction() as connection:
            for document_id in ids:
                connection.execute(
                    "UPDATE documents SET removed_at = ?1 FROM documents AS back WHERE back.id = ?2"
                    " AND back.removed_at IS NOT NULL AND documents.path = back.path AND documents.removed_at IS NULL"
                    " AND (documents.state = 'failed') = (back.state = 'failed')",
                    (now, document_id),
                )
                connection.execute("UPDATE documents SET removed_at = NULL WHERE id = ?", (document_id,))

    def removed(self) -> list[tuple[Document, float]]:
        """Return what :meth:`restore` can bring back, with the time of its removal, the last removed first.

        Versions that a newer one has replaced are not among them.
        """
        rows = self._database.fetch(_REMOVED)
        return [(_document(row[:-1]), row[-1]) for row in rows]

    def move(self, document_id: int, path: str, name: str) -> None:
        """Note that the file of a document is at ``path`` now; a failure to read what was there is forgotten.

        The older versions that were removed go with it.
        """
        path = intake.storable_path(path)
        with self._database.transaction() as connection:
            intake.forget_failure(connection, path)
            connection.execute(
                "UPDATE documents SET path = ?1, name = ?2 WHERE id = ?3 OR (removed_at IS NOT NULL"
                " AND state != 'failed' AND path = (SELECT path FROM documents WHERE id = ?3))",
                (path, intake.storable_path(name), document_id),
            )

    def purge(self, before: float) -> int:
        """Delete for good what was removed before the time ``before`` and return how many documents that were.

        Each document is a transaction of its own, so that other threads get their turn. Vectors that nobody owns any
        more go too. :meth:`Database.forget` takes their words from the file.
        """
        rows = self._database.fetch("SELECT id FROM documents WHERE removed_at < ?", (before,))
        purged = 0
        for (document_id,) in rows:
            with self._database.transaction() as connection:
                still_removed = connection.execute(
                    "SELECT 1 FROM documents WHERE id = ? AND removed_at < ?", (document_id, before)
                ).fetchone()
                if still_removed:
                    keyword.unindex(connection, document_id)
                    connection.execute("DELETE FROM documents WHERE id = ?", (document_id,))
                    purged += 1
        vectors.sweep(self._database)
        return purged

    # --- the queue of an import ---

    def enqueue(self, paths: Sequence[str]) -> None:
        """Remember files that an import has promised to read."""
        with self._database.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO queue (path) VALUES (?)", _one_column(paths))

    def dequeue(self, paths: Sequence[str]) -> None:
        """Forget files that were read, or that nobody wants any more."""
        with self._database.transaction() as connection:
            connection.executemany("DELETE FROM queue WHERE path = ?", _one_column(paths))

    def queue(self) -> list[str]:
        """Return the files still promised, in the order of the promise."""
        return [row[0] for row in self._database.fetch("SELECT path FROM queue ORDER BY id")]

    # --- text ---

    def page(self, document_id: int, number: int | None) -> PageText | None:
        """Return the stored text of a page (``None``: of a document without pages), or None if there is none."""
        row = self._database.fetch_one(
            "SELECT text, kind FROM pages WHERE document_id = ? AND number = ?", (document_id, number or _NO_PAGES)
        )
        return PageText(number, row[0], PageKind(row[1])) if row else None

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the visible passages among ``ids``, in the order of ``ids``."""
        rows = self._database.fetch(
            f"{PASSAGE} FROM json_each(?) AS wanted CROSS JOIN passages ON passages.id = wanted.value"
            " JOIN documents ON documents.id = passages.document_id WHERE documents.removed_at IS NULL"
            " ORDER BY wanted.key",
            (json.dumps(list(ids)),),
        )
        return [passage(row) for row in rows]

    def documents_of(self, ids: Sequence[int]) -> dict[int, int]:
        """Return the document of each of the passages ``ids`` and of those next to them, removed ones included."""
        wanted = sorted({near for each in ids for near in (each - 1, each, each + 1)})
        rows = self._database.fetch(
            "SELECT id, document_id FROM passages WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(wanted),)
        )
        return {row[0]: row[1] for row in rows}

    def passages_of(self, document_id: int) -> list[Passage]:
        """Return the passages of a visible document in reading order."""
        rows = self._database.fetch(
            f"{PASSAGE} FROM passages JOIN documents ON documents.id = passages.document_id"
            " WHERE documents.id = ? AND documents.removed_at IS NULL ORDER BY passages.page, passages.start",
            (document_id,),
        )
        return [passage(row) for row in rows]

    def keyword_search(
        self,
        query: str,
        limit: int,
        within: Sequence[int] | None = None,
        frequencies: Mapping[str, int] | None = None,
    ) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, score; larger is better), best first; only visible passages.

        ``within`` are the ids of the documents to search; None: all. ``frequencies``: see :func:`keyword.search`.
        """
        return keyword.search(self._database, query, limit, within, frequencies)

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """Return how many passages hold each of ``words`` (as index_tokens cuts them); unknown ones left out."""
        return keyword.document_frequencies(self._database, words)

    # --- vectors ---

    def pending(self, model: str, limit: int) -> list[tuple[int, int, str]]:
        """See :func:`kotaemon_desktop.core.storage.vectors.pending`."""
        return vectors.pending(self._database, model, limit)

    def pending_count(self, model: str) -> int:
        """Return how many visible passages lack a vector of ``model``."""
        return vectors.pending_count(self._database, model)

    def store_vectors(self, model: str, rows: Sequence[tuple[int, bytes]]) -> list[int]:
        """See :func:`kotaemon_desktop.core.storage.vectors.store`."""
        return vectors.store(self._database, model, rows)

    def mark_complete(self, model: str) -> None:
        """Remember that the vectors and the index of ``model`` are complete now."""
        vectors.mark_complete(self._database, model, self._now())

    def complete_embedders(self) -> list[str]:
        """Return the embedders whose index has been complete, the latest first."""
        return vectors.complete(self._database)

    def unknown_count(self, model: str) -> int:
        """Return how many visible passages are in languages that ``model`` does not know."""
        return vectors.unknown_count(self._database, model)

    def forget_embedder(self, model: str) -> None:
        """Delete all vectors of ``model``."""
        vectors.forget(self._database, model)

    def progress(self, document_id: int, model: str) -> tuple[int, int]:
        """Return (vectors of ``model``, passages) of a document."""
        return vectors.progress(self._database, document_id, model)


def _one_column(paths: Sequence[str]) -> list[tuple[str]]:
    return [(intake.storable_path(path),) for path in paths]


def _document(row: Sequence[Any]) -> Document:
    fields = list(row)
    fields[7] = _STATES[fields[7]]
    return Document(*fields)


def passage(row: Sequence[Any]) -> Passage:
    """Return the passage that a row of :data:`PASSAGE` holds."""
    *fields, recognised = row
    return Passage(*fields, recognised=bool(recognised))
