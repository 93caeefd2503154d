"""Mends what a check finds in the library, from what is still whole in it; and gives unused room back to the disk."""

from __future__ import annotations

import sqlite3
import zlib
from dataclasses import dataclass
from typing import Final

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage import keyword, leftovers
from kotaemon_desktop.core.storage.database import Database

_BATCH: Final = 2000  # passages indexed at once

# In this order: rows without an owner first, then what is counted from the rows that are left.
_MENDED: Final = (
    "DELETE FROM passages WHERE document_id NOT IN (SELECT id FROM documents)",
    "DELETE FROM pages WHERE document_id NOT IN (SELECT id FROM documents)",
    "DELETE FROM vectors WHERE passage_id NOT IN (SELECT id FROM passages)",
    "DELETE FROM vectors WHERE embedder_id NOT IN (SELECT id FROM embedders)",
    (
        "DELETE FROM memberships WHERE document_id NOT IN (SELECT id FROM documents)"
        " OR collection_id NOT IN (SELECT id FROM collections)"
    ),
    "DELETE FROM scans WHERE document_id NOT IN (SELECT id FROM documents)",
    "DELETE FROM watched_files WHERE folder NOT IN (SELECT path FROM watched_folders)",
    "DELETE FROM turns WHERE conversation_id NOT IN (SELECT id FROM conversations)",
    # They are computed again by the next import.
    (
        "DELETE FROM vectors WHERE length(vector) != searchable * 2 *"
        " (SELECT dimension FROM embedders WHERE id = vectors.embedder_id)"
    ),
    "UPDATE documents SET passages = (SELECT count(*) FROM passages WHERE document_id = documents.id)",
    "DELETE FROM coverage",
    (
        "INSERT INTO coverage (document_id, embedder_id, vectors) SELECT document_id, embedder_id, count(*)"
        " FROM vectors JOIN passages ON passages.id = vectors.passage_id GROUP BY document_id, embedder_id"
    ),
    "UPDATE documents SET embedded = coalesce((SELECT max(vectors) FROM coverage WHERE document_id = documents.id), 0)",
    "UPDATE documents SET state = iif(embedded >= passages, 'ready', 'stored') WHERE state != 'failed'",
)


@dataclass(frozen=True, slots=True)
class ShrinkReport:
    """How many bytes the library and the kept copies took before and after."""

    before: int
    after: int
    copies: int  # kept copies of files that no document needs any more


def repair(folder: DataFolder) -> None:
    """Mend the contradictions that :func:`verify` names, in one transaction; the caller holds the lock of ``folder``.

    Raises DamagedLibrary, with nothing changed, where the file itself is damaged: see :func:`salvage.salvage`.
    """
    with Database(folder.database) as database:
        database.check()
        with database.transaction() as connection:
            mend(connection)


def mend(connection: sqlite3.Connection) -> None:
    """Do away with contradictions and write keyword search anew, within the caller's transaction."""
    for statement in _MENDED:
        connection.execute(statement)
    tables = [
        (name, connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()[0])
        for name in ("vocabulary", "words")
    ]
    for name, _sql in tables:
        connection.execute(f"DROP TABLE {name}")
    for _name, sql in reversed(tables):
        connection.execute(sql)
    passages = connection.execute("SELECT id, tokens FROM passages ORDER BY id")
    while rows := passages.fetchmany(_BATCH):
        keyword.index(connection, [(row[0], zlib.decompress(row[1]).decode()) for row in rows])


def shrink(folder: DataFolder, database: Database) -> ShrinkReport:
    """Write the library anew without holes, and delete kept copies that no document needs, removed ones included.

    Takes as much free room as the library has; the caller holds the lock. Raises DiskFull with nothing lost.
    """
    before = _size(folder)
    copies = leftovers.clear(folder, database)
    database.rewrite()
    return ShrinkReport(before, _size(folder), copies)


def _size(folder: DataFolder) -> int:
    files = [*folder.section.glob("library.*"), *folder.originals.glob("*")]
    return sum(file.stat().st_size for file in files if file.is_file())
