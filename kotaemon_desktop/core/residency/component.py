"""What a component is: a name, the class that does its work in a host, and how long it may rest there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


def _no_arguments() -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class ComponentSpec:
    """A component that the keeper can wake.

    ``service`` names a class as ``module:Class``; it is imported and built only in the child process, with the keyword
    arguments that ``arguments`` returns at that moment, so the next wake always sees the current configuration.
    ``idle_seconds`` is asked each time the last lease returns: 0 unloads at once, None keeps the component.
    """

    name: str
    service: str
    arguments: Callable[[], Mapping[str, Any]] = _no_arguments
    idle_seconds: Callable[[], float | None] = lambda: 300.0
    wake_timeout: float = 120.0
    call_timeout: float = 120.0


class SystemClock:
    """The machine's own clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> float:
        return time.time()
