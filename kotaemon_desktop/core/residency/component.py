"""What a component is: a name, the class that does its work in a host, how many hosts it may have and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_UNKNOWN_SIZE = 100 << 20  # bytes; a host that has imported NumPy and not done much


def _no_arguments() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A component that the keeper can wake.

    ``service`` names a class as ``module:Class``; it is imported and built only in the child process, with the keyword
    arguments that ``arguments`` returns at that moment, so the next wake always sees the current configuration.
    What is a function is asked anew each time, so that a changed setting holds at once.
    """

    name: str
    service: str
    arguments: Callable[[], Mapping[str, Any]] = _no_arguments
    idle_seconds: Callable[[], float | None] = lambda: 300.0  # 0 unloads at once, None keeps it
    rest_seconds: Callable[[], float | None] = lambda: None  # idle that long, its service is told to ``rest``, once
    size_hint: Callable[[], int] = lambda: _UNKNOWN_SIZE  # bytes, before this machine has a history
    available: Callable[[], bool] = lambda: True  # whether there is anything to wake, asked before a pre-warm only
    variant: Callable[[], str] = lambda: ""  # what tells one history from another: the model's name
    most_hosts: int = 1
    leases_per_host: int | None = None  # None: any number of users share a host
    background: bool = False  # its hosts run at low priority
    large_pages: bool = False  # its weights lie in pages of 2 MB, where the system gives them to whoever asks
    has_breaker: bool = True  # three failures in a row keep it away for a while
    wake_timeout: float = 120.0
    call_timeout: float = 120.0

    @property
    def history_key(self) -> str:
        """The name under which wakes are remembered: two models behind one component have two pasts."""
        variant = self.variant()
        return f"{self.name}:{variant}" if variant else self.name


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()
