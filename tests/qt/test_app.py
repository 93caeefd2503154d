"""The program as a process: it comes up, says when it is usable, ends when asked, and shares its folder with nobody."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kotaemon_desktop.core.errors import FolderInUse
from kotaemon_desktop.core.paths import DataFolder

START = """
import sys
from pathlib import Path
from kotaemon_desktop import app
from kotaemon_desktop.core.paths import DataFolder
if __name__ == "__main__":
    sys.exit(app.run(DataFolder(Path(sys.argv[1])), imports=[Path(p) for p in sys.argv[2:]]))
"""
ROOT = Path(__file__).parents[2]
PATIENCE = 60


def start(tmp_path: Path, *imports: Path, usable: str = "0") -> subprocess.Popen[str]:
    program = tmp_path / "start.py"  # a file, so that hosts can be spawned from it
    program.write_text(START, encoding="utf-8")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "offscreen",
        "PYTHONPATH": str(ROOT),
        "KOTAEMON_DESKTOP_EXIT_WHEN_USABLE": usable,
    }
    command = [sys.executable, str(program), str(tmp_path / "data"), *map(str, imports)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_until_usable(program: subprocess.Popen[str]) -> None:
    assert program.stdout is not None
    assert program.stdout.readline() == "usable\n"


def test_it_says_when_it_is_usable_and_ends(tmp_path: Path) -> None:
    with start(tmp_path, usable="1") as program:
        out, errors = program.communicate(timeout=PATIENCE)
    assert out == "usable\n"
    assert program.returncode == 0
    assert "Traceback" not in errors
    assert (tmp_path / "data" / "window.json").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM that a program can handle")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_closes_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path) as program:
        wait_until_usable(program)
        program.send_signal(number)
        _out, errors = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
    assert "Traceback" not in errors
    DataFolder(tmp_path / "data").lock().release()


def test_a_second_one_is_told_why_it_cannot_start(tmp_path: Path) -> None:
    with start(tmp_path) as first:
        wait_until_usable(first)
        with start(tmp_path) as second:
            out, errors = second.communicate(timeout=PATIENCE)
        first.terminate()
        first.communicate(timeout=PATIENCE)
    assert second.returncode == 1
    assert out == ""
    assert "in use" in errors
    assert "Traceback" not in errors


def test_a_crash_of_the_same_process_number_is_not_written_over(tmp_path: Path) -> None:
    """As in a container, where every start has the same one."""
    code = """
import os, sys
from pathlib import Path
from kotaemon_desktop import app
from kotaemon_desktop.core.paths import DataFolder
folder = DataFolder(Path(sys.argv[1]))
folder.crashes.mkdir()
(folder.crashes / f"window-{os.getpid()}.running").write_text("Fatal Python error: Aborted", "utf-8")
with app._crash_reports(folder):
    print(*sorted(each.suffix for each in folder.crashes.iterdir()))
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    told = subprocess.check_output([sys.executable, "-c", code, str(tmp_path)], env=environment, text=True)
    assert told.split() == [".new", ".running"]
    [report] = (tmp_path / "crashes").iterdir()
    assert report.read_text("utf-8").startswith("Fatal Python error: Aborted")


def test_nobody_gets_the_folder_from_the_first_moment_on(tmp_path: Path) -> None:
    """The engine opens after the window is shown: the folder belongs to it before and all the while."""
    with start(tmp_path) as program:
        wait_until_usable(program)
        until = time.monotonic() + 1.5
        got = 0
        while time.monotonic() < until:
            with contextlib.suppress(FolderInUse):
                DataFolder(tmp_path / "data").lock().release()
                got += 1
        program.terminate()
        _out, errors = program.communicate(timeout=PATIENCE)
    assert (got, program.returncode) == (0, 0), errors


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9")
def test_a_killed_one_leaves_no_orphan_and_the_next_goes_on_with_the_import(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(150):
        (folder / f"{number:03}.txt").write_text(f"Text number {number}. " * 20, encoding="utf-8")
    with start(tmp_path, folder) as program:
        wait_until_usable(program)
        until = time.monotonic() + PATIENCE
        children: list[psutil.Process] = []
        while time.monotonic() < until and not children:
            children = [c for c in psutil.Process(program.pid).children() if "spawn_main" in " ".join(c.cmdline())]
            time.sleep(0.05)
        assert children, "no reader host came up"
        time.sleep(0.5)
        program.kill()
        program.communicate(timeout=PATIENCE)
    _gone, alive = psutil.wait_procs(children, timeout=20)
    assert not alive
    with start(tmp_path) as again:
        wait_until_usable(again)
        from kotaemon_desktop.core.storage.database import Database
        from kotaemon_desktop.core.storage.library import Library

        database = Database(tmp_path / "data" / "library.sqlite3")
        library = Library(database)
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and library.counts()[0] < 150:
            time.sleep(0.2)
        stored = library.counts()[0]
        database.close()
        again.terminate()
        again.communicate(timeout=PATIENCE)
    assert stored == 150
