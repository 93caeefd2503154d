"""Gives back what hosts leave in the main process when the last one has gone."""

from __future__ import annotations

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
