"""What the machine and its processes use now, as their system tells.

On Linux read from the kernel's own files: psutil, which is asked everywhere else, would take 1 MB of the window.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

_POWER = Path("/sys/class/power_supply")


def memory() -> tuple[int, int]:
    """Return the machine's memory and what of it is available, in bytes."""
    if sys.platform != "linux":
        import psutil

        machine = psutil.virtual_memory()
        return machine.total, machine.available
    facts = _facts("/proc/meminfo")
    return facts["MemTotal"], facts["MemAvailable"]


def resident(pid: int) -> int:
    """Return the bytes of process ``pid`` that are in memory, shared ones too; 0 when it has ended. Takes 20 µs."""
    if sys.platform != "linux":
        import psutil

        try:
            return psutil.Process(pid).memory_info().rss
        except psutil.NoSuchProcess:
            return 0
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("utf-8").split()[1]
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def unique(pid: int) -> int | None:
    """Return the bytes that end with process ``pid``; 0 when it has ended, None where nobody may know.

    The kernel walks through all pages of the process: 2 ms, and far more for a large model.
    """
    if sys.platform != "linux":
        import psutil

        try:
            return psutil.Process(pid).memory_full_info().uss
        except psutil.AccessDenied:
            return None
        except psutil.NoSuchProcess:
            return 0
    try:
        facts = _facts(f"/proc/{pid}/smaps_rollup")
    except ProcessLookupError:
        return 0
    except FileNotFoundError:  # either the process has gone, or this kernel has no such file
        return None if Path(f"/proc/{pid}").exists() else 0
    except PermissionError:
        return None
    return sum(size for name, size in facts.items() if name.startswith("Private_"))


def processor_seconds(pid: int) -> float | None:
    """Return the seconds that process ``pid`` has computed so far; None when it has ended."""
    if sys.platform != "linux":
        import psutil

        try:
            times = psutil.Process(pid).cpu_times()
        except psutil.Error:
            return None
        return times.user + times.system
    try:
        line = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    words = line.rpartition(")")[2].split()  # the program's name, in brackets, may hold blanks and brackets
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def on_battery(power: Path = _POWER) -> bool:
    """Return whether the machine runs on its battery; False where nobody knows. ``power`` is for tests."""
    if sys.platform != "linux":
        import psutil

        look: Any = getattr(psutil, "sensors_battery", None)  # not on every platform
        battery = look() if look is not None else None
        return battery is not None and battery.power_plugged is False
    try:
        supplies = [file.parent for file in power.glob("*/type")]
        batteries = {_word(each / "status") for each in supplies if _is_own_battery(each)}
        plugged = any(_word(each / "online") == "1" for each in supplies if _word(each / "type") == "Mains")
    except OSError:  # pulled out a moment ago, or a driver that does not answer
        return False
    return "Discharging" in batteries and not plugged


def _is_own_battery(supply: Path) -> bool:
    """Tell a battery of the machine from that of its mouse, which has a scope. Raises OSError."""
    scope = supply / "scope"
    return _word(supply / "type") == "Battery" and not (scope.exists() and _word(scope) == "Device")


def _word(file: Path) -> str:
    return file.read_text("utf-8", "replace").strip()


def _facts(file: str) -> dict[str, int]:
    """Return the lines ``Name:  123 kB`` of a kernel's file, in bytes."""
    facts: dict[str, int] = {}
    for line in Path(file).read_text("utf-8", "replace").splitlines():
        words = line.split()
        if len(words) == 3 and words[2] == "kB":
            facts[words[0].rstrip(":")] = int(words[1]) << 10
    return facts
