"""Importing, cancelling, resuming, removing and undoing, on a real engine with real reader hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Imported
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


@pytest.fixture
def library(engine: Engine, lanes: Lanes, monkeypatch: pytest.MonkeyPatch) -> LibraryModel:
    # No embedder: these tests are about the list, and building one takes seconds.
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    return LibraryModel(engine, lanes)


def settle(library: LibraryModel, lanes: Lanes, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)
    assert library.activity is None


def lines(library: LibraryModel) -> dict[str, str]:
    return {entry.name: entry.line()[0] for entry in library.documents.entries}


def test_an_import_ends_with_every_file_in_the_list(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path
) -> None:
    ends: list[Imported] = []
    pictures: list[object] = []
    library.imported.connect(ends.append)
    library.activity_changed.connect(pictures.append)
    library.import_([files])
    settle(library, lanes, qtbot)
    shown = lines(library)
    assert set(shown) == {"leave.md", "travel.txt", "empty.pdf"}
    assert shown["empty.pdf"] == "is empty (0 bytes)."
    assert shown["leave.md"].endswith("1 passage")
    assert (ends[0].documents, len(ends[0].failed)) == (2, 1)
    assert pictures[-1] is None
    assert len(pictures) > 3


def test_what_is_there_already_is_not_shown_twice(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path
) -> None:
    library.import_([files / "leave.md"])
    settle(library, lanes, qtbot)
    copy = files / "copy of leave.md"
    copy.write_bytes((files / "leave.md").read_bytes())
    ends: list[Imported] = []
    library.imported.connect(ends.append)
    library.import_([files / "leave.md", copy])
    settle(library, lanes, qtbot)
    assert list(lines(library)) == ["leave.md"]
    assert ends[0].skipped == 2


def test_an_import_waits_for_the_one_before(library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path) -> None:
    library.import_([files / "leave.md"])
    library.import_([files / "travel.txt"])
    qtbot.waitUntil(lambda: library.activity is not None, timeout=PATIENCE_MS)
    assert library.activity is not None
    assert library.activity.more == 1
    settle(library, lanes, qtbot)
    assert set(lines(library)) == {"leave.md", "travel.txt"}


def test_cancel_keeps_what_is_stored_and_forgets_the_rest(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, tmp_path: Path, engine: Engine
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.txt").write_text(f"Text number {number}.", encoding="utf-8")
    library.import_([folder])
    library.import_([tmp_path / "never.txt"])
    qtbot.waitUntil(lambda: engine.library.counts()[0] >= 2, timeout=PATIENCE_MS)
    library.cancel()
    assert library.activity is not None
    assert library.activity.stopping
    settle(library, lanes, qtbot)
    stored = engine.library.counts()[0]
    assert 2 <= stored < 200
    assert len(lines(library)) == stored
    assert not any("waiting" in line for line in lines(library).values())
    library.resume()
    settle(library, lanes, qtbot)
    assert engine.library.counts()[0] == stored, "a cancelled import came back"


def test_pause_keeps_what_waits_and_resume_goes_on(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, tmp_path: Path, engine: Engine
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number:03}.txt").write_text(f"Text number {number}.", encoding="utf-8")
    after = tmp_path / "after.txt"
    after.write_text("This import waited.", encoding="utf-8")
    library.import_([folder])
    library.import_([after])
    qtbot.waitUntil(lambda: engine.library.counts()[0] >= 2, timeout=PATIENCE_MS)
    library.pause()
    settle(library, lanes, qtbot)
    stored = engine.library.counts()[0]
    assert 2 <= stored < 100
    assert library.paused - (101 - stored) in {0, 1}, "the last one may be stored and still promised"
    assert sum(line == "waiting" for line in lines(library).values()) == library.paused
    library.resume()
    settle(library, lanes, qtbot)
    assert (engine.library.counts()[0], library.paused) == (101, 0)
    assert not any("waiting" in line for line in lines(library).values())


def test_a_renamed_file_keeps_its_document(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path, engine: Engine
) -> None:
    library.import_([files / "leave.md"])
    settle(library, lanes, qtbot)
    [before] = engine.library.documents()
    (files / "leave.md").rename(files / "holiday.md")
    library.import_([files / "holiday.md"])
    settle(library, lanes, qtbot)
    assert list(lines(library)) == ["holiday.md"]
    assert [document.id for document in engine.library.documents()] == [before.id]


def test_a_quit_in_the_middle_is_resumed_at_the_next_start(
    engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(60):
        (folder / f"{number:03}.txt").write_text(f"Text number {number}.", encoding="utf-8")
    first_lanes = Lanes()
    LibraryModel(engine, first_lanes).import_([folder])
    qtbot.waitUntil(lambda: engine.library.counts()[0] >= 2, timeout=PATIENCE_MS)
    first_lanes.close()
    assert engine.library.counts()[0] < 60
    again = LibraryModel(engine, lanes)
    again.start()
    settle(again, lanes, qtbot)
    assert engine.library.counts()[0] == 60
    assert again.documents.rowCount() == 60


def test_remove_and_undo(library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path, engine: Engine) -> None:
    library.import_([files])
    settle(library, lanes, qtbot)
    before = list(lines(library))
    removed: list[int] = []
    library.removed.connect(removed.append)
    library.remove([entry for entry in library.documents.entries if entry.name != "travel.txt"])
    assert list(lines(library)) == ["travel.txt"]
    assert removed == [2]
    settle(library, lanes, qtbot)
    assert [document.name for document in engine.library.documents()] == ["travel.txt"]
    with qtbot.waitSignal(library.undo_closed):
        library.undo()
    settle(library, lanes, qtbot)
    assert list(lines(library)) == before
    assert len(engine.library.documents()) == 3


def test_the_time_for_undo_ends(library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path) -> None:
    library.import_([files / "leave.md"])
    settle(library, lanes, qtbot)
    library.remove(list(library.documents.entries))
    library._undo_timer.setInterval(1)
    with qtbot.waitSignal(library.undo_closed):
        library._undo_timer.start()
    library.undo()
    settle(library, lanes, qtbot)
    assert lines(library) == {}


def test_unfinished_counts_what_is_found_by_words_only(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path
) -> None:
    assert library.unfinished == 0
    library.import_([files])
    settle(library, lanes, qtbot)
    assert library.unfinished == 2


def test_a_watched_folder_is_followed(
    library: LibraryModel, lanes: Lanes, qtbot: QtBot, files: Path, engine: Engine
) -> None:
    added: list[list[Path]] = []
    library.folders_added.connect(added.append)
    library.import_([files])
    settle(library, lanes, qtbot)
    assert added == [[files]]
    library.places.watch([files])
    qtbot.waitUntil(lambda: bool(engine.watched.seen(str(files))), timeout=PATIENCE_MS)
    assert [(place.name, place.documents) for place in library.places.folders] == [("files", 2)]
    (files / "travel.txt").unlink()
    (files / "meals.txt").write_text("Meals abroad are paid up to 48 euros a day.", "utf-8")
    qtbot.waitUntil(lambda: not library.watch._looking)
    library.watch.look_soon()
    qtbot.waitUntil(lambda: sorted(lines(library)) == ["empty.pdf", "leave.md", "meals.txt"], timeout=PATIENCE_MS)
    settle(library, lanes, qtbot)
    library.import_([files])
    settle(library, lanes, qtbot)
    assert len(added) == 1, "what is watched is not offered again"
    files.rename(files.with_name("unplugged"))
    qtbot.waitUntil(lambda: not library.watch._looking, timeout=PATIENCE_MS)
    library.watch.look_soon()
    qtbot.waitUntil(lambda: library.places.folders[0].away, timeout=PATIENCE_MS)
    assert len(lines(library)) == 3, "nothing is deleted that is only away"
    library.places.stop_watching(library.places.folders[0])
    qtbot.waitUntil(lambda: library.places.folders == [], timeout=PATIENCE_MS)
    settle(library, lanes, qtbot)
    assert not library.watch._timer.isActive()
