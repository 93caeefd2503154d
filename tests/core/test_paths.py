"""The data folder belongs to one process at a time, and to nobody once that process is gone."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import FolderAway, FolderInUse, LibraryUnavailable
from kotaemon_desktop.core.paths import DataFolder

HOLD = """
import sys
from pathlib import Path
from kotaemon_desktop.core.paths import DataFolder
lock = DataFolder(Path(sys.argv[1])).lock()
print("locked", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_one_dies(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "locked\n"
        with pytest.raises(FolderInUse, match="in use"):
            folder.lock()
        holder.kill()
    folder.lock().release()


def test_a_released_folder_can_be_taken_again(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    first = folder.lock()
    with pytest.raises(FolderInUse):
        folder.lock()
    first.release()
    folder.lock().release()


def test_a_folder_that_cannot_be_made_ready_is_named_and_free_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(_root: Path) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    with monkeypatch.context() as patch:
        patch.setattr(replacing, "finish", cannot)
        with pytest.raises(LibraryUnavailable, match="Permission denied"):
            DataFolder(tmp_path).lock()
    DataFolder(tmp_path).lock().release()


def test_an_engine_leaves_the_lock_to_who_holds_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.lock() as lock:
        Engine.open(folder, lock).close()
        with pytest.raises(FolderInUse):
            folder.lock()
    folder.lock().release()


def test_workspaces_are_those_with_a_library(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    assert folder.workspaces() == ()
    for name in ("default", "work", "home"):
        each = DataFolder(tmp_path, name)
        each.create()
        each.database.touch()
    (tmp_path / "workspaces" / "empty").mkdir()
    assert folder.workspaces() == ("default", "home", "work")
    (folder.root / "workspaces" / "home").rename(folder.root / "workspaces" / "aux")  # no name for a new one, but there
    assert folder.workspaces() == ("default", "aux", "work")
    (folder.root / "workspaces" / "aux").rename(folder.root / "workspaces" / "home")
    assert DataFolder(tmp_path, "work").workspaces() == ("default", "home", "work")


@pytest.fixture
def usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The usual place of a plain start, in a home of the test's own."""
    place = tmp_path / "home" / "kotaemon-desktop"
    monkeypatch.setattr("kotaemon_desktop.core.paths._usual_place", lambda: place)
    monkeypatch.delenv("KOTAEMON_DESKTOP_HOME", raising=False)
    return place


def test_a_plain_start_follows_the_folder_that_was_chosen(usual: Path, tmp_path: Path) -> None:
    first = DataFolder.find()
    assert first.root == usual
    first.create()
    first.settings.write_text("appearance:\n  theme: dark\n", "utf-8")
    drive = tmp_path / "drive"
    drive.mkdir()
    (drive / "photos").mkdir()
    assert first.use_from_next_start(drive) == drive / "kotaemon-desktop"  # not among the photos
    second = DataFolder.find()
    assert second.root == drive / "kotaemon-desktop"
    assert second.settings.read_text("utf-8") == first.settings.read_text("utf-8")
    assert second.is_of_plain_start()
    assert not first.is_of_plain_start()
    second.create()
    assert second.use_from_next_start(usual) == usual
    assert DataFolder.find().root == usual


def test_an_empty_folder_and_one_of_ours_are_taken_as_they_are(usual: Path, tmp_path: Path) -> None:
    empty, ours = tmp_path / "empty", tmp_path / "ours"
    for each in (empty, ours):
        each.mkdir()
    (ours / "library.sqlite3").touch()
    (ours / "notes.txt").touch()
    assert DataFolder.find().use_from_next_start(empty) == empty
    assert DataFolder.find().use_from_next_start(ours) == ours


def test_a_drive_that_is_away_is_named_and_nothing_is_begun_anew(usual: Path, tmp_path: Path) -> None:
    drive = tmp_path / "drive"
    drive.mkdir()
    DataFolder.find().use_from_next_start(drive)
    drive.rmdir()
    with pytest.raises(FolderAway, match="Connect the drive"):
        DataFolder.find().lock()
    assert not drive.exists()


def test_a_choice_or_the_environment_goes_before(usual: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "drive").mkdir()
    DataFolder.find().use_from_next_start(tmp_path / "drive")
    assert DataFolder.find(str(tmp_path / "chosen")).root == tmp_path / "chosen"
    monkeypatch.setenv("KOTAEMON_DESKTOP_HOME", str(tmp_path / "named"))
    assert DataFolder.find().root == tmp_path / "named"
    assert not DataFolder.find().is_of_plain_start()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    with pytest.raises(LibraryUnavailable, match=r"file/data cannot be opened or written \(Not a directory\)"):
        DataFolder(tmp_path / "file" / "data").create()


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("unshare") is None, reason="no namespaces here")
def test_a_read_only_disk_is_told_by_the_program(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    program = f"{sys.executable} -m kotaemon_desktop --data-dir {place} status"
    mounted = f"mount -t tmpfs none {place} && mount -o remount,ro {place}"
    if subprocess.run(["unshare", "-rm", "sh", "-c", mounted], check=False, capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    told = subprocess.run(
        ["unshare", "-rm", "sh", "-c", f"{mounted} && {program}"],
        check=False, capture_output=True, encoding="utf-8", timeout=100,
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.startswith("kotaemon-desktop: The library in ")
    assert "cannot be opened or written (Read-only file system). Nothing was changed." in told.stderr
