"""Limits what a host may take, so that a file made to eat memory ends only the host that reads it."""

from __future__ import annotations

import sys
from pathlib import Path


def limit_memory(megabytes: int) -> None:
    """Let this process grow by ``megabytes`` and no more: what a bomb asks for beyond that ends only its own host.

    Where the system keeps no such limit (Windows; macOS ignores it) the clock of the import is what stops a bomb.
    """
    if sys.platform != "linux":
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + megabytes * 1024 * 1024
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most == resource.RLIM_INFINITY or limit < most:
        resource.setrlimit(resource.RLIMIT_AS, (limit, most))
