"""Saves what can still be read of a damaged library file into a fresh one; the damaged one is kept aside.

SQLite refuses a whole query for one page that it cannot read, so rows are read up to the damage and again from behind
it. What belongs to a document that is not whole any more is thrown away, and the
document is read again from its file.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Any, Final

from kotaemon_desktop.core.errors import DiskFull
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder, kept_copy
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.storage import leftovers, repair
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.migrations import MIGRATIONS

_HEADER: Final = 100  # bytes
_MOST_FILLED: Final = 100  # times the length: a header can be damaged as well
_LAST: Final = 1 << 40  # no table has a row of this number
_TOLD: Final = 500  # rows between two reports of progress
# Made again from the rest.
_DERIVED: Final = ("coverage", "words", "vocabulary", "said", "sqlite_sequence")

# A conversation whose row is lost takes its first question for a name, and a lost question the one before it.
_TALK: Final = (
    (
        "INSERT INTO conversations (id, title, created_at, active_at) SELECT conversation_id, question, min(asked_at),"
        " max(asked_at) FROM turns WHERE conversation_id NOT IN (SELECT id FROM conversations) GROUP BY conversation_id"
    ),
    (
        "UPDATE turns SET parent_id = (SELECT max(id) FROM turns AS earlier WHERE earlier.id < turns.id"
        " AND earlier.conversation_id = turns.conversation_id)"
        " WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT id FROM turns)"
    ),
    (
        "UPDATE conversations SET head_id = (SELECT max(id) FROM turns WHERE conversation_id = conversations.id)"
        " WHERE head_id IS NULL OR head_id NOT IN (SELECT id FROM turns)"
    ),
)
_TORN: Final = """
SELECT id, path, sha256 FROM documents WHERE state != 'failed' AND removed_at IS NULL AND (
    passages != (SELECT count(*) FROM passages WHERE document_id = documents.id)
    OR NOT EXISTS (SELECT 1 FROM pages WHERE document_id = documents.id)
    OR page_count > (SELECT count(*) FROM pages WHERE document_id = documents.id)
)
"""

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SalvageReport:
    """What a fresh library holds of a damaged one. ``aside`` is where the damaged file is now."""

    documents: int
    again: int  # of the documents: to be read again from their files
    torn: Mapping[str, Path | None]  # documents of which a part is lost and whose file is gone: path, its kept copy
    turns: int
    aside: str

    def lines(self) -> Iterator[str]:
        """Yield what a person should know of it."""
        yield _("{documents} documents and {turns} answers were saved; the damaged file is kept as {aside}").format(
            documents=self.documents, turns=self.turns, aside=self.aside
        )
        if self.again:
            yield _("{count} documents are read again from their files").format(count=self.again)
        for path, copy in self.torn.items():
            if copy is None:
                yield _("a part is lost, and the file is gone: {path}").format(path=path)
            else:
                yield _("a part is lost; delete {path} and import its copy {copy}").format(path=path, copy=copy)


def salvage(folder: DataFolder) -> Generator[int | SalvageReport]:
    """Put a sound library in the place of the damaged one of ``folder``; the caller holds its lock, nothing is open.

    Yields how many rows are saved so far, and the report as the last. Until then nothing is changed, also when it is
    closed early. Raises DiskFull with nothing changed.
    """
    aside = _free_name(folder.database)
    fresh, scratch, kept = (
        folder.database.with_name(f"{folder.database.stem}.{leftovers.SALVAGED}-{name}.sqlite3")
        for name in ("fresh", "scratch", "kept")
    )
    _forget_unfinished(folder.database)
    try:
        _copy_with_journal(folder.database, scratch)
        report = yield from _salvaged(scratch, fresh, aside, folder.originals)
        _copy_with_journal(folder.database, kept)
        for file in (fresh, scratch):
            _write_through(file)
    except BaseException as error:
        _forget_unfinished(folder.database)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise DiskFull(folder=str(folder.section)) from error
        raise
    # They are derived, and know passages by numbers that a fresh library may give to others.
    for derived in (folder.vectors, folder.mapped_vectors, folder.caches):
        shutil.rmtree(derived, ignore_errors=True)
    _put_in_place(folder.database, fresh, scratch, kept, aside)
    yield report


def _free_name(library: Path) -> Path:
    """Return where a damaged ``library`` is kept: beside it, and beside what was kept there before."""
    stem = time.strftime(f"{library.stem}.damaged-%Y%m%d-%H%M%S")
    tried = (library.with_name(f"{stem}{number}.sqlite3") for number in chain([""], map("-{}".format, count(2))))
    return next(each for each in tried if not each.exists() and not _beside(each, "-wal").exists())


def _put_in_place(library: Path, fresh: Path, scratch: Path, kept: Path, aside: Path) -> None:
    """A kill between two of these steps leaves a damaged library from which all that can be read is saved again."""
    for ending in ("-wal", ""):
        if _beside(kept, ending).exists():
            _beside(kept, ending).rename(_beside(aside, ending))
    # The journal must go before the fresh file comes, but not before its rows are in the damaged one: reading has put
    # them into the scratch copy, and SQLite may do it once more.
    if not _beside(scratch, "-wal").exists():
        scratch.replace(library)
    for ending in ("-wal", "-shm"):
        _beside(library, ending).unlink(missing_ok=True)
    fresh.replace(library)
    _forget_unfinished(library)


def _salvaged(scratch: Path, fresh: Path, aside: Path, originals: Path) -> Generator[int, None, SalvageReport]:
    """Fill ``fresh``; ``scratch`` is changed by being read: SQLite moves the journal into the file."""
    _extend(scratch)
    with closing(_reader(scratch)) as damaged:
        yield from _fill(damaged, fresh)
    with Database(fresh) as database:
        with database.transaction() as connection:
            again, torn = _drop_torn(connection, originals)
            for statement in _TALK:
                connection.execute(statement)
            repair.mend(connection)
        database.rewrite()
        documents = database.fetch("SELECT count(*) FROM documents WHERE removed_at IS NULL AND state != 'failed'")[0][
            0
        ]
        turns = database.fetch("SELECT count(*) FROM turns")[0][0]
    return SalvageReport(documents + again, again, torn, turns, str(aside))


def _copy_with_journal(library: Path, target: Path) -> None:
    for ending in ("", "-wal"):
        source, copy = _beside(library, ending), _beside(target, ending)
        if source.is_file():
            shutil.copyfile(source, private_file(copy))
            _write_through(copy)


def _write_through(file: Path) -> None:
    """A power cut may not leave the name of ``file`` without its content."""
    with file.open("rb+") as written:
        os.fsync(written.fileno())


def _forget_unfinished(library: Path) -> None:
    for file in library.parent.glob(f"{library.stem}.{leftovers.SALVAGED}-*"):
        file.unlink()


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)


def _extend(file: Path) -> None:
    """Fill a file that was cut up to the length that its header names: else SQLite reads nothing of it at all."""
    size = file.stat().st_size
    with file.open("rb") as content:
        header = content.read(_HEADER)
    page = int.from_bytes(header[16:18], "big") or 1  # 1 stands for 65,536: https://sqlite.org/fileformat.html
    named = (page if page > 1 else 1 << 16) * int.from_bytes(header[28:32], "big")
    os.truncate(file, max(size, min(named, size * _MOST_FILLED)))


def _reader(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    connection.text_factory = _as_text
    return connection


def _as_text(stored: bytes) -> str:
    return stored.decode("utf-8", "replace")


# --- reading what can be read -----------------------------------------------------------------------------------------


def _fill(damaged: sqlite3.Connection, fresh: Path) -> Iterator[int]:
    """Write to a new library ``fresh``, of the damaged one's schema, all rows that can be read; yield how many."""
    with suppress(sqlite3.DatabaseError):
        schema = damaged.execute("PRAGMA user_version").fetchone()[0]
        known = {row[0] for row in damaged.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if 0 < schema <= len(MIGRATIONS):
            with Database(fresh, migrations=MIGRATIONS[:schema]) as database:
                connection = database.connection()
                connection.execute("PRAGMA foreign_keys=OFF")
                connection.execute("BEGIN")
                rows = chain.from_iterable(
                    ((table, row) for row in _rows(damaged, table, key))
                    for table, key in _tables(connection)
                    if table in known
                )
                for number, (table, row) in enumerate(rows):
                    if number % _TOLD == 0:
                        yield number
                    _copy(connection, table, row)
                connection.execute("COMMIT")
            return
    Database(fresh).close()  # not even the list of its tables can be read: begin anew


def _tables(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return (name, columns of its order) of each table that is no index."""
    tables = connection.execute("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    return [
        (name, ", ".join(_primary_key(connection, name)) if without_rowid else "rowid")
        for name, without_rowid in tables.fetchall()
        if name not in _DERIVED and not name.startswith("sqlite_")
    ]


def _primary_key(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (table,))
    return [row[0] for row in rows]


def _rows(damaged: sqlite3.Connection, table: str, key: str) -> Iterator[_Row]:
    """Yield the rows of ``table`` from its first on, with steps over what cannot be read that grow until they reach
    beyond it; a table without numbers from both of its ends.
    """
    if key != "rowid":
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{column} {direction}" for column in key.split(", "))
            yield from _scan(damaged, f"SELECT 0, * FROM {table} ORDER BY {order}")  # noqa: S608 - as below
        return
    query = f"SELECT rowid, * FROM {table} WHERE rowid > {{}} ORDER BY rowid"  # noqa: S608 - names of our own schema
    place, step = 0, 1
    while place < _LAST:
        last, torn = yield from _scan(damaged, query.format(place))
        if not torn:
            return
        step = 1 if last else step + step // 4 + 1
        place = max(place, last) + step


def _scan(damaged: sqlite3.Connection, query: str) -> Generator[_Row, None, tuple[int, bool]]:
    """Yield rows until the end or a page that cannot be read; return the last rowid, and whether it was such a page."""
    last = 0
    try:
        cursor = damaged.execute(query)
        columns = [column[0] for column in cursor.description[1:]]
        for number, *values in cursor:
            last = number
            yield dict(zip(columns, values, strict=True))
    except sqlite3.DatabaseError:
        return last, True
    return last, False


def _copy(connection: sqlite3.Connection, table: str, row: _Row) -> None:
    if not _readable(table, row):
        return
    places = ", ".join("?" * len(row))
    with suppress(sqlite3.Error):  # a value of the wrong kind, or a row that is there already
        connection.execute(
            f"INSERT OR IGNORE INTO {table} ({', '.join(row)}) VALUES ({places})",  # noqa: S608 - names of our own
            tuple(row.values()),
        )


def _readable(table: str, row: _Row) -> bool:
    """Return whether what was packed can be unpacked: SQLite does not notice damage inside a value."""
    if table != "passages":
        return True
    try:
        zlib.decompress(row["tokens"]).decode()
    except (zlib.error, UnicodeDecodeError, TypeError):
        return False
    return True


def _drop_torn(connection: sqlite3.Connection, originals: Path) -> tuple[int, dict[str, Path | None]]:
    """Take out documents of which a part is lost, and promise to read their files again where there are any.

    What a person has deleted stays as it is: deleted.
    """
    again, torn = 0, dict[str, Path | None]()
    for number, path, sha256 in connection.execute(_TORN).fetchall():
        if not Path(path).is_file():
            copy = kept_copy(originals, Path(path), sha256)
            torn[path] = copy if copy.is_file() else None  # a part is better than nothing
            continue
        connection.execute("DELETE FROM documents WHERE id = ?", (number,))
        connection.execute("INSERT OR IGNORE INTO queue (path) VALUES (?)", (path,))
        again += 1
    return again, torn
