"""Keeps the leases, the clocks and the memory of all components: who is resident, why, and until when.

Longer than other files because one lock guards all of it: whoever changes a part has to see the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from functools import partial
from typing import overload

from kotaemon_desktop.core.errors import BreakerOpen, DoesNotFit, WakeFailed
from kotaemon_desktop.core.events import ComponentChanged, Loaded, Released, ResidencyEvent
from kotaemon_desktop.core.footprint import give_back_freed
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.protocols import Clock, WakeHistory
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.core.residency.budget import Budget, victims
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host, HostLease
from kotaemon_desktop.core.residency.pool import Pool, Resident
from kotaemon_desktop.core.residency.remains import end_resource_tracker
from kotaemon_desktop.core.residency.triggers import Advice, Trigger, combined

_CLOSE_SECONDS = 10.0
_TRIM_SECONDS = 120.0
_LOOK_AGAIN_SECONDS = 0.2  # while one who waits grows worth a host of its own
_Step = Resident | list[tuple[Pool, Resident]] | None
"""What a request for a lease does next: take this host, end those first, or (None) start one."""


class Keeper:
    """Owns every host; lives in the main process and is used from any thread.

    It has no timer of its own: whoever runs the program calls :meth:`tick` about once a second. One lock guards all
    pools; nothing slow happens while it is held.
    """

    def __init__(
        self,
        components: Iterable[ComponentSpec],
        clock: Clock,
        history: WakeHistory,
        *,
        budget: Budget | None = None,
        triggers: Sequence[Trigger] = (),
        at_rest: Callable[[], None] = lambda: None,
    ) -> None:
        """``at_rest`` is called whenever the last host has gone: who keeps something for speed lets go of it."""
        self._pools = {spec.name: Pool(spec) for spec in components}
        self._clock = clock
        self._history = history
        self._budget = budget or Budget(lambda total: total)
        self._triggers = triggers
        self._at_rest = at_rest
        self._advice = Advice()
        self._changed = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[ResidencyEvent], None]] = []
        self._prewarming: dict[str, threading.Thread] = {}
        self._closed = False
        self._trimmed = clock.monotonic()
        self._was_awake = False  # since the last time that everything was cleared away
        for pool in self._pools.values():
            pool.expected = history.expected(pool.spec.history_key)

    def subscribe(self, listener: Callable[[ResidencyEvent], None]) -> None:
        """Call ``listener`` with every later event, in the thread where it happens; it must return at once."""
        self._listeners.append(listener)

    # --- leases ----------------------------------------------------------------------------------------------------

    @contextmanager
    def lease(self, name: str, *, urgent: bool = True, queued: int = 0) -> Generator[HostLease]:
        """Wake component ``name`` if it sleeps and lend it; see :meth:`protocols.Lender.lease`.

        Waits while every allowed host has all the users it takes. Raises BreakerOpen after repeated failures, and
        DoesNotFit when memory is short: at once if ``urgent``, else only if it can never fit.
        """
        pool = self._pools[name]
        resident = self._borrow(pool, urgent, queued)
        try:
            yield HostLease(resident.host, urgent, partial(self._worked, pool))
        finally:
            self._give_back(pool, resident)

    def _borrow(self, pool: Pool, urgent: bool, queued: int = 0, cause: str = "request") -> Resident:
        while True:
            needed = 0
            with self._changed:
                pool.waiting += 1
                pool.dismissed = False
                try:
                    step = self._next_step(pool, urgent, queued)
                finally:
                    pool.waiting -= 1
                if isinstance(step, Resident):
                    return self._taken(pool, step)
                if step is None:
                    self._was_awake, needed = True, pool.needed()
                    pool.waking += 1
                    pool.reserved += needed
                    self._announce(pool, cause)
            if step is None:
                return self._wake(pool, needed, cause)
            for other, resident in step:
                self._end(other, resident, "user" if other is pool and pool.unload_asked else "evicted")

    def _next_step(self, pool: Pool, urgent: bool, queued: int) -> _Step:
        """Wait, holding the lock, until a request for ``pool`` can go on, and return how."""
        while True:
            self._refuse_if_closed(pool)
            self._forget_dead(pool)
            leaving = [(pool, each) for each in pool.idle()] if pool.unload_asked else []
            if leaving:  # what is asked to go, to come back with other arguments, is not lent once more
                return self._mark_leaving(leaving)
            free = pool.free()
            if free is not None:
                return free
            look_again: float | None = None
            if pool.may_grow() and not any(each.leaving for each in pool.residents):
                if pool.is_worth_another(urgent, queued, self._clock.monotonic()):
                    room = self._room_for(pool, urgent)
                    if room is not None:
                        return self._mark_leaving(room) or None
                else:
                    look_again = _LOOK_AGAIN_SECONDS
            self._changed.wait(look_again)

    def _refuse_if_closed(self, pool: Pool) -> None:
        name, now = pool.spec.name, self._clock.monotonic()
        if self._closed:
            raise WakeFailed(component=name, detail=Phrase(N_("the program is closing")))
        if now < pool.closed_until:
            left = round(pool.closed_until - now)
            raise BreakerOpen(component=name, failures=pool.failures, seconds=left, reason=pool.reason)

    def _room_for(self, pool: Pool, urgent: bool) -> list[tuple[Pool, Resident]] | None:
        """Return the hosts to end so that one more of ``pool`` fits, none if it fits now, None if it has to wait."""
        held = sum(each.held for other in self._pools.values() for each in other.residents)
        reserved = sum(other.reserved for other in self._pools.values())
        needed, limit = pool.needed(), self._budget.limit(held)
        if held + reserved + needed <= limit:
            return []
        chosen = victims(self._pools.values(), pool, held + reserved + needed - limit, self._clock.monotonic())
        if chosen is not None:
            return chosen
        under_way = any(other.waking or any(e.leaving for e in other.residents) for other in self._pools.values())
        used = any(each.leases for other in self._pools.values() for each in other.residents)
        if pool.residents or under_way or (not urgent and used and needed <= limit):
            return None
        raise DoesNotFit(component=pool.spec.name, needed=_size(needed), limit=_size(limit), held=_size(held))

    def _mark_leaving(self, chosen: list[tuple[Pool, Resident]]) -> list[tuple[Pool, Resident]]:
        for _pool, resident in chosen:
            resident.leaving = True
        return chosen

    def _taken(self, pool: Pool, resident: Resident) -> Resident:
        resident.leases += 1
        resident.idle_since, resident.resting, resident.lent_at = None, False, self._clock.monotonic()
        self._announce(pool, "request")
        return resident

    def _wake(self, pool: Pool, needed: int, cause: str) -> Resident:
        """Start a host, outside the lock; the reservation of ``needed`` bytes made for it ends either way."""
        started, key = self._clock.monotonic(), pool.spec.history_key
        try:
            host = Host(pool.spec)
            if self._closed:  # close() may have given up waiting for it
                host.stop()
                self._refuse_if_closed(pool)
        except BaseException as error:
            with self._changed:
                self._started(pool, needed)
                pool.unload_asked = pool.unload_asked and bool(pool.residents)
                pool.failed(_why(error), self._clock.monotonic())
                self._announce(pool, "wake", detail=pool.reason)
            raise
        now = self._clock.monotonic()
        resident, seconds = Resident(host, now, host.held(), key, leases=1, lent_at=now), now - started
        with self._changed:
            self._started(pool, needed)
            if all(each.leaving for each in pool.residents):
                self._announce(pool, cause, ComponentState.READY, size=resident.held, seconds=seconds)
            pool.residents.append(resident)
            self._announce(pool, cause, size=resident.held)
        self._emit(Loaded(pool.spec.name, self._clock.wall(), seconds, resident.held, cause))
        self._history.record_wake(key, seconds, resident.held)
        pool.expected = self._history.expected(pool.spec.history_key)  # of the variant that would wake now
        return resident

    def _started(self, pool: Pool, needed: int) -> None:
        pool.waking -= 1
        pool.reserved -= needed
        self._changed.notify_all()

    def _give_back(self, pool: Pool, resident: Resident) -> None:
        with self._changed:
            resident.leases -= 1
            pool.note_served(self._clock.monotonic() - resident.lent_at)
            if resident.host.alive:
                pool.worked()
            self._forget_dead(pool)
            if resident.leases == 0 and resident in pool.residents:
                resident.idle_since = self._clock.monotonic()
                self._announce(pool, "lease returned")
            self._changed.notify_all()
            due = pool.due(resident, self._advice, self._clock.monotonic())
            if due:
                resident.leaving = True
        if due:
            self._end(pool, resident, due)

    def _worked(self, pool: Pool) -> None:
        with self._changed:
            pool.worked()

    def _forget_dead(self, pool: Pool) -> None:
        """Drop hosts that have died by themselves; the next lease starts a fresh one."""
        for resident in [each for each in pool.residents if not each.host.alive and not each.leaving]:
            pool.residents.remove(resident)
            now, held = self._clock.monotonic(), resident.held
            pool.failed(f"exit code {resident.host.exitcode}", now)
            self._announce(pool, "crash", size=held, detail=pool.reason)
            self._emit(Released(pool.spec.name, self._clock.wall(), "crash", held, held))
            self._history.record_release(resident.history_key, "crash", now - resident.awake_since, held, held)
            self._changed.notify_all()

    # --- unloading -------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Ask the triggers, unload what is due, notice what has died, measure what is resident: 2 ms a host."""
        advice = combined(trigger.advise() for trigger in self._triggers)
        with self._changed:
            self._advice = advice
            for pool in self._pools.values():
                self._forget_dead(pool)
            self._changed.notify_all()  # the machine may have more memory now than when a request began to wait
            residents = [(pool, each) for pool in self._pools.values() for each in pool.residents if not each.leaving]
        for pool, resident in residents:
            resident.held = resident.host.held() or resident.held
            now = self._clock.monotonic()
            with self._changed:
                due = "" if resident.leaving else pool.due(resident, advice, now)
                resident.leaving = resident.leaving or bool(due)
                tired = pool.tired(resident, now)
                resident.resting = resident.resting or tired
            if due:
                self._end(pool, resident, due)
            elif tired:
                resident.host.tell("rest")
        if not advice.release:  # else what is kept warm would come and go with every tick
            for name in advice.keep_warm:
                if not self._pools[name].dismissed:
                    self.prewarm(name, "hours")
        self._clear_away()

    def _clear_away(self) -> None:
        """Once after the last host has gone, and every two minutes before, give back what this process has freed."""
        with self._changed:
            if not self._was_awake:
                return
            awake = any(pool.residents or pool.waking for pool in self._pools.values())
            if awake and self._clock.monotonic() < self._trimmed + _TRIM_SECONDS:
                return
            self._trimmed, self._was_awake = self._clock.monotonic(), awake
            if not awake:
                end_resource_tracker()
        if not awake:
            self._at_rest()
        give_back_freed()

    def unload(self, name: str) -> None:
        """Ask that ``name`` goes as soon as nobody uses it; returns at once, the next tick or lease end does it."""
        with self._changed:
            pool = self._pools[name]
            pool.unload_asked = bool(pool.residents or pool.waking)
            pool.dismissed = True

    def look_up_again(self, name: str) -> None:
        """Look the past of ``name`` up again: another variant of it is going to wake."""
        with self._changed:
            pool = self._pools[name]
            pool.expected = self._history.expected(pool.spec.history_key)

    def unload_all(self) -> None:
        """Ask that every component goes as soon as nobody uses it, pinned ones as well."""
        for name in self._pools:
            self.unload(name)

    def pin(self, name: str, pinned: bool) -> None:
        """Keep ``name`` in memory until it is unpinned or unloaded by hand."""
        with self._changed:
            self._pools[name].pinned = pinned

    def prewarm(self, name: str, cause: str = "typing") -> None:
        """Wake ``name`` in the background if it sleeps, can wake and fits; if it is awake its timer starts anew."""
        pool = self._pools[name]
        can_wake = pool.spec.available()
        with self._changed:
            for resident in pool.idle():
                resident.idle_since = self._clock.monotonic()
            under_way = self._prewarming.get(name)
            if under_way is not None and under_way.is_alive():
                return
            if self._closed or not can_wake or pool.waking or any(not each.leaving for each in pool.residents):
                return
            thread = threading.Thread(
                target=self._wake_and_rest, args=(pool, cause), name=f"prewarm-{name}", daemon=True
            )
            self._prewarming[name] = thread
            thread.start()

    def _wake_and_rest(self, pool: Pool, cause: str) -> None:
        try:
            self._give_back(pool, self._borrow(pool, urgent=True, cause=cause))
        except Exception as error:  # noqa: BLE001 - nobody waits for it; the request that needs it will say so
            with self._changed:
                pool.reason = _why(error)

    def _end(self, pool: Pool, resident: Resident, cause: str) -> None:
        """Stop a host that is marked as leaving, outside the lock, and say how many bytes came back."""
        started = self._clock.monotonic()
        held = resident.host.held() or resident.held
        resident.host.stop()
        freed = held - resident.host.held()
        with self._changed:
            pool.residents.remove(resident)
            pool.unload_asked = pool.unload_asked and bool(pool.residents)
            ended = self._clock.monotonic()
            self._announce(pool, cause, size=held, seconds=ended - started)
            self._changed.notify_all()
        self._emit(Released(pool.spec.name, self._clock.wall(), cause, held, freed))
        self._history.record_release(resident.history_key, cause, ended - resident.awake_since, held, freed)

    def close(self) -> None:
        """End every host, busy ones as well: their requests fail, and so does every later lease."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            self._changed.wait_for(self._is_settled, _CLOSE_SECONDS)
            residents = [(pool, each) for pool in self._pools.values() for each in pool.residents if not each.leaving]
            for _pool, resident in residents:
                resident.leaving = True
        for pool, resident in residents:
            if resident.leases:
                resident.host.kill()
            self._end(pool, resident, "quit")
        for thread in self._prewarming.values():
            thread.join(_CLOSE_SECONDS)

    def _is_settled(self) -> bool:
        return not any(pool.waking or any(each.leaving for each in pool.residents) for pool in self._pools.values())

    # --- telling ---------------------------------------------------------------------------------------------------

    @overload
    def status(self, name: str) -> ComponentStatus: ...
    @overload
    def status(self) -> list[ComponentStatus]: ...
    def status(self, name: str | None = None) -> ComponentStatus | list[ComponentStatus]:
        """Return where ``name`` stands, or every component. Never waits for a host."""
        with self._changed:
            now = self._clock.monotonic()
            if name is not None:
                return self._pools[name].status(self._advice, now)
            return [pool.status(self._advice, now) for pool in self._pools.values()]

    def _announce(
        self,
        pool: Pool,
        cause: str,
        after: ComponentState | None = None,
        *,
        size: int = 0,
        seconds: float = 0.0,
        detail: str = "",
    ) -> None:
        before, pool.announced = pool.announced, after or pool.state()
        if before is not pool.announced:
            held = size or sum(each.held for each in pool.residents)
            self._emit(
                ComponentChanged(
                    pool.spec.name, before, pool.announced, self._clock.wall(), cause, held, seconds, detail
                )
            )

    def _emit(self, event: ResidencyEvent) -> None:
        for listener in self._listeners:
            listener(event)


def _size(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MB"


def _why(error: BaseException) -> str:
    """Return the reason alone: what to do about it is said by the error that will name it."""
    return f"{error.facts['detail']}" if isinstance(error, WakeFailed) else str(error)
