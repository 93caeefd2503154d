"""The data folder belongs to one process at a time, and to nobody once that process is gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import FolderInUse
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
    assert DataFolder(tmp_path, "work").workspaces() == ("default", "home", "work")
