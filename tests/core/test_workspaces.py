"""Workspaces: nothing of one is found from another; they are made, put aside, and travel as one file."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import BackupInvalid, WorkspaceInUse, WorkspaceNamed
from kotaemon_desktop.core.events import AnswerEvent, Cited, Done, Found, ImportFailed
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder
from kotaemon_desktop.core.storage.backup import backup, restore
from kotaemon_desktop.core.workspaces import Workspaces

DAY = 86400.0
SECRET = "The merger with Halcyon Foods is announced on the ninth of May."
PUBLIC = "The canteen opens at noon and closes at two."


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Find by words alone: an embedder would be made for each library."""
    monkeypatch.setattr("kotaemon_desktop.core.models.embedded.available", lambda: False)


def fill(folder: DataFolder, file: Path, text: str, question: str) -> list[AnswerEvent]:
    """Import ``text`` into a workspace, talk about it there, and return the events of the answer."""
    file.write_text(text, "utf-8")
    engine = Engine.open(folder)
    try:
        for _event in engine.imports.run([file]):
            pass
        conversation = engine.history.new_conversation()
        return list(engine.questions.answer(question, conversation_id=conversation, model="none"))
    finally:
        engine.close()


def test_nothing_of_one_workspace_is_found_from_another(tmp_path: Path) -> None:
    default = DataFolder(tmp_path / "data")
    default.create()
    other = Workspaces(default.root).create("research", default)
    told = fill(other, tmp_path / "merger.txt", SECRET, "When is the merger with Halcyon announced?")
    assert any(isinstance(event, Cited) and "ninth of May" in event.answer for event in told)
    untold = fill(default, tmp_path / "canteen.txt", PUBLIC, "When is the merger with Halcyon announced?")
    assert [event.answered for event in untold if isinstance(event, Done)] == [False]
    engine = Engine.open(default)
    try:
        [found] = [
            event for event in engine.questions.search("merger Halcyon ninth of May", 8) if isinstance(event, Found)
        ]
        assert "Halcyon" not in " ".join(hit.passage.text for hit in found.hits)
        assert [document.name for document in engine.library.documents()] == ["canteen.txt"]
        assert not engine.history.search("ninth of May", 5)
        engine.change_setting("answering", "top", 3)
    finally:
        engine.close()
    held = b"".join(file.read_bytes() for file in default.root.iterdir() if file.is_file())
    assert b"Halcyon Foods" not in held  # nor anywhere in what the default workspace keeps
    engine = Engine.open(other)
    try:
        assert engine.settings.answering.top != 3
    finally:
        engine.close()


@pytest.mark.usefixtures("words")
def test_a_file_that_could_not_be_read_is_not_counted(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (tmp_path / "empty.txt").touch()
    fill(folder, tmp_path / "canteen.txt", PUBLIC, "When does the canteen open?")
    engine = Engine.open(folder)
    try:
        (failed,) = [each for each in engine.imports.run([tmp_path / "empty.txt"]) if isinstance(each, ImportFailed)]
        assert failed.path.endswith("empty.txt")
        assert [each.documents for each in Workspaces(folder.root).all()] == [engine.library.counts()[0]] == [1]
    finally:
        engine.close()


def test_a_workspace_travels_as_one_file(tmp_path: Path) -> None:
    here = DataFolder(tmp_path / "here", "research")
    fill(here, tmp_path / "merger.txt", SECRET, "When is the merger announced?")
    fill(DataFolder(here.root), tmp_path / "canteen.txt", PUBLIC, "When does the canteen open?")
    file = tmp_path / "research.kotaemon.zip"
    Workspaces(here.root).export("research", file)
    assert b"canteen" not in b"".join(zipfile.ZipFile(file).read(name) for name in zipfile.ZipFile(file).namelist())
    there = Workspaces(tmp_path / "there")
    there.bring(file, "from a colleague")
    engine = Engine.open(DataFolder(tmp_path / "there", "from a colleague"))
    try:
        assert [document.name for document in engine.library.documents()] == ["merger.txt"]
        [found] = [event for event in engine.questions.search("merger announced", 3) if isinstance(event, Found)]
        assert found.hits[0].passage.text == SECRET
        assert len(engine.history.conversations()) == 1
    finally:
        engine.close()
    with pytest.raises(WorkspaceNamed):
        there.bring(file, "from a colleague")


@pytest.mark.usefixtures("words")
def test_what_is_no_single_workspace_is_not_brought_in(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for folder in (DataFolder(root), DataFolder(root, "research")):
        fill(folder, tmp_path / "note.txt", PUBLIC, "hello")
    backup(DataFolder(root), tmp_path / "all.zip")
    (tmp_path / "torn.zip").write_bytes((tmp_path / "all.zip").read_bytes()[:500])
    for name in ("all.zip", "torn.zip"):
        with pytest.raises(BackupInvalid):
            Workspaces(root).bring(tmp_path / name, "new")
    assert DataFolder(root).workspaces() == (DEFAULT_WORKSPACE, "research")
    assert not list((root / "workspaces").glob(".*"))


@pytest.mark.usefixtures("words")
def test_a_backup_of_everything_brings_the_settings_of_each_back(tmp_path: Path) -> None:
    root = tmp_path / "data"
    for name, top in ((DEFAULT_WORKSPACE, 4), ("research", 7)):
        folder = DataFolder(root, name)
        fill(folder, tmp_path / "note.txt", PUBLIC, "hello")
        folder.settings.write_text(f"answering: {{top: {top}}}\n")
    backup(DataFolder(root), tmp_path / "all.zip")
    restore(tmp_path / "all.zip", DataFolder(tmp_path / "new"))
    for name, top in ((DEFAULT_WORKSPACE, 4), ("research", 7)):
        engine = Engine.open(DataFolder(tmp_path / "new", name))
        try:
            assert engine.settings.answering.top == top
        finally:
            engine.close()


def test_a_removed_workspace_is_put_aside_and_goes_after_thirty_days(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    spaces = Workspaces(tmp_path)
    spaces.create("old", folder)
    for name, opened in (("old", "old"), (DEFAULT_WORKSPACE, "old")):
        with pytest.raises(WorkspaceInUse):
            spaces.remove(name, opened)
    with pytest.raises(KeyError):
        spaces.remove("never", DEFAULT_WORKSPACE)
    aside = spaces.remove("old", DEFAULT_WORKSPACE)
    assert [each.name for each in spaces.all()] == [DEFAULT_WORKSPACE]
    assert sqlite3.connect(aside / "library.sqlite3").execute("PRAGMA user_version").fetchone()[0] > 0
    removed = aside.stat().st_mtime
    spaces.purge(removed + 29 * DAY)
    assert aside.is_dir()
    spaces.purge(removed + 31 * DAY)
    assert not aside.exists()


def test_what_a_kill_has_left_of_a_removed_workspace_goes_with_the_next_purge(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    spaces = Workspaces(tmp_path)
    spaces.create("old", folder)
    aside = spaces.remove("old", DEFAULT_WORKSPACE)
    removed = aside.stat().st_mtime

    def killed(place: Path, **_: object) -> None:
        (place / "kotaemon.yaml").unlink(missing_ok=True)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            spaces.purge(removed + 31 * DAY)
    assert not aside.exists()
    spaces.purge(removed)
    assert list(folder.removed_workspaces.iterdir()) == []


def test_half_of_a_workspace_is_none_and_keeps_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    folder.settings.write_text("answering:\n  top: 3\n", "utf-8")
    spaces = Workspaces(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", killed)
        with pytest.raises(KeyboardInterrupt):
            spaces.create("new", folder)
    (tmp_path / "workspaces" / "older").mkdir(parents=True)  # as an earlier version has left it
    assert folder.workspaces() == ()
    for name in ("new", "older"):
        assert spaces.create(name, folder).settings.read_bytes() == folder.settings.read_bytes()
    assert folder.workspaces() == ("new", "older")


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", "..", "a/b", "a\\b", "c:d", ".hidden", "end.", "two\nlines", "x" * 65, "default", "\ud800"),
        *("CON", "nul", "Com1", "LPT9.old", "aux .x", "conin$", "COM²", "🗄" * 64),
    ],
)
def test_names_that_are_no_folder_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(WorkspaceNamed):
        Workspaces(tmp_path).create(name, DataFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["console", "com", "COM10", "年" * 64, "🗄" * 57])
def test_a_workspace_of_the_longest_name_can_be_put_aside(tmp_path: Path, name: str) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    spaces = Workspaces(tmp_path)
    spaces.create(name, folder)
    assert spaces.remove(name, DEFAULT_WORKSPACE).is_dir()


def test_the_workspace_that_was_open_last_is_remembered(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    other = Workspaces(tmp_path).create("研究", folder)
    assert folder.opened_last() == folder
    other.note_opened()
    assert folder.opened_last() == other
    Workspaces(tmp_path).remove("研究", DEFAULT_WORKSPACE)
    assert folder.opened_last() == folder


@pytest.mark.usefixtures("words")
def test_the_list_says_what_each_holds(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    fill(folder, tmp_path / "note.txt", PUBLIC, "hello")
    Workspaces(folder.root).create("empty", folder)
    for shared in ("models/big.onnx", "crashes/window-1.txt", "plugins/big.py"):
        (folder.root / shared).parent.mkdir(exist_ok=True)
        (folder.root / shared).write_bytes(bytes(20 << 20))
    first, second = Workspaces(folder.root).all()
    assert (first.name, first.documents) == (DEFAULT_WORKSPACE, 1)
    assert (second.name, second.documents) == ("empty", 0)
    assert 0 < second.bytes <= first.bytes < 20 << 20  # what all share is nobody's
