"""The outside of a host: starts a child process, sends it requests and knows when it has died."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from kotaemon_desktop.core.errors import ComponentCrashed, ComponentTimedOut, KotaemonError, WakeFailed
from kotaemon_desktop.core.footprint import Footprint
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.residency import child
from kotaemon_desktop.core.residency.component import ComponentSpec

_CRASHED = -1
_STOP_SECONDS = 5.0
# With small pages a tenth of a token's time goes into looking up where its weights are. A process can be told of it as
# it begins and no later: https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html
LARGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}

_passing_on = threading.Lock()
_log = logging.getLogger(__name__)


@contextlib.contextmanager
def _passed_on(environment: Mapping[str, str]) -> Generator[None]:
    """Let a process that starts meanwhile find ``environment``: multiprocessing hands its own on and takes no other.

    What is set already stays as it is.
    """
    with _passing_on:
        added = environment.keys() - os.environ.keys()
        os.environ.update({name: environment[name] for name in added})
        try:
            yield
        finally:
            for name in added:
                del os.environ[name]


class Host:
    """One child process with one service; lives in the parent, used from any thread.

    A thread per host waits for replies and hands each to the request that asked. When the process dies, every request
    that waits gets the news; later ones fail at once. A host is never restarted: the keeper starts a fresh one.
    """

    def __init__(self, spec: ComponentSpec) -> None:
        """Start the process and wait until its service is built. Raises WakeFailed or what the service raised."""
        self._name = spec.name
        self._call_timeout = spec.call_timeout
        self._ids = itertools.count(1)
        self._sending = threading.Lock()
        self._replies: dict[int, queue.SimpleQueue[tuple[int, Any]]] = {}
        import multiprocessing  # with the first host: a window that has just opened has none

        context = multiprocessing.get_context("spawn")
        self._connection, remote = context.Pipe()
        self._process = context.Process(
            target=child.main,
            args=(remote, spec.name, spec.service, dict(spec.arguments()), spec.background),
            name=f"kotaemon-{spec.name}",
            daemon=True,
        )
        with _passed_on(LARGE_PAGES if spec.large_pages else {}):
            self._process.start()
        self._footprint = Footprint(self._process.pid)
        remote.close()
        self.alive = True
        greeting = self._expect(0)
        self._listener = threading.Thread(target=self._listen, name=f"host-{spec.name}", daemon=True)
        self._listener.start()
        kind, payload = self._wait(greeting, spec.wake_timeout)
        self._replies.pop(0, None)
        if kind == child.ERROR:
            self.stop()
            raise payload
        if kind == _CRASHED:
            self.stop()
            raise WakeFailed(component=self._name, detail=Phrase(N_("exit code {number}"), number=self.exitcode))

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def exitcode(self) -> int | None:
        return self._process.exitcode

    def held(self) -> int:
        """Return the bytes that end with this process (its unique set size); 0 when it is gone."""
        return self._footprint.bytes()

    def call(self, method: str, *arguments: Any, urgent: bool = True, timeout: float | None = None) -> Any:
        """Run ``method`` in the host and return its result; errors as :meth:`protocols.Lease.call`."""
        request = next(self._ids)
        replies = self._expect(request)
        try:
            self._send(child.CALL, request, urgent, (method, arguments))
            return self._result(*self._wait(replies, timeout or self._call_timeout))
        finally:
            self._replies.pop(request, None)

    def stream(self, method: str, *arguments: Any, urgent: bool = True, timeout: float | None = None) -> Iterator[Any]:
        """Run generator ``method`` in the host, one step for each item asked for here."""
        request = next(self._ids)
        replies = self._expect(request)
        ended = False
        try:
            self._send(child.OPEN, request, urgent, (method, arguments))
            while True:
                kind, payload = self._wait(replies, timeout or self._call_timeout)
                if kind == child.END:
                    ended = True
                    return
                yield self._result(kind, payload)
                self._send(child.NEXT, request, urgent, None)
        except KotaemonError:
            ended = True
            raise
        finally:
            self._replies.pop(request, None)
            if not ended:
                self._send_quietly(child.CLOSE, request)

    def tell(self, method: str) -> None:
        """Have ``method`` run in the host, whatever comes of it."""
        self._send_quietly(child.CALL, next(self._ids), (method, ()))

    def stop(self) -> None:
        """End the process and wait for it: asked first, killed when it does not end in time."""
        if self.alive:
            self._send_quietly(child.STOP, 0)
            self._process.join(_STOP_SECONDS)
        self.kill()
        self._listener.join()

    def kill(self) -> None:
        """End the process now."""
        if self._process.is_alive():
            self._process.kill()
        self._process.join()

    def _expect(self, request: int) -> queue.SimpleQueue[tuple[int, Any]]:
        replies: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._replies[request] = replies
        return replies

    def _send(self, kind: int, request: int, urgent: bool, payload: Any) -> None:
        try:
            with self._sending:
                self._connection.send((kind, request, urgent, payload))
        except OSError:
            self._listener.join(_STOP_SECONDS)
            raise self._crashed() from None

    def _send_quietly(self, kind: int, request: int, payload: Any = None) -> None:
        with contextlib.suppress(ComponentCrashed):
            self._send(kind, request, True, payload)

    def _wait(self, replies: queue.SimpleQueue[tuple[int, Any]], timeout: float) -> tuple[int, Any]:
        try:
            return replies.get(timeout=timeout) if self.alive or not replies.empty() else (_CRASHED, None)
        except queue.Empty:
            self.kill()
            self._listener.join()  # from here on nobody takes it for alive
            raise ComponentTimedOut(component=self._name, seconds=round(timeout)) from None

    def _result(self, kind: int, payload: Any) -> Any:
        if kind == child.ERROR:
            raise payload
        if kind == _CRASHED:
            raise self._crashed()
        return payload

    def _crashed(self) -> ComponentCrashed:
        return ComponentCrashed(component=self._name, exitcode=self.exitcode)

    def _listen(self) -> None:
        from kotaemon_desktop.core.residency import messages  # with the first host, like multiprocessing

        try:
            while True:
                request, kind, payload = messages.read(self._connection.recv_bytes(messages.LARGEST))
                replies = self._replies.get(request)
                if replies is not None:
                    replies.put((kind, payload))
        except EOFError:
            self._process.join()
        except OSError as error:  # its end of the pipe was torn off, or its message is longer than any may be
            _log.warning("%s was ended: %s", self._name, error)
            self.kill()
        except messages.ForeignMessage as error:
            _log.warning("%s was ended: it sent what no host of this program sends: %s", self._name, error)
            self.kill()
        self.alive = False
        for replies in list(self._replies.values()):
            replies.put((_CRASHED, None))
        with self._sending:
            self._connection.close()


class HostLease:
    """A borrowed host: :class:`protocols.Lease` over one :class:`Host`."""

    def __init__(self, host: Host, urgent: bool, worked: Callable[[], None]) -> None:
        self._host = host
        self._urgent = urgent
        self._worked = worked

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        return self._host.call(method, *arguments, urgent=self._urgent, timeout=timeout)

    def stream(self, method: str, *arguments: Any, timeout: float | None = None) -> Iterator[Any]:
        return self._host.stream(method, *arguments, urgent=self._urgent, timeout=timeout)

    def worked(self) -> None:
        self._worked()
