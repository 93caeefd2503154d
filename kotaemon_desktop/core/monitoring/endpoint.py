"""A tiny web server for this computer only: ``/metrics`` for Prometheus and ``/healthz`` for whoever watches."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final

ADDRESS: Final = "127.0.0.1"
_METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_PATIENCE: Final = 5.0  # seconds for a request to arrive
_POLL: Final = 0.1  # seconds until a stop is noticed

_log = logging.getLogger(__name__)


class Endpoint:
    """Owns one listening socket and the thread that serves it, from its making to :meth:`close`.

    Only the address of this computer is listened on, and only requests that name it are answered: a web page that
    points its own name here (DNS rebinding) reads nothing.
    """

    def __init__(self, port: int, metrics: Callable[[], bytes], health: Callable[[], Mapping[str, Any]]) -> None:
        """Serve at once. ``health`` gives the answer of ``/healthz``; its ``status`` is ``ready``, or it gets a 503.

        Both are called in threads of the server. Port 0 takes a free one. Raises OSError when the port is taken.
        """
        self._server = _Server((ADDRESS, port), metrics, health)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_POLL,), name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening. Requests under way end by themselves, within seconds."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    """Carries to its handlers what they answer with."""

    block_on_close = False  # a client that sends nothing must not keep the program from quitting
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would let two programs listen on one port

    def __init__(
        self, address: tuple[str, int], metrics: Callable[[], bytes], health: Callable[[], Mapping[str, Any]]
    ) -> None:
        super().__init__(address, _Handler)
        self.metrics = metrics
        self.health = health

    def server_bind(self) -> None:
        """Bind without the base class's look-up of this computer's full name, which can take seconds."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class prints a traceback
        if not isinstance(sys.exception(), ConnectionError):  # else the client went away: its own affair
            _log.warning("a request for metrics failed", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]
    timeout = _PATIENCE
    server_version = "kotaemon-desktop"
    sys_version = ""

    def do_GET(self) -> None:
        if self.headers.get("Host", "").rpartition(":")[0] not in {ADDRESS, "localhost"}:
            self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"This is for programs on this computer.\n")
        elif self.path == "/metrics":
            self._answer(HTTPStatus.OK, _METRICS_TYPE, self.server.metrics())
        elif self.path == "/healthz":
            health = self.server.health()
            status = HTTPStatus.OK if health["status"] == "ready" else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json", json.dumps(health).encode() + b"\n")
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"There is /metrics and /healthz.\n")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Keep standard error quiet."""

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)
