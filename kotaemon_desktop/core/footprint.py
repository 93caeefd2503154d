"""How much memory the machine would have back if a process ended, asked every second without costing anything.

And the ways to keep that small.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time

from kotaemon_desktop.core import machine

_SLIVER = 1 << 20  # bytes that the resident size may move before the exact number is asked again
_OLD = 30.0  # seconds after which it is asked anyway

# malloc.h of glibc
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
_LARGE = 64 << 10  # bytes of a block that is given back to the system as soon as it is freed
_SPARE = 128 << 10  # bytes of freed memory at the end of the heap that are kept


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


def keep_heap_tight() -> None:
    """Let all threads of this process share one heap, and take large blocks from the system: for the window.

    glibc's own ways, a heap for each thread and a notion of "large" that grows with use, keep what is freed scattered:
    0.8 MB after an import and a few questions.
    """
    for setting, value in ((_M_ARENA_MAX, 1), (_M_MMAP_THRESHOLD, _LARGE), (_M_TRIM_THRESHOLD, _SPARE)):
        _ask_glibc("mallopt", setting, value)


def give_back_freed() -> None:
    """Return this process's freed memory to the operating system: glibc keeps what lies between."""
    _ask_glibc("malloc_trim", 0)


def _ask_glibc(function: str, *numbers: int) -> None:
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            getattr(ctypes.CDLL(None), function)(*numbers)
