"""Runs the core's generators off the GUI thread and brings their events back to it, in order."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from time import perf_counter
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

T = TypeVar("T")

_log = logging.getLogger(__name__)
_DELIVERY_SECONDS = 0.004  # callbacks of one turn of the event loop; the rest waits, so that frames stay smooth


@dataclass(frozen=True, slots=True)
class _Raised:
    """The work ended with ``error``."""

    error: Exception


class _Ended:
    """The work has ended, however it did."""


class Job:
    """One piece of work on a lane. Owned by its lanes; every method is for the GUI thread."""

    def __init__(
        self,
        lanes: Lanes,
        lane: str,
        on_event: Callable[[Any], None],
        on_done: Callable[[], None] | None,
        on_error: Callable[[Exception], None] | None,
        on_cancel: Callable[[], None] | None,
    ) -> None:
        self.lane = lane
        self.cancelled = False
        self.finished = False
        self._lanes = lanes
        self._on_event = on_event
        self._on_done = on_done
        self._on_error = on_error
        self._on_cancel = on_cancel
        self._future: Future[None] | None = None

    def cancel(self) -> None:
        """Stop at the next event. From now on only ``on_done`` is called, once the work has really ended."""
        if self.cancelled or self.finished:
            return
        self.cancelled = True
        if self._on_cancel is not None:
            self._on_cancel()
        if self._future is not None and self._future.cancel():  # it had not started: nobody else tells the end
            self._lanes._post(self, _Ended())  # noqa: SLF001 - a job is a part of its lanes

    def _work_through(self, work: Callable[[], Iterable[Any]]) -> None:
        """Run in the lane: iterate and post; close the generator there, where it was made."""
        post = self._lanes._post  # noqa: SLF001
        try:
            if not self.cancelled:
                events = iter(work())
                try:
                    while not self.cancelled:
                        try:
                            event = next(events)
                        except StopIteration:
                            break
                        post(self, event)
                finally:
                    if close := getattr(events, "close", None):
                        close()
        except Exception as error:  # noqa: BLE001 - the lane lives on; who reads it decides
            post(self, _Raised(error))
        finally:
            post(self, _Ended())

    def _deliver(self, item: object) -> None:
        """Call the callback that ``item`` is for; what comes late for a cancelled job is dropped."""
        if isinstance(item, _Ended):
            self.finished = True
            if self._on_done is not None:
                self._on_done()
        elif self.cancelled:
            if isinstance(item, _Raised):
                _log.info("after cancel: %s", item.error)
        elif not isinstance(item, _Raised):
            self._on_event(item)
        elif self._on_error is not None:
            self._on_error(item.error)
        else:
            self._lanes.failed.emit(item.error)


class Lanes(QObject):
    """The worker threads, one per lane ("answering", "importing", "sampling", "browsing"), started when first used.

    Lives in the GUI thread. Work on one lane runs one after the other, lanes run side by side.

    Signals: ``failed(Exception)``: an error of a job that has no ``on_error``.
    """

    failed = Signal(object)
    _posted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._executors: dict[str, ThreadPoolExecutor] = {}
        self._jobs: dict[Job, Future[None]] = {}
        self._items: deque[tuple[Job, object]] = deque()
        self._woken = False
        self._closed = False
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        lane: str,
        work: Callable[[], Iterator[T]],
        *,
        on_event: Callable[[T], None],
        on_done: Callable[[], None] | None = None,
        on_error: Callable[[Exception], None] | None = None,
        on_cancel: Callable[[], None] | None = None,
    ) -> Job:
        """Call ``work`` in ``lane`` and iterate over what it returns, there.

        ``on_event`` gets each item, ``on_error`` an exception, ``on_done`` is always the last call, however the job
        ended (also after ``cancel``). All are called in the GUI thread, in order. After ``close`` nothing is started.
        ``on_cancel`` is called at once when the job is cancelled, to free work that waits for a person.
        """
        job = Job(self, lane, on_event, on_done, on_error, on_cancel)
        if self._closed:
            job.cancelled = job.finished = True
            return job
        if lane not in self._executors:
            self._executors[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"lane-{lane}")
        future = self._executors[lane].submit(job._work_through, work)  # noqa: SLF001
        job._future = self._jobs[job] = future  # noqa: SLF001
        return job

    def call(
        self,
        lane: str,
        work: Callable[[], T],
        *,
        on_result: Callable[[T], None],
        on_error: Callable[[Exception], None] | None = None,
    ) -> Job:
        """Call ``work`` in ``lane``; ``on_result`` gets what it returns, unless the job is cancelled before."""

        def once() -> Iterator[T]:
            yield work()

        return self.run(lane, once, on_event=on_result, on_error=on_error)

    def idle(self, lane: str) -> bool:
        """Return whether nothing runs, waits or is still to be told in ``lane``."""
        return not any(job.lane == lane for job in self._jobs)

    def close(self, seconds: float = 5) -> None:
        """Cancel everything and wait up to ``seconds`` for it to end. No callback is called from here on."""
        self._closed = True
        for job in list(self._jobs):
            job.cancel()
        unfinished = wait(self._jobs.values(), timeout=seconds).not_done
        for name, executor in self._executors.items():
            executor.shutdown(wait=not unfinished, cancel_futures=True)
            _log.debug("lane %s closed", name)
        if unfinished:
            _log.warning("%d jobs did not end within %s s", len(unfinished), seconds)
        self._jobs.clear()
        self._items.clear()

    def _post(self, job: Job, item: object) -> None:
        """Hand ``item`` to the GUI thread. Any thread."""
        if self._closed:
            return
        self._items.append((job, item))
        # The flag is cleared before the queue is read, so an item appended before this line is never forgotten.
        if not self._woken:
            self._woken = True
            self._posted.emit()

    @Slot()
    def _deliver(self) -> None:
        self._woken = False
        until = perf_counter() + _DELIVERY_SECONDS
        try:
            while self._items and perf_counter() < until:
                job, item = self._items.popleft()
                if isinstance(item, _Ended):
                    self._jobs.pop(job, None)
                job._deliver(item)  # noqa: SLF001
        finally:
            if self._items and not self._woken:
                self._woken = True
                self._posted.emit()
