from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, NothingThere
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
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
