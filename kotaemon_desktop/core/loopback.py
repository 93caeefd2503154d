"""A small web server for programs on this computer only: what the metrics and the local server have in common."""

from __future__ import annotations

import logging
import sys
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, Final

ADDRESS: Final = "127.0.0.1"
_PATIENCE: Final = 5.0  # seconds for a request to arrive, and for its client to take what it asked for
_POLL: Final = 0.1  # seconds until a stop is noticed

_log = logging.getLogger(__name__)


class LoopbackServer(ThreadingHTTPServer):
    """Owns one listening socket and the thread that serves it, from its making to :meth:`close`.

    A subclass carries to its handlers what they answer with.
    """

    block_on_close = False  # a client that sends nothing must not keep the program from quitting
    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"  # there it would let two programs listen on one port

    def __init__(self, port: int, handler: type[LoopbackHandler], name: str) -> None:
        """Serve at once. Port 0 takes a free one. Raises OSError when the port is taken."""
        super().__init__((ADDRESS, port), handler)
        self._name = name
        self.closing = False
        """What waits for its turn must not begin any more, and what goes on ends at its next place to stop."""
        self.port: int = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, args=(_POLL,), name=name, daemon=True)

    def start(self) -> None:
        """Answer from now on; the socket listens already, so nobody is turned away before."""
        self._thread.start()

    def close(self) -> None:
        """Stop listening. Requests under way end by themselves, within seconds."""
        self.closing = True
        self.shutdown()
        self.server_close()
        self._thread.join()

    def server_bind(self) -> None:
        """Bind without the base class's look-up of this computer's full name, which can take seconds."""
        TCPServer.server_bind(self)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002 - the base class prints a traceback
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):  # else the client went: its own affair
            _log.warning("a request to %s failed", self._name, exc_info=True)


class LoopbackHandler(BaseHTTPRequestHandler):
    """Answers one request, if it names this computer: a web page that points its own name here (DNS rebinding)
    reads nothing. No header allows other web pages to read either (CORS).
    """

    timeout = _PATIENCE
    server_version = "kotaemon-desktop"
    sys_version = ""

    def named_here(self) -> bool:
        """Tell whether the request is for this computer by its name; answer it if it is not."""
        if self.headers.get("Host", "").rpartition(":")[0] in {ADDRESS, "localhost"}:
            return True
        self.answer(HTTPStatus.FORBIDDEN, "text/plain", b"This is for programs on this computer.\n")
        return False

    def answer(self, status: HTTPStatus, kind: str, body: bytes, **headers: str) -> None:
        """Send a whole answer; ``headers`` have ``_`` for ``-``."""
        self.begin(status, kind, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def begin(self, status: HTTPStatus, kind: str, **headers: str) -> None:
        """Send the head of an answer."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Keep standard error quiet."""
