"""Weighs a program with all its processes, as if nothing else ran on the machine.

The kernel's proportional set size divides a page of a library by all processes that map it, other programs' as well: a
second Python or Qt on the machine makes the same window a third lighter. Here only the program's own processes share:
what is private counts for each, a file's pages count once, in the process that has most of them.
"""

from __future__ import annotations

import contextlib
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

import psutil

_EVERY_SECONDS = 0.5


def weight(family: Sequence[psutil.Process]) -> int:
    """Return the bytes that the processes of one program hold together; ended ones weigh nothing."""
    private, shared = 0, dict[str, int]()
    for process in family:
        with contextlib.suppress(OSError, psutil.NoSuchProcess):
            own, files = _maps(process.pid)
            private += own
            for file, size in files.items():
                shared[file] = max(size, shared.get(file, 0))
    return private + sum(shared.values())


def resting_weight(family: Callable[[], Sequence[psutil.Process]], samples: int = 3) -> float:
    """Return the median weight, in bytes, of a program that does nothing."""
    readings: list[int] = []
    for _ in range(samples):
        time.sleep(_EVERY_SECONDS)
        readings.append(weight(family()))
    return statistics.median(readings)


class Scales:
    """Weighs a program again and again in a thread of its own, from ``with`` to its end."""

    def __init__(self, family: Callable[[], Sequence[psutil.Process]]) -> None:
        self.readings: list[int] = []
        self._family = family
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._weigh, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._enough.set()
        self._thread.join()

    @property
    def average(self) -> float:
        """Bytes, over the time that the scales were on."""
        return statistics.fmean(self.readings)

    def _weigh(self) -> None:
        while not self._enough.wait(_EVERY_SECONDS):
            self.readings.append(weight(self._family()))


def _maps(pid: int) -> tuple[int, dict[str, int]]:
    """Return the private bytes of a process, and those of each file that it maps and has not changed."""
    if sys.platform != "linux":
        return psutil.Process(pid).memory_full_info().uss, {}
    private, files, name, resident = 0, dict[str, int](), "", 0
    for line in Path(f"/proc/{pid}/smaps").read_text("utf-8", "replace").splitlines():
        if line.startswith("Rss:"):
            resident = int(line.split()[1]) << 10
        elif line.startswith("Anonymous:"):
            anonymous = int(line.split()[1]) << 10
            private += anonymous
            if name:
                files[name] = files.get(name, 0) + resident - anonymous
            else:
                private += resident - anonymous
        elif line[0] in "0123456789abcdef":
            words = line.split(maxsplit=5)
            name = words[5] if len(words) == 6 and words[5].startswith("/") else ""
    return private, files
