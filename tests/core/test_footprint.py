"""The footprint follows what a process holds, asks the kernel seldom, and is nothing once the process has gone."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from kotaemon_desktop.core import footprint, machine
from kotaemon_desktop.core.footprint import Footprint

MB = 1 << 20
PROGRAM = """
import sys
held = []
for line in sys.stdin:
    held.append(bytearray(b"x") * int(line))
    print("held", flush=True)
"""


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def hold(program: subprocess.Popen[str], size: int) -> None:
    assert program.stdin is not None
    assert program.stdout is not None
    program.stdin.write(f"{size}\n")
    program.stdin.flush()
    assert program.stdout.readline() == "held\n"


def test_it_follows_what_the_process_holds(program: subprocess.Popen[str]) -> None:
    hold(program, 1)
    measured = Footprint(program.pid)
    before = measured.bytes()
    assert before == pytest.approx(psutil.Process(program.pid).memory_full_info().uss, abs=MB)
    hold(program, 40 * MB)
    assert measured.bytes() - before == pytest.approx(40 * MB, abs=2 * MB)


def test_the_exact_number_is_asked_only_when_something_has_moved(
    program: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(program, 1)
    asked = 0
    real = machine.unique

    def ask(pid: int) -> int | None:
        nonlocal asked
        asked += 1
        return real(pid)

    monkeypatch.setattr(machine, "unique", ask)
    measured = Footprint(program.pid)
    assert [measured.bytes() for _ in range(5)] == [measured.bytes()] * 5
    assert asked == 1
    hold(program, 5 * MB)
    measured.bytes()
    assert asked == 2
    later = time.monotonic() + footprint._OLD + 1
    monkeypatch.setattr(footprint.time, "monotonic", lambda: later)
    measured.bytes()
    assert asked == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process that has ended and is still there")
def test_a_process_that_has_gone_holds_nothing(program: subprocess.Popen[str]) -> None:
    measured = Footprint(program.pid)
    assert measured.bytes() > 0
    program.kill()
    os.waitid(os.P_PID, program.pid, os.WEXITED | os.WNOWAIT)  # ended, its status not yet read
    assert measured.bytes() == 0
    program.wait()
    assert measured.bytes() == 0


def test_without_a_process_it_is_the_own_one() -> None:
    assert Footprint().bytes() > 5 * MB
