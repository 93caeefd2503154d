"""Each way to die leaves what it should: a report without words of documents, or nothing at all."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kotaemon_desktop.core import crashes

LOG = "2026-11-21 10:00:00,000 INFO kotaemon_desktop.app: start: engine, 34 ms\n"
SECRET = "the salary is 4711"


def die(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run ``code`` in a watched process of its own."""
    log = folder.parent / "kotaemon.log"
    log.write_text(f"{LOG}ValueError: {SECRET}\n", encoding="utf-8")
    watched = f"""
import ctypes, os, signal, sys, threading
from pathlib import Path
from kotaemon_desktop.core.crashes import CrashWatch
watch = CrashWatch(Path({str(folder)!r}), "window", Path({str(log)!r}))
{textwrap.dedent(code)}
watch.close()
"""
    return subprocess.run([sys.executable, "-c", watched], check=False, capture_output=True, text=True, timeout=60)


def collected(folder: Path) -> list[Path]:
    crashes.collect(folder, folder.parent / "kotaemon.log")
    return crashes.unseen(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash_is_told_without_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    die(tmp_path / "crashes", "ctypes.string_at(0)")
    library = Path(ctypes.__file__)
    monkeypatch.setattr(Path, "home", lambda: library.parent)
    [report] = collected(tmp_path / "crashes")
    text = report.read_text("utf-8")
    assert 'File "~/__init__.py"' in text
    assert str(library.parent) not in text


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("code", ["ctypes.string_at(0)", "os.abort()"])
def test_native_code_that_dies(tmp_path: Path, code: str) -> None:
    assert die(tmp_path / "crashes", code).returncode < 0
    [report] = collected(tmp_path / "crashes")
    text = report.read_text("utf-8")
    assert "Kotaemon Desktop" in text
    assert "Fatal Python error" in text
    assert "start: engine" in text
    assert SECRET not in text


def test_an_exception_that_nobody_caught(tmp_path: Path) -> None:
    code = f"""
    def parse(text):
        raise ValueError(text)
    try:
        parse({SECRET!r})
    except ValueError as error:
        raise RuntimeError({SECRET!r}) from error
    """
    ended = die(tmp_path / "crashes", code)
    assert ended.returncode == 1
    assert SECRET in ended.stderr, "the terminal still has it"
    [report] = collected(tmp_path / "crashes")
    text = report.read_text("utf-8")
    assert "builtins.RuntimeError" in text
    assert "builtins.ValueError" in text
    assert "in parse" in text
    assert SECRET not in text


def test_an_exception_in_a_thread(tmp_path: Path) -> None:
    code = "thread = threading.Thread(target=lambda: 1 / 0, name='lane'); thread.start(); thread.join()"
    assert die(tmp_path / "crashes", code).returncode == 0
    [report] = collected(tmp_path / "crashes")
    assert "ZeroDivisionError" in report.read_text("utf-8")


@pytest.mark.parametrize("code", ["pass", "os.kill(os.getpid(), signal.SIGKILL)", "os._exit(1)"])
def test_no_crash_no_report(tmp_path: Path, code: str) -> None:
    """Killed by somebody, or by a power cut: nothing of the program's own is to be told."""
    die(tmp_path / "crashes", code)
    assert collected(tmp_path / "crashes") == []
    assert list((tmp_path / "crashes").iterdir()) == []


def test_a_report_is_new_once_and_few_are_kept(tmp_path: Path) -> None:
    for number in range(14):
        (tmp_path / f"20260101-0000{number:02}-window-1.new").write_text("told", "utf-8")
    reports = collected(tmp_path)
    assert [report.name[13:15] for report in reports[:2]] == ["13", "12"]
    kept = [crashes.seen(report) for report in reports]
    assert collected(tmp_path) == []
    assert [report for report in kept if report.exists()] == kept[:10]


def test_a_host_is_watched_with_its_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from kotaemon_desktop.core.errors import ComponentCrashed
    from kotaemon_desktop.core.residency.component import ComponentSpec
    from kotaemon_desktop.core.residency.host import Host

    monkeypatch.setenv(crashes.ENVIRONMENT, str(tmp_path))
    host = Host(ComponentSpec("retrieval", "ctypes:CDLL", lambda: {"name": None}))
    try:
        [mark] = tmp_path.glob("retrieval-*.running")
        assert crashes.unseen(tmp_path) == []
        assert mark.exists(), "the host is alive and may still crash"
        with pytest.raises(ComponentCrashed):
            host.call("abort")
    finally:
        host.stop()
    [report] = collected(tmp_path)
    assert mark.stem in report.name
    assert "Fatal Python error: Aborted" in report.read_text("utf-8")
