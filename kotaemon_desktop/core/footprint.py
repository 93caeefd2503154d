"""How much memory the machine would have back if a process ended, asked every second without costing anything.

And the way to give back what a process no longer needs.
"""

from __future__ import annotations

import contextlib
import sys
import time

_SLIVER = 1 << 20  # bytes that the resident size may move before the exact number is asked again
_OLD = 30.0  # seconds after which it is asked anyway


class Footprint:
    """The unique set size of one process (its resident size where the system does not tell); any one thread at a time.

    For the exact number the kernel walks through all pages of the process: 2 ms, and far more for a large model. The
    resident size costs 30 µs and moves with it.
    """

    def __init__(self, pid: int | None = None) -> None:
        """``pid`` is None for the own process."""
        self._pid = pid
        self._resident = 0
        self._unique = 0
        self._asked_at = float("-inf")

    def bytes(self) -> int:
        """Return the bytes that end with the process, as they are now or within 1 MB of it; 0 when it is gone."""
        import psutil  # 10 ms that nobody needs before the first measurement

        now = time.monotonic()
        try:
            process = psutil.Process(self._pid)
            resident = process.memory_info().rss
            if not resident:  # it has ended and only its exit status is left
                return 0
            if abs(resident - self._resident) > _SLIVER or now - self._asked_at > _OLD:
                self._resident, self._asked_at = resident, now
                self._unique = process.memory_full_info().uss
        except psutil.AccessDenied:
            self._unique = self._resident
        except psutil.NoSuchProcess:
            return 0
        return self._unique


def give_back_freed() -> None:
    """Return this process's freed memory to the operating system: glibc keeps what lies between."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
