"""Gives back what hosts leave in the main process when the last one has gone."""

from __future__ import annotations

import contextlib
import sys
from typing import Any


def end_resource_tracker() -> None:
    """End the process that multiprocessing starts beside the first host and keeps: 7 MB for what no host uses.

    Only for when no host lives or is being started; the next one brings it back. There is no public way, up to 3.14:
    https://github.com/python/cpython/blob/3.11/Lib/multiprocessing/resource_tracker.py
    """
    module: Any = sys.modules.get("multiprocessing.resource_tracker")
    if module is not None:
        module._resource_tracker._stop()  # noqa: SLF001


def give_back_freed() -> None:
    """Return freed memory to the operating system: glibc keeps what lies between, over 1 MB after an import."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
