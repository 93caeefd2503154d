from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NothingThere
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.repair import repair, shrink
from kotaemon_desktop.core.storage.verify import verify

from .conftest import add


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A sound library: one document embedded, one not yet, one gone whose copy is kept, and one removed."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    folder.originals.mkdir()
    with Database(folder.database) as database:
        library = Library(database)
        for name in ("a.txt", "b.txt"):
            (tmp_path / name).write_text("text")
            add(library, str(tmp_path / name), "one", "two 二")
        library.store_vectors("m", [(row[0], bytes(8)) for row in library.pending("m", 2)])
        add(library, str(tmp_path / "gone.txt"), "three", sha256="kept")
        library.remove([add(library, "/removed.txt", "four")])
        library.add_failed("/failed.pdf", "failed.pdf", 1, "x", Damaged(name="failed.pdf", detail="cut"))
    (folder.originals / "kept.txt").write_text("text")
    return folder


def test_a_sound_library(folder: DataFolder) -> None:
    report = verify(folder)
    assert report.problems == ()
    assert report.sound
    assert (report.documents, report.passages, report.pending) == (3, 5, 3)
    assert report.missing == ()


def test_originals_that_are_gone_are_named(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "a.txt").unlink()
    (folder.originals / "kept.txt").unlink()
    report = verify(folder)
    assert report.sound
    assert report.missing == (str(tmp_path / "a.txt"), str(tmp_path / "gone.txt"))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ("UPDATE documents SET passages = 7 WHERE id = 2", "1 documents have another number of passages"),
        ("UPDATE coverage SET vectors = 1", "1 documents have another number of vectors"),
        ("UPDATE documents SET state = 'ready'", "3 documents are marked ready but lack vectors"),
        ("UPDATE vectors SET vector = x'00' WHERE passage_id = 1", "1 vectors have the wrong length"),
        ("DELETE FROM words_docsize WHERE id = 3", "1 passages are missing in keyword search"),
        ("INSERT INTO words (rowid, tokens) VALUES (99, 'stray')", "1 passages are in keyword search that no"),
        ("PRAGMA foreign_keys=OFF; DELETE FROM documents WHERE id = 3", "belong to something that is gone"),
        ("DELETE FROM words_data WHERE id = (SELECT max(id) FROM words_data)", "keyword search is damaged"),
    ],
)
def test_contradictions_are_found(folder: DataFolder, change: str, problem: str) -> None:
    with Database(folder.database) as database:
        database.connection().executescript(change)
    report = verify(folder)
    assert not report.sound
    assert any(problem in each for each in report.problems), report.problems


def test_damage_is_reported(folder: DataFolder) -> None:
    content = bytearray(folder.database.read_bytes())
    content[2 * 4096 : 6 * 4096] = bytes(4 * 4096)
    folder.database.write_bytes(content)
    report = verify(folder)
    assert not report.sound
    assert "is damaged" in report.problems[0]


def test_no_library(tmp_path: Path) -> None:
    with pytest.raises(NothingThere):
        verify(DataFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE documents SET passages = 7 WHERE id = 2",
        "UPDATE coverage SET vectors = 1",
        "UPDATE documents SET state = 'ready'",
        "UPDATE vectors SET vector = x'00' WHERE passage_id = 1",
        "DELETE FROM words_docsize WHERE id = 3",
        "INSERT INTO words (rowid, tokens) VALUES (99, 'stray')",
        "PRAGMA foreign_keys=OFF; DELETE FROM documents WHERE id = 3",
        "DELETE FROM words_data WHERE id = (SELECT max(id) FROM words_data)",
    ],
)
def test_what_can_be_mended_is_mended(folder: DataFolder, damage: str) -> None:
    with Database(folder.database) as database:
        database.connection().executescript(damage)
    assert not verify(folder).sound
    repair(folder)
    report = verify(folder)
    assert report.problems == ()
    with Database(folder.database) as database:
        library = Library(database)
        found = library.passages([each for each, _score in library.keyword_search("two", 5)])
        assert {passage.text for passage in found} == {"two 二"}
        assert {d.name for d in library.documents()} >= {"a.txt", "failed.pdf"}


def test_repairing_a_sound_library_changes_nothing(folder: DataFolder) -> None:
    before = verify(folder)
    with Database(folder.database) as database:
        documents = Library(database).documents()
    repair(folder)
    assert verify(folder) == before
    with Database(folder.database) as database:
        assert Library(database).documents() == documents


def test_shrinking_gives_room_back_and_keeps_what_is_needed(folder: DataFolder) -> None:
    (folder.originals / "nobody.pdf").write_bytes(bytes(100_000))
    (folder.section / "library.schema-1.sqlite3").write_bytes(bytes(50_000))
    with Database(folder.database) as database:
        library = Library(database)
        big = add(library, "/big.txt", *["words and more words " * 50] * 300)
        library.remove([big])
        with database.transaction() as connection:  # holes, as long use leaves them
            connection.execute("DELETE FROM passages WHERE document_id = ?", (big,))
        report = shrink(folder, database)
        assert report.before - report.after > 300_000
        assert report.copies == 1
        assert [file.name for file in folder.originals.iterdir()] == ["kept.txt"]
        assert library.keyword_search("two", 5)
