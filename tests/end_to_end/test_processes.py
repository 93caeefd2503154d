"""What becomes of processes and data when the program is killed, quits, or finds its folder taken."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import psutil
import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
pytestmark = pytest.mark.timeout(240)
NOTES = 40


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with many small files: an import that can be met half-way."""
    folder = tmp_path / "notes"
    folder.mkdir()
    for number in range(NOTES):
        text = "\n\n".join(f"Note {number}.{part}: shelf {number * 7 + part} holds the part." for part in range(40))
        (folder / f"note {number:02}.txt").write_text(text, encoding="utf-8")
    return folder


def gone(processes: Iterable[psutil.Process], seconds: float) -> bool:
    """Return whether all of them end within ``seconds``. One that nobody has reaped yet has ended."""
    limit = time.monotonic() + seconds
    while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def read_until(process: subprocess.Popen[str], event: str, times: int = 1) -> None:
    """Read JSON lines until ``event`` was told so many times."""
    assert process.stdout is not None
    for line in process.stdout:
        times -= json.loads(line).get("event") == event
        if times == 0:
            return
    pytest.fail(f"the program ended before {event}: {process.stderr.read() if process.stderr else ''}")


def kill(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """Kill the main process without a warning; return what it had started."""
    hosts = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate(timeout=30)
    return hosts


@pytest.mark.parametrize(("event", "times"), [("Stored", 5), ("Embedding", 2)])
def test_after_a_kill_in_an_import_the_next_one_completes_it(program, notes: Path, event, times):
    process = program.start("import", notes, "--json")
    read_until(process, event, times)
    hosts = kill(process)

    assert hosts, "an import works in hosts"
    assert gone(hosts, 10)
    assert program.run("verify").status == 0
    again = program.run("import", notes)
    assert again.status == 0, again.errors
    assert again.result["failed"] == []
    assert again.result["documents"] + again.result["skipped"] == NOTES
    assert program.run("status").result["documents"] == NOTES
    hit = program.run("search", "Note 39.7", "--top", "1").result["hits"][0]
    assert Path(hit["document"]).name == "note 39.txt"
    assert program.run("import", notes).result["skipped"] == NOTES


def said_by_us(errors: str) -> list[str]:
    """Return the lines of standard error without what Qt's offscreen platform says about itself."""
    return [line for line in errors.splitlines() if not line.startswith("This plugin does not support")]


def start_window(program) -> subprocess.Popen[str]:
    """Start the window and return once a question can be typed."""
    process = program.beside("data", KOTAEMON_DESKTOP_EXIT_WHEN_USABLE="0").start()
    assert process.stdout is not None
    assert process.stdout.readline() == "usable\n"
    return process


def test_the_window_says_when_it_is_usable(program):
    process = program.beside("data", KOTAEMON_DESKTOP_EXIT_WHEN_USABLE="1").start()

    output, errors = process.communicate(timeout=60)

    assert "usable" in output.splitlines()
    assert process.returncode == 0, errors
    assert said_by_us(errors) == []


def test_the_window_quits_on_sigterm_and_leaves_no_child(program):
    program.run("import", SAMPLES / "Workshop Guide.md")
    process = start_window(program)
    children = psutil.Process(process.pid).children(recursive=True)

    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=30)

    assert process.returncode == 0
    assert said_by_us(errors) == []
    assert gone(children, 10)
    assert program.run("verify").status == 0


def test_a_folder_that_is_in_use_is_refused_with_one_line(program):
    process = start_window(program)
    try:
        refused = program.run("search", "anything")
    finally:
        process.terminate()
        process.communicate(timeout=30)

    assert refused.status == 1
    assert len(refused.errors.splitlines()) == 1
    assert str(program.folder) in refused.errors
    assert "in use" in refused.errors


def test_a_damaged_library_is_refused_and_left_alone(program):
    program.run("import", SAMPLES / "Workshop Guide.md")
    database = program.folder / "library.sqlite3"
    database.write_bytes(b"this is no database" * 1000)
    before = database.read_bytes()

    refused = program.run("search", "anything")

    assert refused.status == 1
    assert len(refused.errors.splitlines()) == 1
    assert "damaged" in refused.errors
    assert database.read_bytes() == before
