"""How much memory the machine would have back if a process ended, asked every second without costing anything.

And the way to give back what a process no longer needs.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

from kotaemon_desktop.core import machine

_SLIVER = 1 << 20  # bytes that the resident size may move before the exact number is asked again
_OLD = 30.0  # seconds after which it is asked anyway


class Footprint:
    """The unique set size of one process (its resident size where the system does not tell); any one thread at a time.

    The exact number takes time (:func:`machine.unique`); the resident size costs little and moves with it.
    """

    def __init__(self, pid: int | None = None) -> None:
        """``pid`` is None for the own process."""
        self._pid = pid or os.getpid()
        self._resident = 0
        self._unique = 0
        self._asked_at = float("-inf")

    def bytes(self) -> int:
        """Return the bytes that end with the process, as they are now or within 1 MB of it; 0 when it is gone."""
        now, resident = time.monotonic(), machine.resident(self._pid)
        if not resident:  # it has ended, or only its exit status is left
            return 0
        if abs(resident - self._resident) > _SLIVER or now - self._asked_at > _OLD:
            self._resident, self._asked_at = resident, now
            unique = machine.unique(self._pid)
            self._unique = resident if unique is None else unique
        return self._unique


def give_back_freed() -> None:
    """Return this process's freed memory to the operating system: glibc keeps what lies between."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
