"""How soon is the window usable, and what does the idle program hold? Each as a ratio to an empty PySide6 window.

Run with: uv run python tests/benchmarks/start.py [--rounds 5]

The program opens a library that holds the sample documents, as on any day after the first. Program and empty window
take turns, so that both meet the same machine. Memory is the proportional set size (PSS) of all processes, which counts
a shared page once, read after the program has been left alone for a while.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from report import at_most, finish, progress

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 2.0
IDLE_SECONDS = 6.0
ENVIRONMENT = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
# Some build machines forbid Python to keep its bytecode; a user's machine compiles each module only once.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


def seconds_to_usable(command: Sequence[str]) -> float:
    """Return the seconds from the start of the process until it says ``usable``; it ends by itself then."""
    environment = {**ENVIRONMENT, "KOTAEMON_DESKTOP_EXIT_WHEN_USABLE": "1"}
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "usable":
                seconds = time.perf_counter() - started
                process.communicate(timeout=30)
                return seconds
    raise SystemExit(f"{' '.join(command)} ended with status {process.returncode} and never was usable")


def idle_memory(command: Sequence[str]) -> tuple[int, int]:
    """Return (bytes of PSS, number of processes) of the program and all that it started, once it is idle."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=ENVIRONMENT) as process:
        time.sleep(IDLE_SECONDS)
        if process.poll() is not None:
            raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
        main = psutil.Process(process.pid)
        family = [main, *main.children(recursive=True)]
        size = sum(each.memory_full_info().pss for each in family)
        process.terminate()
        process.wait(30)
    return size, len(family)


@dataclass(frozen=True, slots=True)
class Reading:
    """One start: seconds until usable, and what the idle program held afterwards."""

    seconds: float
    megabytes: float
    processes: int


def read(command: Sequence[str]) -> Reading:
    """Start ``command`` twice: once against the clock, once for its memory."""
    seconds = seconds_to_usable(command)
    size, processes = idle_memory(command)
    return Reading(seconds, size / 1e6, processes)


def measure(commands: dict[str, list[str]], rounds: int) -> dict[str, list[Reading]]:
    """Let the commands take turns for some rounds, after one start each that fills the file cache."""
    for command in commands.values():
        seconds_to_usable(command)
    readings: dict[str, list[Reading]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            reading = read(command)
            readings[name].append(reading)
            progress(f"round {number + 1}, {name}: {reading.seconds:.2f} s, {reading.megabytes:.0f} MB")
    return readings


def main() -> None:
    """Print the medians, and their ratios as bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, "-m", "kotaemon_desktop", "--data-dir", folder]
        samples = [str(f) for f in sorted((ROOT / "resources" / "samples").iterdir()) if f.suffix != ".json"]
        subprocess.run([*program, "import", *samples], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        bare = [sys.executable, str(Path(__file__).with_name("bare_window.py"))]
        readings = measure({"program": program, "bare": bare}, rounds)
    seconds = {name: statistics.median(each.seconds for each in list_) for name, list_ in readings.items()}
    megabytes = {name: statistics.median(each.megabytes for each in list_) for name, list_ in readings.items()}
    results = {
        "rounds": rounds,
        "seconds_to_usable": {name: round(value, 3) for name, value in seconds.items()},
        "idle_pss_mb": {name: round(value, 1) for name, value in megabytes.items()},
        "idle_processes": max(each.processes for each in readings["program"]),
    }
    slower, larger = (round(each["program"] / each["bare"], 2) for each in (seconds, megabytes))
    bars = [
        at_most("time to a usable window, as a ratio to an empty window", slower, LIMIT),
        at_most("PSS of all processes when idle, as a ratio to an empty window", larger, LIMIT),
    ]
    finish("start", results, bars)


if __name__ == "__main__":
    main()
