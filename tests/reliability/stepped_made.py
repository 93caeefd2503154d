"""What the jobs of the module ``stepped`` are let loose on: a data folder with three workspaces, and their backups."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage import backup as keeping
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.migrations import MIGRATIONS
from kotaemon_desktop.core.workspaces import Workspaces
from tests.reliability.aimed import add

_DOCUMENTS, _LATER_DOCUMENTS = 4, 2
_PAGE = 4096


def write(place: Path) -> None:
    """Write three workspaces, backups of them, and then what came later."""
    place.mkdir(parents=True)
    folder = DataFolder(place / "data")
    folder.create()
    for name in ("work", "home"):
        Workspaces(folder.root).create(name, folder)
    sections = [DataFolder(folder.root, name) for name in ("default", "work", "home")]
    for first, section in enumerate(sections):
        _fill(section, first * 100, _DOCUMENTS)
    keeping.backup(folder, place / "all.zip")
    keeping.backup_section(sections[1], place / "own.zip")
    shutil.copyfile(place / "own.zip", place / "made.zip")
    for first, section in enumerate(sections):
        _fill(section, first * 100 + 50, _LATER_DOCUMENTS)


def _fill(section: DataFolder, first: int, count: int) -> None:
    section.settings.write_text(f"answering:\n  top: {first % 20 + 1}\n", "utf-8")
    section.originals.mkdir(exist_ok=True)
    with Database(section.database) as database:
        library, history = Library(database), History(database)
        conversation = history.new_conversation()
        for number in range(first, first + count):
            add(library, number)
            (section.originals / str(number)).write_text("the original", "utf-8")
            history.add_turn(
                conversation, question=f"question {number}", answer="answer " * 20,
                route="documents", model="", answered=True,
            )  # fmt: skip


def _damage(folder: DataFolder) -> None:
    """Damage a page of a derived index in the file, and leave the last documents in the journal alone."""
    with Database(folder.database) as database:
        journal = database.file.with_name(f"{database.file.name}-wal")
        _fill(folder, 80, 4)
        kept = (folder.database.read_bytes(), journal.read_bytes())
    for file, content in zip((folder.database, journal), kept, strict=True):
        file.write_bytes(content)
    page = _derived_page(folder)
    content = bytearray(kept[0])
    content[page * _PAGE : (page + 1) * _PAGE] = b"\xff" * _PAGE
    folder.database.write_bytes(content)
    for file, copy in ((folder.database, "damaged"), (journal, "damaged-wal")):
        shutil.copyfile(file, folder.root.parent / copy)
    folder.database.with_name(f"{folder.database.name}-shm").unlink(missing_ok=True)


def _derived_page(folder: DataFolder) -> int:
    """Return the place of a page that holds only what is made again: the first of an index."""
    with closing(sqlite3.connect(f"{folder.database.as_uri()}?immutable=1", uri=True)) as connection:
        found = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'memberships_document'").fetchone()
    return found[0] - 1


def _contradict(folder: DataFolder) -> None:
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("DELETE FROM words_docsize WHERE id % 2 = 0")
        connection.commit()


def _grow_old(folder: DataFolder) -> None:
    """Put a library of an older schema in the place of the one there."""
    folder.database.unlink()
    with Database(folder.database, migrations=MIGRATIONS[:4]) as database, database.transaction() as connection:
        connection.executemany(
            "INSERT INTO documents (path, name, title, kind, size, sha256, state, reason, imported_at) "
            "VALUES (?1, ?1, ?1, 'text', 1, ?1, 'ready', '', 1.0)",
            [(f"/{number}",) for number in range(2000)],
        )
        connection.execute("INSERT INTO conversations (id, title, created_at, active_at) VALUES (1, 'Talk', 1.0, 1.0)")
        connection.executemany(
            "INSERT INTO turns (conversation_id, question, answer, route, model, answered, citations, trace, asked_at)"
            " VALUES (1, ?, 'answer', 'documents', '', 1, '[]', '', ?)",
            [(f"question {number}", float(number)) for number in range(2000)],
        )


def _decide(folder: DataFolder) -> None:
    """Leave a restore of everything as a kill does behind the moment that decides it."""
    with zipfile.ZipFile(folder.root.parent / "all.zip") as archive:
        archive.extractall(folder.root / ".restore-ready")
    (folder.root / ".restore-ready" / "manifest.json").unlink()


def _remove_work(folder: DataFolder) -> None:
    Workspaces(folder.root).remove("work", "default")


PREPARE: dict[str, Callable[[DataFolder], None]] = {
    "salvage": _damage,
    "repair": _contradict,
    "migrate": _grow_old,
    "purge": _remove_work,
    "settle": _decide,
}
