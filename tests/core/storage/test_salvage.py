"""A damaged file gives up what can still be read of it, into a library that is sound; the damaged one is kept."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Container
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import DamagedLibrary, EmptyFile
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.migrations import MIGRATIONS
from kotaemon_desktop.core.storage.salvage import SalvageReport, salvage
from kotaemon_desktop.core.storage.verify import verify

from .conftest import add

PAGE = 4096
DOCUMENTS, TURNS = 30, 40


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A library of a few hundred pages: documents, half of them with their files, vectors and a conversation."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    with Database(folder.database) as database:
        library, history = Library(database), History(database)
        for number in range(DOCUMENTS):
            file = tmp_path / f"{number}.txt"
            if number % 2:
                file.write_text("text", encoding="utf-8")
            add(library, str(file), *(f"passage {number} {place} " * 40 for place in range(10)))
        while rows := library.pending("m", 100):
            library.store_vectors("m", [(row[0], bytes(768)) for row in rows])
        conversation = history.new_conversation()
        for number in range(TURNS):
            history.add_turn(
                conversation, question=f"question {number}", answer="answer " * 200,
                route="documents", model="", answered=True,
            )  # fmt: skip
    return folder


def salvaged(folder: DataFolder) -> SalvageReport:
    """Salvage to the end; until then only what was counted is told."""
    *rows, report = salvage(folder)
    assert isinstance(report, SalvageReport)
    assert all(isinstance(each, int) for each in rows)
    return report


def whole_or_gone(folder: DataFolder, torn: Container[str]) -> tuple[int, int]:
    """Check that everything visible can be used; return how many documents and turns there are."""
    report = verify(folder)
    assert report.problems == ()
    with Database(folder.database) as database:
        library, history = Library(database), History(database)
        documents = library.documents()
        for document in documents:
            assert document.passages == 10 or document.path in torn
            assert len(library.passages_of(document.id)) == document.passages
        turns = [turn for each in history.conversations() for turn in history.turns(each.id)]
        assert all(turn.answer.startswith("answer") for turn in turns)
        again = library.queue()
        assert not {document.path for document in documents} & set(again)
        return len(documents) + len(again), len(turns)


@pytest.mark.parametrize("seed", [0, 1, 3, 6])
def test_scattered_damage(folder: DataFolder, seed: int) -> None:
    """Some pages of the file hold something else: what was on them is lost, and nothing but that."""
    chance = random.Random(seed)
    content = bytearray(folder.database.read_bytes())
    pages = len(content) // PAGE
    for page in chance.sample(range(1, pages), 1 + pages * seed // 100):
        start = page * PAGE + chance.choice((0, 0, 100, 2000))
        content[start : (page + 1) * PAGE] = chance.randbytes((page + 1) * PAGE - start)
    folder.database.write_bytes(content)

    report = salvaged(folder)

    documents, turns = whole_or_gone(folder, report.torn)
    assert (documents, turns) == (report.documents, report.turns)
    assert Path(report.aside).read_bytes() == bytes(content)
    if seed < 2:
        assert documents > DOCUMENTS / 2


@pytest.mark.parametrize("kept", [0.9, 0.5, 0.1])
def test_a_truncated_file(folder: DataFolder, kept: float) -> None:
    os.truncate(folder.database, int(folder.database.stat().st_size * kept))
    with pytest.raises(DamagedLibrary):
        Database(folder.database)

    report = salvaged(folder)

    documents, turns = whole_or_gone(folder, report.torn)
    assert (documents, turns) == (report.documents, report.turns)
    if kept == 0.9:
        assert documents > DOCUMENTS / 2  # the conversation was written last


def test_a_sound_file_loses_nothing(folder: DataFolder) -> None:
    before = verify(folder)
    with Database(folder.database) as database:
        documents = Library(database).documents()
    for index in (folder.vectors, folder.mapped_vectors):
        (index / "m").mkdir(parents=True)

    report = salvaged(folder)

    assert (report.documents, report.again, report.torn, report.turns) == (DOCUMENTS, 0, {}, TURNS)
    assert not folder.vectors.exists()  # it names passages by numbers that may be others' from now on
    assert not folder.mapped_vectors.exists()
    assert verify(folder) == before
    with Database(folder.database) as database:
        assert Library(database).documents() == documents
        assert Library(database).keyword_search("passage", 5)


def test_the_damaged_file_is_kept_with_its_journal(tmp_path: Path) -> None:
    """All that a killed program wrote may stand in the journal alone: what is kept is that file, byte for byte."""
    written, folder = DataFolder(tmp_path / "written"), DataFolder(tmp_path / "data")
    for each in (written, folder):
        each.create()
    with Database(written.database) as database:
        for number in range(DOCUMENTS):
            add(Library(database), f"/{number}.txt", f"passage {number} " * 40)
        for ending in ("", "-wal"):
            shutil.copyfile(f"{written.database}{ending}", f"{folder.database}{ending}")
    endings = ("", "-wal")
    before = [Path(f"{folder.database}{ending}").read_bytes() for ending in endings]
    assert len(before[0]) < len(before[1])

    report = salvaged(folder)

    assert [Path(f"{report.aside}{ending}").read_bytes() for ending in endings] == before
    assert report.documents == DOCUMENTS
    assert sorted(file.name for file in folder.section.glob("library*")) == sorted(
        [folder.database.name, *(f"{Path(report.aside).name}{ending}" for ending in endings)]
    )


def test_what_was_deleted_stays_deleted_and_a_kept_copy_is_named(folder: DataFolder) -> None:
    """A part of every document is lost, also of one that was deleted, and of one of which only a copy is left."""
    with Database(folder.database) as database:
        library = Library(database)
        with database.transaction() as connection:
            connection.execute("DELETE FROM pages WHERE number = 1")
        documents = {Path(each.path).stem: each for each in library.documents()}
        library.remove([documents["1"].id])
        library.add_failed(documents["3"].path, "3.txt", 1, "0", EmptyFile(name="3.txt"))
    copied = documents["0"]
    folder.originals.mkdir()
    copy = folder.originals / f"{copied.sha256}.txt"
    copy.write_text("text", encoding="utf-8")

    report = salvaged(folder)

    with Database(folder.database) as database:
        library = Library(database)
        assert documents["1"].path not in library.queue()
        assert len(library.queue()) == report.again == DOCUMENTS // 2 - 1
        assert [each.path for each, _removed in library.removed()] == [documents["1"].path]
    assert report.torn[copied.path] == copy
    assert [each for each in report.torn.values() if each] == [copy]
    assert [line for line in report.lines() if str(copy) in line and copied.path in line]


def test_something_that_is_no_library(folder: DataFolder) -> None:
    folder.database.write_bytes(b"no library " * 1000)

    report = salvaged(folder)

    assert (report.documents, report.turns) == (0, 0)
    assert verify(folder).sound
    assert Path(report.aside).read_bytes().startswith(b"no library")


def test_an_older_schema(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    with Database(folder.database, migrations=MIGRATIONS[:4]) as database, database.transaction() as connection:
        connection.execute("INSERT INTO conversations (id, title, created_at, active_at) VALUES (1, 'Talk', 1.0, 1.0)")
        connection.execute(
            "INSERT INTO turns (conversation_id, question, answer, route, model, answered, asked_at, citations, trace)"
            " VALUES (1, 'question', 'answer', 'documents', '', 1, 1.0, '[]', '')"
        )

    assert salvaged(folder).turns == 1

    with Database(folder.database) as database:
        assert [turn.question for turn in History(database).turns(1)] == ["question"]
    assert min(file.name for file in tmp_path.glob("library*")).startswith("library.damaged-")
    assert list(tmp_path.glob("*.schema-*")) == list(tmp_path.glob("*.part")) == []


def test_giving_up_in_the_middle_changes_nothing(folder: DataFolder) -> None:
    before = folder.database.read_bytes()
    files = set(folder.section.iterdir())
    saving = salvage(folder)
    assert [next(saving), next(saving)] == [0, 500]
    saving.close()
    assert set(folder.section.iterdir()) == files
    assert folder.database.read_bytes() == before


@pytest.mark.parametrize("step", ["scratch", "fresh"])
def test_a_salvage_that_was_killed_is_done_again_with_nothing_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Rows that stand in the journal alone are there until the fresh library is in its place."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    journal = folder.database.with_name("library.sqlite3-wal")
    with Database(folder.database) as database:
        add(Library(database), "/in the file", "passage")
        database.rewrite()
        add(Library(database), "/in the journal", "passage")
        kept = [(file, file.read_bytes()) for file in (folder.database, journal)]
    for file, content in kept:
        file.write_bytes(content)
    replace = Path.replace

    def killed(file: Path, target: Path) -> Path:
        if step in file.name:
            raise KeyboardInterrupt
        return replace(file, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            salvaged(folder)

    assert salvaged(folder).documents == 2
    assert salvaged(folder).documents == 2
    assert list(folder.root.glob("library.salvaging*")) == []
    asides = list(folder.root.glob("library.damaged-*.sqlite3"))
    assert len(asides) == 3  # none of the three, all of them perhaps in one second, took the place of another
    assert kept[0][1] in [aside.read_bytes() for aside in asides]
