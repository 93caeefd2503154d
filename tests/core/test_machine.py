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
    if battery is not None:
        supply(tmp_path / "CMB1", type="Battery", status=battery)
    if plugged is not None:
        supply(tmp_path / "ACAD", type="Mains", online=plugged)
    assert machine.on_battery(tmp_path) is expected


def supply(folder: Path, **facts: str) -> None:
    """Describe a power supply as the kernel does: a file for each fact."""
    folder.mkdir()
    for name, told in facts.items():
        (folder / name).write_text(f"{told}\n", "ascii")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell through psutil")
def test_the_battery_of_a_mouse_is_not_the_machines(tmp_path: Path) -> None:
    supply(tmp_path / "hidpp_battery_0", type="Battery", scope="Device", status="Discharging")
    assert machine.on_battery(tmp_path) is False


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell through psutil")
def test_a_battery_that_does_not_answer_is_none(tmp_path: Path) -> None:
    supply(tmp_path / "BAT0", type="Battery")  # drivers fail to read with ENODEV; here ENOENT
    assert machine.on_battery(tmp_path) is False


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell through psutil")
def test_a_kernel_without_the_sum_of_a_process_does_not_say_that_it_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(file: str) -> dict[str, int]:
        raise FileNotFoundError(file)

    monkeypatch.setattr(machine, "_facts", absent)
    assert machine.unique(os.getpid()) is None


def test_where_nothing_tells_of_a_battery_there_is_none(tmp_path: Path) -> None:
    assert machine.on_battery(tmp_path / "none") is False
