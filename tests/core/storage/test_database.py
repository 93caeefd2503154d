import _sqlite3
import ctypes
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import DamagedLibrary, DiskFull, LibraryGone, LibraryUnavailable, NewerLibrary
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.migrations import MIGRATIONS

STEPS = ("CREATE TABLE notes (text TEXT)", "ALTER TABLE notes ADD COLUMN colour TEXT DEFAULT 'red'")


def test_settings_that_promises_rest_on(database: Database) -> None:
    values = {name: database.fetch(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert database.fetch("PRAGMA user_version")[0][0] == len(MIGRATIONS)


def test_older_schema_is_migrated_after_a_copy(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    with Database(file, migrations=STEPS[:1]) as old, old.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('kept')")
    with Database(file, migrations=STEPS) as new:
        assert [tuple(row) for row in new.fetch("SELECT text, colour FROM notes")] == [("kept", "red")]
    with Database(tmp_path / "library.schema-1.sqlite3", migrations=STEPS[:1]) as copy:
        assert [tuple(row) for row in copy.fetch("SELECT * FROM notes")] == [("kept",)]


def test_migration_that_fails_leaves_the_old_schema(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    Database(file, migrations=STEPS[:1]).close()
    with pytest.raises(sqlite3.OperationalError):
        Database(file, migrations=(STEPS[0], "ALTER TABLE notes ADD COLUMN a; ALTER TABLE nothing ADD COLUMN b"))
    with Database(file, migrations=STEPS[:1]) as database:
        assert len(database.fetch("PRAGMA table_info(notes)")) == 1


def test_newer_schema_is_refused_untouched(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    Database(file, migrations=STEPS).close()
    before = file.read_bytes(), file.stat().st_mtime_ns
    with pytest.raises(NewerLibrary, match="schema 2, this one knows 1"):
        Database(file, migrations=STEPS[:1])
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


@pytest.mark.parametrize("content", [b"This is no database at all. " * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_something_else_is_refused_untouched(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "library.sqlite3"
    file.write_bytes(content)
    with pytest.raises(DamagedLibrary):
        Database(file)
    assert file.read_bytes() == content


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LibraryUnavailable, match="unable to open"):
        Database(tmp_path / "nowhere" / "library.sqlite3")


def test_full_disk_takes_the_transaction_back(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3", migrations=STEPS) as database:
        pages = database.fetch("PRAGMA page_count")[0][0]
        database.fetch(f"PRAGMA max_page_count={pages + 2}")
        with pytest.raises(DiskFull), database.transaction() as connection:
            connection.executemany("INSERT INTO notes (text) VALUES (?)", [("x" * 4000,)] * 20)
        assert database.fetch("SELECT * FROM notes") == []


def test_truncated_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    Database(file).close()
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(DamagedLibrary):
        Database(file)


def test_damage_inside_is_found_by_the_check(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    with Database(file, migrations=STEPS) as database, database.transaction() as connection:
        connection.executemany("INSERT INTO notes (text) VALUES (?)", [("x" * 500,)] * 200)
    content = bytearray(file.read_bytes())
    content[3 * 4096 : 3 * 4096 + 64] = b"\xff" * 64
    file.write_bytes(content)
    with Database(file, migrations=STEPS) as database, pytest.raises(DamagedLibrary):
        database.check()


def test_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    rows = [("fits",), (object(),)]
    with Database(tmp_path / "library.sqlite3", migrations=STEPS) as database:
        connection = database.connection()
        with pytest.raises(sqlite3.Error, match="binding parameter"), database.transaction():
            connection.executemany("INSERT INTO notes (text) VALUES (?)", rows)
        assert not connection.in_transaction
        assert database.fetch("SELECT * FROM notes") == []


def test_threads_write_at_the_same_time(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3", migrations=STEPS) as database:

        def write(name: str) -> None:
            for _ in range(50):
                with database.transaction() as connection:
                    connection.execute("INSERT INTO notes (text) VALUES (?)", (name,))

        threads = [threading.Thread(target=write, args=(name,)) for name in ("answers", "imports")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert database.fetch("SELECT count(*) FROM notes")[0][0] == 100


def test_connections_of_ended_threads_are_closed(database: Database) -> None:
    seen: list[sqlite3.Connection] = []
    for _ in range(3):
        thread = threading.Thread(target=lambda: seen.append(database.connection()))
        thread.start()
        thread.join()
    for connection in seen[:2]:
        with pytest.raises(sqlite3.ProgrammingError):
            connection.execute("SELECT 1")
    database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        seen[2].execute("SELECT 1")
    with pytest.raises(sqlite3.ProgrammingError):
        database.fetch("SELECT 1")


def test_kill_in_a_transaction_leaves_what_was_committed(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    program = f"""
import os, signal
from pathlib import Path
from kotaemon_desktop.core.storage.database import Database
database = Database(Path({str(file)!r}), migrations={STEPS!r})
with database.transaction() as connection:
    connection.execute("INSERT INTO notes (text) VALUES ('committed')")
with database.transaction() as connection:
    connection.executemany("INSERT INTO notes (text) VALUES (?)", [("x" * 1000,)] * 20000)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    killed = subprocess.run([sys.executable, "-c", program], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    with Database(file, migrations=STEPS) as database:
        assert [row[0] for row in database.fetch("SELECT text FROM notes")] == ["committed"]


def test_copy_while_another_thread_writes(tmp_path: Path) -> None:
    with Database(tmp_path / "library.sqlite3", migrations=STEPS) as database:
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                with database.transaction() as connection:
                    connection.executemany("INSERT INTO notes (text) VALUES (?)", [("pair",)] * 2)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            database.copy_to(tmp_path / "copy.sqlite3")
        finally:
            stop.set()
            writer.join()
    assert not (tmp_path / "copy.sqlite3-wal").exists()
    with Database(tmp_path / "copy.sqlite3", migrations=STEPS) as copy:
        copy.check()
        assert copy.fetch("SELECT count(*) FROM notes")[0][0] % 2 == 0


def test_what_connections_have_cached_is_forgotten_and_read_again(database: Database) -> None:
    library = ctypes.CDLL(_sqlite3.__file__)  # the same SQLite as the module's own
    library.sqlite3_memory_used.restype = ctypes.c_longlong
    with database.transaction() as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
        connection.executemany("INSERT INTO notes VALUES (?)", [("x" * 1000,)] * 1000)
    with database.transaction() as connection:
        connection.execute("INSERT INTO notes VALUES ('in the middle')")
        before = library.sqlite3_memory_used()
        other = threading.Thread(target=database.forget_cached)
        other.start()
        other.join()
        assert before - library.sqlite3_memory_used() > 500_000
    assert database.fetch("SELECT count(*), max(length(text)) FROM notes")[0][:] == (1001, 1000)


def test_a_folder_that_is_moved_while_it_is_open(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "drive", tmp_path / "elsewhere"
    folder.mkdir()
    with Database(folder / "library.sqlite3", migrations=STEPS) as database:
        folder.rename(elsewhere)
        folder.mkdir()  # as an empty mount point
        failed: list[Exception] = []

        def read() -> None:
            try:
                database.fetch("SELECT * FROM notes")
            except LibraryGone as error:
                failed.append(error)

        reader = threading.Thread(target=read)  # with a connection of its own
        reader.start()
        reader.join()
        assert len(failed) == 1
        with pytest.raises(LibraryGone, match="Connect the drive again"), database.transaction():
            pass
        assert list(folder.iterdir()) == []
        folder.rmdir()
        elsewhere.rename(folder)
        with database.transaction() as connection:
            connection.execute("INSERT INTO notes VALUES ('back', 'blue')")
        assert database.fetch("SELECT count(*) FROM notes")[0][0] == 1
