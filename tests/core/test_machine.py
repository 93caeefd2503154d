"""The kernel's files against psutil, which reads the same ones its own way."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from kotaemon_desktop.core import machine


def test_the_machines_memory() -> None:
    total, available = machine.memory()
    assert total == psutil.virtual_memory().total
    assert available == pytest.approx(psutil.virtual_memory().available, rel=0.2)


def test_a_process_tells_what_it_holds_and_has_computed() -> None:
    own = psutil.Process()
    # A process that has run tests for minutes gives pages back between two looks.
    assert machine.resident(os.getpid()) == pytest.approx(own.memory_info().rss, rel=0.05)
    assert machine.unique(os.getpid()) == pytest.approx(own.memory_full_info().uss, rel=0.05)
    before = machine.processor_seconds(os.getpid()) or 0
    assert before == pytest.approx(sum(own.cpu_times()[:2]), rel=0.05, abs=0.1)
    until = time.process_time() + 0.2
    while time.process_time() < until:
        pass
    assert (machine.processor_seconds(os.getpid()) or 0) - before >= 0.15


def test_a_process_that_has_ended_holds_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        pass
    assert (machine.resident(ended.pid), machine.unique(ended.pid)) == (0, 0)
    assert machine.processor_seconds(ended.pid) is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell through psutil")
@pytest.mark.parametrize(
    ("battery", "plugged", "expected"),
    [
        (None, None, False),
        (None, "1", False),
        ("Discharging", None, True),
        ("Discharging", "0", True),
        ("Discharging", "1", False),  # a weak charger
        ("Full", "1", False),
        ("Charging", "1", False),
    ],
)
def test_on_battery(tmp_path: Path, battery: str | None, plugged: str | None, expected: bool) -> None:
    for file, text in (("BAT0/status", battery), ("AC/online", plugged)):
        if text is not None:
            (tmp_path / file).parent.mkdir()
            (tmp_path / file).write_text(f"{text}\n", "ascii")
    assert machine.on_battery(tmp_path) is expected


def test_where_nothing_tells_of_a_battery_there_is_none(tmp_path: Path) -> None:
    assert machine.on_battery(tmp_path / "none") is False
