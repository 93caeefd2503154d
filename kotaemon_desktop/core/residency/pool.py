"""The hosts of one component and what the keeper knows of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host
from kotaemon_desktop.core.residency.triggers import Advice

_FAILURES_UNTIL_OPEN = 3
_FIRST_PAUSE = 30.0  # seconds the breaker stays open, doubled with each further failure
_LONGEST_PAUSE = 600.0
_NEWEST_SHARE = 0.3  # of the last user in what one takes


@dataclass(eq=False)
class Resident:
    """One live host. ``idle_since`` is None while somebody uses it; ``leaving`` says that it is being stopped.

    ``resting`` says that its service was told to put away what it can come back from.
    """

    host: Host
    awake_since: float
    held: int
    history_key: str
    leases: int = 0
    idle_since: float | None = None
    leaving: bool = False
    resting: bool = False
    lent_at: float = 0.0  # monotonic, the last time


@dataclass(eq=False)
class Pool:
    """Every field is guarded by the keeper's one lock."""

    spec: ComponentSpec
    residents: list[Resident] = field(default_factory=list[Resident])
    waking: int = 0  # hosts being started
    waiting: int = 0  # requests that found no free host
    reserved: int = 0  # bytes promised to hosts being started
    announced: ComponentState = ComponentState.ABSENT
    unload_asked: bool = False
    dismissed: bool = False  # unloaded by hand: keep-warm hours leave it away until it is asked for again
    pinned: bool = False
    reason: str = ""  # why it failed last
    expected: tuple[float, int] | None = None  # seconds and bytes of a wake, from the history
    failures: int = 0  # in a row
    served: float = 0.0  # seconds that one user takes, as the last ones did
    closed_until: float = 0.0  # monotonic; the breaker is open before then

    def state(self) -> ComponentState:
        """Return where the component as a whole stands."""
        live = [each for each in self.residents if not each.leaving]
        if any(each.leases for each in live):
            return ComponentState.BUSY
        if live:
            return ComponentState.IDLE
        if self.waking:
            return ComponentState.WAKING
        return ComponentState.FAILED if self.reason else ComponentState.ABSENT

    def free(self) -> Resident | None:
        """Return the least used host that takes one more user."""
        most = self.spec.leases_per_host
        able = [
            each
            for each in self.residents
            if not each.leaving and each.host.alive and (most is None or each.leases < most)
        ]
        return min(able, key=lambda each: each.leases, default=None)

    def idle(self) -> Iterator[Resident]:
        """Yield the hosts that nobody uses."""
        return (each for each in self.residents if not each.leases and not each.leaving)

    def may_grow(self) -> bool:
        """Return whether another host of this component is allowed."""
        return len(self.residents) + self.waking < self.spec.most_hosts

    def is_worth_another(self, urgent: bool, queued: int, now: float) -> bool:
        """Return whether a host more serves those who wait sooner than the ones that are there, its wake included.

        ``queued`` users are still to come after those. An urgent one does not wait where it need not.
        """
        hosts = len(self.residents) + self.waking
        if urgent or not hosts:
            return True
        longest = max((now - each.lent_at for each in self.residents if each.leases), default=0.0)
        wait = (self.waiting + queued) * max(self.served, longest) / hosts
        return wait > (self.expected[0] if self.expected else 0.0)

    def note_served(self, seconds: float) -> None:
        """Take note of how long a host was lent."""
        self.served = seconds if not self.served else self.served + _NEWEST_SHARE * (seconds - self.served)

    def needed(self) -> int:
        """Return the bytes that one more host is expected to take."""
        return self.expected[1] if self.expected else self.spec.size_hint()

    def failed(self, reason: str, now: float) -> None:
        """Count a failure; the third in a row opens the breaker."""
        self.reason = reason
        self.failures += 1
        over = self.failures - _FAILURES_UNTIL_OPEN
        if over >= 0 and self.spec.has_breaker:
            self.closed_until = now + min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**over)

    def worked(self) -> None:
        """Note that a host has done its work."""
        self.failures, self.closed_until, self.reason = 0, 0.0, ""

    def seconds_left(self, resident: Resident, advice: Advice, now: float) -> float | None:
        """Return how long an idle host may still rest; None: as long as it likes, or it is busy."""
        limit = self.spec.idle_seconds()
        if resident.idle_since is None or limit is None or self.pinned or self.spec.name in advice.keep_warm:
            return None
        return resident.idle_since + limit * advice.factor - now

    def due(self, resident: Resident, advice: Advice, now: float) -> str:
        """Return why an idle host has to go now, empty if it may stay."""
        if resident.idle_since is None or resident.leaving:
            return ""
        if self.unload_asked:
            return "user"
        if self.pinned:
            return ""
        if advice.release:
            return advice.release
        left = self.seconds_left(resident, advice, now)
        return advice.cause if left is not None and left <= 0 else ""

    def tired(self, resident: Resident, now: float) -> bool:
        """Return whether an idle host has to be told to rest."""
        limit = self.spec.rest_seconds()
        idle = resident.idle_since is not None and not (resident.leaving or resident.resting)
        return limit is not None and idle and now - (resident.idle_since or 0) >= limit

    def status(self, advice: Advice, now: float) -> ComponentStatus:
        """Return what the window shows of the component; of several hosts the one that stays longest counts."""
        live = [each for each in self.residents if not each.leaving]
        left = [seconds for each in live if (seconds := self.seconds_left(each, advice, now)) is not None]
        state = self.state()
        return ComponentStatus(
            name=self.spec.name,
            state=state,
            bytes=sum(each.held for each in self.residents),
            idle_deadline=max(0.0, *left, 0.0) if left and state is ComponentState.IDLE else None,
            expected_wake=self.expected[0] if self.expected else None,
            reason=self.reason,
            pids=tuple(each.host.pid for each in live),
            waiting=self.waiting if self.free() is None else 0,
            pinned=self.pinned,
            hosts=len(live),
            unload_asked=self.unload_asked,
            resting=bool(live) and all(each.resting for each in live),
        )
