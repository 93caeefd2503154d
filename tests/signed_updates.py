"""A real web server on this machine that says what the newest version is, rightly or wrongly; the key to believe it."""

from __future__ import annotations

import importlib.util
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_spec = importlib.util.spec_from_file_location(
    "sign_update", Path(__file__).resolve().parents[1] / "packaging/sign_update.py"
)
assert _spec is not None
assert _spec.loader is not None
sign_update = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(sign_update)

PRIVATE = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(PRIVATE).public_key().public_bytes_raw()
NEWER: dict[str, Any] = {
    "version": "9.1",
    "date": "2027-01-31",
    "page": "https://kotaemon.example/download",
    "notes": {"en": "Faster.", "zh_CN": "更快。"},
    "sha256": {"kotaemon-desktop.deb": "ab" * 32},
}


def sealed(**changes: object) -> bytes:
    """Return a rightly signed manifest."""
    return sign_update.seal(NEWER | changes, PRIVATE)


class Publisher(ThreadingHTTPServer):
    """Answers everything with ``body``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.body = sealed()
        self.status = 200
        self.drips = False
        self.heard: list[dict[str, str]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/update.json"


class _Handler(BaseHTTPRequestHandler):
    server: Publisher  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        self.server.heard.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(self.server.status)
        if 300 <= self.server.status < 400:
            self.send_header("Location", self.server.address)
        self.end_headers()
        for number in range(len(self.server.body)):
            if not self.server.drips:
                self.wfile.write(self.server.body)
                break
            self.wfile.write(self.server.body[number : number + 1])
            time.sleep(0.05)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        pass


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Serve until the end of the block."""
    server = Publisher()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
