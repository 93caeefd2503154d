"""How much memory all hosts together may take, and who goes first when it is not enough."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from kotaemon_desktop.core import machine
from kotaemon_desktop.core.residency.pool import Pool, Resident

_SPARE = 1 << 30  # bytes of the machine's memory that are never counted on


class Budget:
    """The memory budget; pure arithmetic over what the keeper passes in, so it needs no lock of its own."""

    def __init__(self, allowance: Callable[[int], int], memory: Callable[[], tuple[int, int]] | None = None) -> None:
        """``allowance`` maps the machine's memory to what hosts may take; ``memory``: (total, available)."""
        self._allowance = allowance
        self._memory = memory or machine.memory

    def limit(self, held: int) -> int:
        """Return the bytes that hosts may hold in all, of which ``held`` are held now.

        Never more than what the machine has available, less 1 GiB.
        """
        total, available = self._memory()
        return min(self._allowance(total), held + max(0, available - _SPARE))


def victims(pools: Iterable[Pool], wanting: Pool, missing: int, now: float) -> list[tuple[Pool, Resident]] | None:
    """Return the idle hosts whose end gives ``missing`` bytes back, or None when all idle ones are not enough.

    Longest idle first, weighted with what a reload costs; never a busy or pinned one, and none that a larger one after
    it makes needless.
    """
    idle = [
        (pool, resident)
        for pool in pools
        if not pool.pinned
        for resident in pool.idle()
        if pool is not wanting or not pool.may_grow()
    ]
    idle.sort(key=lambda pair: -_worth_ending(*pair, now))
    chosen: list[tuple[Pool, Resident]] = []
    for pool, resident in idle:
        if missing <= 0:
            break
        chosen.append((pool, resident))
        missing -= resident.held
    if missing > 0:
        return None
    for pair in reversed(chosen[:]):
        if missing + pair[1].held <= 0:
            chosen.remove(pair)
            missing += pair[1].held
    return chosen


def _worth_ending(pool: Pool, resident: Resident, now: float) -> float:
    idle = now - (now if resident.idle_since is None else resident.idle_since)
    reload_seconds = pool.expected[0] if pool.expected else 1.0
    return idle / max(0.05, reload_seconds)
