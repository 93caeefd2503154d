"""The seams of the core: what a service asks of another without knowing it. Stand-ins for tests live behind these."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from kotaemon_desktop.core.records import ComponentStatus, Passage


class Clock(Protocol):
    """Time, so that tests can move it."""

    def monotonic(self) -> float:
        """Seconds that never go back; for deadlines."""
        ...

    def wall(self) -> float:
        """Seconds since the epoch; for records."""
        ...


class Lease(Protocol):
    """The right to use a component until the lease ends; the component cannot be unloaded meanwhile."""

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        """Run ``method`` of the component's service in its host and return the result.

        Raises ComponentCrashed, ComponentTimedOut, ComponentFailed, or the KotaemonError that the service raised.
        """
        ...

    def stream(self, method: str, *arguments: Any, timeout: float | None = None) -> Iterator[Any]:
        """Run a generator method in the host and yield what it yields; closing the iterator stops it there too.

        ``timeout`` limits the wait for each item, in seconds. Raises as :meth:`call`.
        """
        ...


class Lender(Protocol):
    """Gives leases: the keeper, as the pipelines see it."""

    def lease(self, name: str, *, urgent: bool = True) -> AbstractContextManager[Lease]:
        """Wake component ``name`` if it sleeps and lend it. A host serves requests of urgent leases first."""
        ...

    def status(self, name: str) -> ComponentStatus:
        """Return where component ``name`` stands now."""
        ...


class WakeHistory(Protocol):
    """What this machine's own past says about waking components."""

    def expected(self, component: str) -> tuple[float, int] | None:
        """Return (median seconds, median bytes) of the last wakes of ``component``, or None before the first."""
        ...

    def record_wake(self, component: str, seconds: float, size: int) -> None:
        """Remember that a wake took ``seconds`` and ended with ``size`` bytes held."""
        ...

    def record_release(self, component: str, cause: str, resident_seconds: float, held: int, freed: int) -> None:
        """Remember that a component went: how long it was there and how much came back."""
        ...


class KeywordSearch(Protocol):
    """Ranks passages by words."""

    def keyword_search(self, query: str, limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, BM25 score; larger is better), best first; only visible passages."""
        ...


class PassageSource(Protocol):
    """Reads passages back."""

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the visible passages among ``ids``, in the order of ``ids``."""
        ...
