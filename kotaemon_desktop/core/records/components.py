"""Components: where each stands, and what the machine has left."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ComponentState(StrEnum):
    """The life of a component; see design.md, "Residency, exactly"."""

    ABSENT = "absent"
    WAKING = "waking"
    READY = "ready"
    BUSY = "busy"
    IDLE = "idle"
    FAILED = "failed"


class ComponentStatus(msgspec.Struct, frozen=True):
    """A component now. ``bytes`` is what its processes hold of their own (USS, or RSS where USS is not to be had)."""

    name: str
    state: ComponentState
    bytes: int = 0
    idle_deadline: float | None = None  # seconds from now until it unloads; None while busy, pinned or absent
    expected_wake: float | None = None  # seconds, from this machine's history
    reason: str = ""
    pids: tuple[int, ...] = ()
    waiting: int = 0  # requests that wait for a free host
    pinned: bool = False
    hosts: int = 0
    unload_asked: bool = False  # by hand: it leaves as soon as nobody uses it
    resting: bool = False  # in memory, but without what only the next use needs: a conversation's cache


class Sample(msgspec.Struct, frozen=True):
    """One reading of the monitor. Bytes, except ``cpu`` (percent of one core, the whole program)."""

    at: float  # wall clock, seconds
    program: int  # all processes of the program
    window: int  # the main process alone
    components: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    cpu: float = 0.0
    system_used: int = 0
    system_available: int = 0
    system_total: int = 0
    gpu_used: int | None = None  # None: no GPU that a driver answers for
    gpu_total: int | None = None
    gpu_load: float | None = None  # percent of the time that the GPU computed for anybody
