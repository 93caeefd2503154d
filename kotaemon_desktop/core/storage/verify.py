"""Checks that a data folder is whole: the file, its counts, the search index, the vectors and the originals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kotaemon_desktop.core.errors import DamagedLibrary, NothingThere
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.paths import DataFolder, kept_copy
from kotaemon_desktop.core.storage.database import Database

# Each query counts rows that contradict others; the text says what that means.
_CONTRADICTIONS: Final = (
    (
        N_("{count} documents have another number of passages than is written beside them."),
        """
        SELECT count(*) FROM documents WHERE passages !=
        (SELECT count(*) FROM passages WHERE document_id = documents.id)
        """,
    ),
    (
        N_("{count} documents have another number of vectors than is written beside them."),
        """
        SELECT count(*) FROM coverage WHERE vectors != (SELECT count(*) FROM passages JOIN vectors
        ON vectors.passage_id = passages.id AND vectors.embedder_id = coverage.embedder_id
        WHERE passages.document_id = coverage.document_id)
        """,
    ),
    (
        N_("{count} documents are marked ready but lack vectors."),
        """
        SELECT count(*) FROM documents WHERE state = 'ready' AND passages >
        (SELECT coalesce(max(vectors), 0) FROM coverage WHERE document_id = documents.id)
        """,
    ),
    (
        N_("{count} vectors have the wrong length."),
        """
        SELECT count(*) FROM vectors JOIN embedders ON embedders.id = vectors.embedder_id
        WHERE length(vector) != searchable * 2 * dimension
        """,
    ),
    (
        N_("{count} passages are missing in keyword search."),
        "SELECT count(*) FROM passages WHERE NOT EXISTS (SELECT 1 FROM words_docsize WHERE id = passages.id)",
    ),
    (
        N_("{count} passages are in keyword search that no document holds."),
        "SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM passages)",
    ),
    (N_("{count} rows belong to something that is gone."), "SELECT count(*) FROM pragma_foreign_key_check"),
)


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a check found. ``problems`` are sentences for people; with none the library is sound.

    ``missing`` are the paths of documents whose file is gone and of which no copy is kept: they can still be searched
    and cited, but not shown as pages. That is no damage. ``pending`` counts passages that no embedder has done yet.
    """

    documents: int
    passages: int
    pending: int
    problems: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def sound(self) -> bool:
        return not self.problems


def verify(folder: DataFolder) -> VerifyReport:
    """Check the library of ``folder``, reading all of it; the vector index checks itself whenever it opens.

    Raises NothingThere or NewerLibrary. Damage is reported, not raised.
    """
    folder.settle()
    if not folder.database.is_file():
        raise NothingThere(folder=str(folder.database))
    try:
        with Database(folder.database) as database:
            database.check()
            problems = tuple(_problems(database))
            documents, passages, pending = database.fetch(
                "SELECT count(*), coalesce(sum(passages), 0), coalesce(sum(passages - embedded), 0) FROM documents"
                " WHERE removed_at IS NULL AND state != 'failed'"
            )[0]
            return VerifyReport(documents, passages, pending, problems, tuple(_missing(database, folder.originals)))
    except DamagedLibrary as error:
        return VerifyReport(0, 0, 0, (str(error),), ())


def _problems(database: Database) -> Iterator[str]:
    for text, query in _CONTRADICTIONS:
        count = database.fetch(query)[0][0]
        if count:
            yield _(text).format(count=count)
    try:
        with database.transaction() as connection:
            connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    except DamagedLibrary:
        yield _("The index of keyword search is damaged.")


def _missing(database: Database, originals: Path) -> Iterator[str]:
    for path, sha256 in database.fetch(
        "SELECT path, sha256 FROM documents WHERE removed_at IS NULL AND state != 'failed' ORDER BY path"
    ):
        original = Path(path)
        if not original.is_file() and not kept_copy(originals, original, sha256).is_file():
            yield path
