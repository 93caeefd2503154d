"""``/metrics`` for Prometheus and ``/healthz`` for whoever watches, for this computer only."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Final

from kotaemon_desktop.core.loopback import LoopbackHandler, LoopbackServer

_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class Endpoint(LoopbackServer):
    """Serves metrics and health from its making to :meth:`close`."""

    def __init__(self, port: int, metrics: Callable[[], bytes], health: Callable[[], Mapping[str, Any]]) -> None:
        """Serve at once. ``health`` gives the answer of ``/healthz``; its ``status`` is ``ready``, or it gets a 503.

        Both are called in threads of the server. Port 0 takes a free one. Raises OSError when the port is taken.
        """
        super().__init__(port, _Handler, "metrics")
        self.metrics = metrics
        self.health = health
        self.start()


class _Handler(LoopbackHandler):
    server: Endpoint  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        if not self.named_here():
            return
        if self.path == "/metrics":
            self.answer(HTTPStatus.OK, _METRICS_TYPE, self.server.metrics())
        elif self.path == "/healthz":
            health = self.server.health()
            status = HTTPStatus.OK if health["status"] == "ready" else HTTPStatus.SERVICE_UNAVAILABLE
            self.answer(status, "application/json", json.dumps(health).encode() + b"\n")
        else:
            self.answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is /metrics and /healthz.\n")
