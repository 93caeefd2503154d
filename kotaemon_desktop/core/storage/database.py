"""Opens the SQLite library: one connection a thread, transactions, numbered migrations, and named errors."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from kotaemon_desktop.core.errors import DamagedLibrary, DiskFull, LibraryGone, LibraryUnavailable, NewerLibrary
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.storage.migrations import MIGRATIONS

_BUSY_SECONDS: Final = 15.0
_JOURNAL_BYTES: Final = 64 * 1024 * 1024
_SHARED_INDEX_BYTES: Final = 64 * 1024  # that a new -shm file, and a page or two, need
_PRIMARY_CODE: Final = 0xFF  # SQLite's extended result codes carry the plain one in their low byte

Parameters = Sequence[Any] | Mapping[str, Any]


class Database:
    """Owns the connections to one library file: one for each thread that asks, all closed by :meth:`close`.

    May be used from any thread of the window process. Commits are durable (``synchronous=FULL``): there are few of them
    (a document, a batch of vectors, an answer), and with ``NORMAL`` a power cut would take back everything since the
    last checkpoint, which can be an hour of conversation.
    """

    def __init__(self, file: Path, *, migrations: Sequence[str] = MIGRATIONS) -> None:
        """Open ``file``, made new if it is absent, and bring its schema up to date.

        An older file is copied to ``<name>.schema-<n>.sqlite3`` before it is changed. A file that was not closed
        properly is checked wholly. Raises NewerLibrary, DamagedLibrary or LibraryUnavailable, the file untouched.
        """
        self.file = file.absolute()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._lock = threading.Lock()
        self._closed = False
        self._identity: tuple[int, int] | None = None  # device and number of the file, once it is open
        try:
            self._inspect(known=len(migrations))
            with self._named_errors():
                self._migrate(migrations)
            self._identity = _identity(self.file)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads, those that have ended included. May be called twice."""
        with self._lock:
            self._closed = True
            connections = list(self._connections.values())
            self._connections.clear()
        for connection in connections:
            connection.close()

    def forget_cached(self) -> None:
        """Free the pages of the file that the connections of all threads keep in memory, but those in use right now."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            with suppress(sqlite3.Error):  # closed by now, or in the middle of something: then it keeps what it has
                connection.execute("PRAGMA shrink_memory")

    def connection(self) -> sqlite3.Connection:
        """Return the calling thread's own connection, in autocommit mode, rows as :class:`sqlite3.Row`."""
        thread = threading.current_thread()
        with self._lock:
            if self._closed:
                raise sqlite3.ProgrammingError("the library is closed")
            if thread not in self._connections:
                for ended in [t for t in self._connections if not t.is_alive()]:
                    self._connections.pop(ended).close()
                self._connections[thread] = self._connect()
            return self._connections[thread]

    def fetch(self, sql: str, parameters: Parameters = ()) -> list[sqlite3.Row]:
        """Return all rows of a query. Raises DamagedLibrary when a page of the file cannot be read."""
        with self._named_errors():
            return self.connection().execute(sql, parameters).fetchall()

    def fetch_one(self, sql: str, parameters: Parameters = ()) -> sqlite3.Row | None:
        """Return the first row of a query, or None. Raises as :meth:`fetch`."""
        with self._named_errors():
            return self.connection().execute(sql, parameters).fetchone()

    @contextmanager
    def transaction(self) -> Generator[sqlite3.Connection]:
        """Commit everything in the block, or nothing. Waits for another thread's transaction to end.

        Raises DiskFull, DamagedLibrary, or LibraryGone with nothing written.
        """
        with self._named_errors():
            self._check_there()
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.commit()
            except BaseException:
                connection.rollback()
                raise

    def check(self) -> None:
        """Read the whole file and check its structure. Raises DamagedLibrary naming the first finding."""
        found = str(self.fetch("PRAGMA quick_check(1)")[0][0])
        if found != "ok":
            raise DamagedLibrary(folder=str(self.file.parent), detail=_finding(found))

    def shrink(self) -> None:
        """Give the pages that deleted rows have left back to the disk."""
        with self._named_errors():
            # A step frees one page and yields no row: only executescript steps to the end.
            self.connection().executescript("PRAGMA incremental_vacuum")

    def forget(self) -> None:
        """Leave no trace of deleted rows in the file or its journal, and give their pages back to the disk.

        What the rows held is overwritten as they are deleted; their words stand in the search indexes, and their pages
        in the journal, until both are written anew (0.15 s for 50,000 passages). A reader that holds the journal at
        this moment keeps it to the next time.
        """
        with self._named_errors():
            connection = self.connection()
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            connection.execute("INSERT INTO said (said) VALUES ('optimize')")
            self.shrink()
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def rewrite(self) -> None:
        """Write the whole file anew: the smallest that it can be. Needs as much free room as it takes."""
        with self._named_errors():
            connection = self.connection()
            connection.execute("INSERT INTO words (words) VALUES ('optimize')")
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy_to(self, target: Path) -> None:
        """Write a consistent copy to the new file ``target`` while other threads go on writing here."""
        with self._named_errors():
            copy = sqlite3.connect(private_file(target))
            try:
                # All pages in one step: a copy in slices starts over whenever somebody writes in between.
                self.connection().backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
            finally:
                copy.close()

    def _check_there(self) -> None:
        """Raise LibraryGone where the path leads to another file by now, or to none: SQLite would make a new one."""
        if self._identity is not None and _identity(self.file) != self._identity:
            raise LibraryGone(folder=str(self.file.parent))

    def _connect(self) -> sqlite3.Connection:
        self._check_there()
        connection = sqlite3.connect(
            self.file,
            timeout=_BUSY_SECONDS,
            isolation_level=None,  # transactions are begun where they are written
            check_same_thread=False,  # close() closes the connections of other threads
        )
        connection.row_factory = sqlite3.Row
        connection.executescript(
            "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"
            f"PRAGMA journal_size_limit={_JOURNAL_BYTES};"
        )
        return connection

    def _inspect(self, known: int) -> None:
        """Refuse a file that is newer or damaged, through a connection that cannot change it."""
        if not self.file.is_file() or self.file.stat().st_size == 0:
            with suppress(OSError):  # opening it says what is wrong
                private_file(self.file)
            return
        journal = self.file.with_name(self.file.name + "-wal")
        closed_properly = not journal.is_file() or journal.stat().st_size == 0
        read_only = f"{self.file.as_uri()}?mode=ro"
        with self._named_errors(), closing(sqlite3.connect(read_only, uri=True, timeout=_BUSY_SECONDS)) as reader:
            found: int = reader.execute("PRAGMA user_version").fetchone()[0]
            reader.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            checked = "ok" if closed_properly else reader.execute("PRAGMA quick_check(1)").fetchone()[0]
        if found > known:
            raise NewerLibrary(folder=str(self.file.parent), found=found, known=known)
        if checked != "ok":
            raise DamagedLibrary(folder=str(self.file.parent), detail=_finding(checked))

    def _migrate(self, migrations: Sequence[str]) -> None:
        connection = self.connection()
        found: int = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # what is purged leaves the disk too
        elif found < len(migrations):
            self._keep_copy(f".schema-{found}.sqlite3")
        connection.execute("PRAGMA journal_mode=WAL")
        for number, script in enumerate(migrations[found:], found + 1):
            try:
                connection.executescript(f"BEGIN IMMEDIATE; {script}; PRAGMA user_version={number}; COMMIT;")
            except BaseException:
                connection.rollback()
                raise

    def _keep_copy(self, suffix: str) -> None:
        """Copy the file to one with another ending, complete or not there at all."""
        unfinished = self.file.with_suffix(".part")
        unfinished.unlink(missing_ok=True)
        self.copy_to(unfinished)
        unfinished.replace(self.file.with_suffix(suffix))

    @contextmanager
    def _named_errors(self) -> Generator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            folder = str(self.file.parent)
            # Errors of the sqlite3 module itself (a closed connection) carry no code.
            match getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE:
                case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                    raise DamagedLibrary(folder=folder, detail=str(error)) from error
                case sqlite3.SQLITE_FULL:
                    raise DiskFull(folder=folder) from error
                case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN if _no_room(self.file.parent):
                    raise DiskFull(folder=folder) from error
                case (
                    sqlite3.SQLITE_CANTOPEN
                    | sqlite3.SQLITE_READONLY
                    | sqlite3.SQLITE_PERM
                    | sqlite3.SQLITE_IOERR
                    | sqlite3.SQLITE_BUSY
                ):
                    raise LibraryUnavailable(folder=folder, detail=str(error)) from error
                case _:
                    raise


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _no_room(folder: Path) -> bool:
    """Return whether the disk is full: SQLite calls it another fault where the files beside the library cannot grow."""
    import shutil

    try:
        return shutil.disk_usage(folder).free < _SHARED_INDEX_BYTES
    except OSError:
        return False


def _finding(told: str) -> str:
    """Return what SQLite's check says without its heading."""
    return told.splitlines()[-1]
