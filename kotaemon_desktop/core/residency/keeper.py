"""Keeps the leases, the clocks and the memory of all components: who is resident, why, and until when."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, overload

from kotaemon_desktop.core.errors import WakeFailed
from kotaemon_desktop.core.events import ComponentChanged, Released, ResidencyEvent
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.protocols import Clock, WakeHistory
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host


@dataclass
class _Entry:
    """What the keeper knows of one component; every field is guarded by ``changed``."""

    spec: ComponentSpec
    changed: threading.Condition = field(default_factory=threading.Condition)
    state: ComponentState = ComponentState.ABSENT
    host: Host | None = None
    leases: int = 0
    leaving: bool = False  # a host is being stopped; a new lease waits for its end
    unload_asked: bool = False
    deadline: float | None = None  # monotonic
    awake_since: float = 0.0  # monotonic
    held: int = 0
    expected_wake: float | None = None  # seconds, from the history
    reason: str = ""


class Keeper:
    """Owns every host; lives in the main process and is used from any thread.

    It has no thread and no timer of its own: whoever runs the program calls :meth:`tick` about once a second.
    """

    def __init__(self, components: Iterable[ComponentSpec], clock: Clock, history: WakeHistory) -> None:
        self._entries = {spec.name: _Entry(spec) for spec in components}
        self._clock = clock
        self._history = history
        self._listeners: list[Callable[[ResidencyEvent], None]] = []
        self._closed = False
        for entry in self._entries.values():
            self._estimate(entry)

    def subscribe(self, listener: Callable[[ResidencyEvent], None]) -> None:
        """Call ``listener`` with every later event, in the thread where it happens; it must return at once."""
        self._listeners.append(listener)

    # --- leases ----------------------------------------------------------------------------------------------------

    @contextmanager
    def lease(self, name: str, *, urgent: bool = True) -> Generator[HostLease]:
        """Wake component ``name`` if it sleeps and lend it; see :meth:`protocols.Lender.lease`."""
        entry = self._entries[name]
        host = self._borrow(entry)
        try:
            yield HostLease(host, urgent)
        finally:
            self._give_back(entry, host)

    def _borrow(self, entry: _Entry) -> Host:
        if entry.unload_asked:  # what is asked to go, to come back with other arguments, is not lent once more
            self._unload(entry, "user")
        with entry.changed:
            while entry.leaving or entry.state is ComponentState.WAKING:
                entry.changed.wait()
            if self._closed:
                raise WakeFailed(component=entry.spec.name, detail=_("the program is closing"))
            if entry.host is not None and not entry.host.alive:  # it died while nobody used it
                self._forget(entry, entry.host)
            if entry.host is not None:
                entry.leases += 1
                entry.deadline = None
                self._change(entry, ComponentState.BUSY, "request")
                return entry.host
            self._change(entry, ComponentState.WAKING, "request")
        return self._wake(entry)

    def _wake(self, entry: _Entry) -> Host:
        started = self._clock.monotonic()
        try:
            host = Host(entry.spec)
        except BaseException as error:
            with entry.changed:
                entry.reason = str(error)
                self._change(entry, ComponentState.FAILED, "wake", detail=entry.reason)
                entry.changed.notify_all()
            raise
        held, seconds = host.held(), self._clock.monotonic() - started
        with entry.changed:
            entry.host, entry.held, entry.reason = host, held, ""
            entry.awake_since = self._clock.monotonic()
            entry.leases += 1
            self._change(entry, ComponentState.READY, "request", size=held, seconds=seconds)
            self._change(entry, ComponentState.BUSY, "request", size=held)
            entry.changed.notify_all()
        self._history.record_wake(entry.spec.name, seconds, held)
        self._estimate(entry)
        return host

    def _estimate(self, entry: _Entry) -> None:
        expected = self._history.expected(entry.spec.name)
        entry.expected_wake = expected[0] if expected else None

    def _give_back(self, entry: _Entry, host: Host) -> None:
        with entry.changed:
            entry.leases -= 1
            if entry.host is host and not host.alive:
                self._forget(entry, host)
            if entry.leases or entry.host is None:
                return
            seconds = entry.spec.idle_seconds()
            entry.deadline = None if seconds is None else self._clock.monotonic() + seconds
            self._change(entry, ComponentState.IDLE, "lease returned")
            due = entry.unload_asked or seconds == 0
        if due:
            self._unload(entry, "user" if entry.unload_asked else "idle")

    def _forget(self, entry: _Entry, host: Host) -> None:
        """Note that ``host`` has died by itself; the next lease starts a fresh one."""
        held, entry.host, entry.deadline, entry.held = entry.held, None, None, 0
        entry.reason = f"exit code {host.exitcode}"
        self._change(entry, ComponentState.FAILED, "crash", size=held, detail=entry.reason)

    # --- unloading -------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Unload what is due, notice what has died, measure what is resident. Takes some milliseconds a host."""
        now = self._clock.monotonic()
        for entry in self._entries.values():
            with entry.changed:
                host = entry.host
                if host is None or entry.leaving:
                    continue
                if not host.alive and not entry.leases:
                    self._forget(entry, host)
                    continue
                asked = entry.unload_asked
                due = asked or (entry.deadline is not None and entry.deadline <= now)
            entry.held = host.held() or entry.held
            if due:
                self._unload(entry, "user" if asked else "idle")

    def unload(self, name: str) -> None:
        """Ask that ``name`` goes as soon as nobody uses it; returns at once, the next tick or lease end does it."""
        entry = self._entries[name]
        with entry.changed:
            entry.unload_asked = entry.host is not None

    def _unload(self, entry: _Entry, cause: str) -> None:
        """End the host unless somebody borrowed it meanwhile; say how many bytes came back."""
        with entry.changed:
            host = entry.host
            if host is None or entry.leases or entry.leaving:
                return
            entry.leaving = True
        started = self._clock.monotonic()
        held = host.held() or entry.held
        host.stop()
        freed = held - host.held()
        with entry.changed:
            entry.host, entry.deadline, entry.held = None, None, 0
            entry.leaving = entry.unload_asked = False
            resident = self._clock.monotonic() - entry.awake_since
            self._change(entry, ComponentState.ABSENT, cause, size=held, seconds=self._clock.monotonic() - started)
            entry.changed.notify_all()
        self._emit(Released(entry.spec.name, self._clock.wall(), cause, held, freed))
        if not self._closed:
            self._history.record_release(entry.spec.name, cause, resident, held, freed)

    def close(self) -> None:
        """End every host, busy ones as well: their requests fail."""
        self._closed = True
        for entry in self._entries.values():
            with entry.changed:
                entry.changed.wait_for(lambda e=entry: e.state is not ComponentState.WAKING and not e.leaving, 10)
                host = entry.host
            if host is not None and entry.leases:
                host.kill()
            self._unload(entry, "quit")
            if host is not None:
                host.stop()

    # --- telling ---------------------------------------------------------------------------------------------------

    @overload
    def status(self, name: str) -> ComponentStatus: ...
    @overload
    def status(self) -> list[ComponentStatus]: ...
    def status(self, name: str | None = None) -> ComponentStatus | list[ComponentStatus]:
        """Return where ``name`` stands, or every component. Never waits for a host."""
        if name is None:
            return [self._status(entry) for entry in self._entries.values()]
        return self._status(self._entries[name])

    def _status(self, entry: _Entry) -> ComponentStatus:
        now = self._clock.monotonic()
        with entry.changed:
            host = entry.host
            return ComponentStatus(
                name=entry.spec.name,
                state=entry.state,
                bytes=entry.held,
                idle_deadline=None if entry.deadline is None else max(0.0, entry.deadline - now),
                expected_wake=entry.expected_wake,
                reason=entry.reason,
                pids=(host.pid,) if host is not None else (),
            )

    def _change(
        self,
        entry: _Entry,
        after: ComponentState,
        cause: str,
        *,
        size: int = 0,
        seconds: float = 0.0,
        detail: str = "",
    ) -> None:
        before, entry.state = entry.state, after
        if before is not after:
            self._emit(
                ComponentChanged(
                    entry.spec.name, before, after, self._clock.wall(), cause, size or entry.held, seconds, detail
                )
            )

    def _emit(self, event: ResidencyEvent) -> None:
        for listener in self._listeners:
            listener(event)


class HostLease:
    """A borrowed host: :class:`protocols.Lease` over one :class:`Host`."""

    def __init__(self, host: Host, urgent: bool) -> None:
        self._host = host
        self._urgent = urgent

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        return self._host.call(method, *arguments, urgent=self._urgent, timeout=timeout)

    def stream(self, method: str, *arguments: Any, timeout: float | None = None) -> Iterator[Any]:
        return self._host.stream(method, *arguments, urgent=self._urgent, timeout=timeout)
