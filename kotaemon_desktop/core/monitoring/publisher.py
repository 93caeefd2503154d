"""Serves metrics and health while the settings say so: neither thread, port nor import otherwise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kotaemon_desktop import __version__
from kotaemon_desktop.core.events import AnswerEvent, ResidencyEvent
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import ComponentStatus
from kotaemon_desktop.core.settings import Monitoring

if TYPE_CHECKING:
    from kotaemon_desktop.core.monitoring.endpoint import Endpoint
    from kotaemon_desktop.core.monitoring.metrics import Metrics

_log = logging.getLogger(__name__)


class Publisher:
    """Owns the endpoint and what it serves. Made with the engine, used from any thread.

    ``problem`` says why nothing is served though it should be (the port is taken), empty otherwise.
    """

    def __init__(self, status: Callable[[], Sequence[ComponentStatus]], clock: Clock) -> None:
        self.problem = ""
        self._status = status
        self._clock = clock
        self._started = clock.monotonic()
        self._closing = False
        self._lock = threading.Lock()
        self._wanted = Monitoring()
        self._metrics: Metrics | None = None
        self._endpoint: Endpoint | None = None

    @property
    def port(self) -> int | None:
        """Where metrics are served now, None where they are not."""
        return self._endpoint.port if self._endpoint else None

    def follow(self, wanted: Monitoring) -> None:
        """Serve as ``wanted`` says from now on. A port that is taken leaves a ``problem`` and stops nobody."""
        with self._lock:
            if wanted == self._wanted:
                return
            self._wanted = wanted
            self._stop()
            if wanted.metrics and not self._closing:
                self._serve(wanted.metrics_port)

    def hear(self, event: ResidencyEvent) -> None:
        """Count what came and went; for ``Keeper.subscribe``."""
        if metrics := self._metrics:
            metrics.hear(event)

    def watch(self, events: Iterator[AnswerEvent]) -> Iterator[AnswerEvent]:
        """Return the ``events`` of an answer, counted if metrics are on."""
        metrics = self._metrics
        return metrics.watch(events) if metrics else events

    def say_closing(self) -> None:
        """Let the health check say from now on that the program is closing."""
        self._closing = True

    def close(self) -> None:
        """Serve nothing any more."""
        with self._lock:
            self._closing = True
            self._stop()

    def _serve(self, port: int) -> None:
        from kotaemon_desktop.core.monitoring.endpoint import Endpoint  # 2 MB and 80 ms that few need
        from kotaemon_desktop.core.monitoring.metrics import Metrics

        metrics = Metrics(self._status, self._clock)
        try:
            self._endpoint = Endpoint(port, metrics.text, self._health)
        except OSError as error:
            self.problem = error.strerror or str(error)
            _log.warning("metrics cannot be served on port %d: %s", port, self.problem)
            return
        self._metrics = metrics
        _log.info("metrics are served on port %d", port)

    def _stop(self) -> None:
        self.problem = ""
        endpoint, self._endpoint, self._metrics = self._endpoint, None, None
        if endpoint is not None:
            endpoint.close()

    def _health(self) -> Mapping[str, Any]:
        return {
            "status": "closing" if self._closing else "ready",
            "version": __version__,
            "seconds_up": round(self._clock.monotonic() - self._started, 1),
            "components": {each.name: each.state.value for each in self._status()},
        }
