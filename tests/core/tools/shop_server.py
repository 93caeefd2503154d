"""A shop's API, run as a program: prints its port, then serves until it is killed."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ORDERS = {
    "12345": {"id": 12345, "status": "shipped", "eta": "2026-11-24", "items": [{"name": "Lamp", "count": 2}]},
    "12346": {"id": 12346, "status": "packed", "eta": None, "items": []},
}
asked: list[dict[str, Any]] = []


class Shop(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # noqa: C901 - a table of places
        parts = urlsplit(self.path)
        told = {name: self.headers.get(name.title()) for name in ("authorization", "host")}
        asked.append({"path": self.path, **told})
        first, _, rest = parts.path.lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        match first:
            case "orders":
                order = ORDERS.get(unquote(rest))
                self._json({"order": order} if order else {"error": "no such order"}, 200 if order else 404)
            case "search":
                self._json([each for each in ORDERS.values() if each["status"] == query.get("status")])
            case "asked":
                self._json(asked)
            case "mirror":
                self._json({"authorization": self.headers.get("Authorization"), "shop": self.headers.get("X-Shop")})
            case "to":
                self.send_response(302)
                self.send_header("Location", query["url"].encode().decode("latin-1"))
                self.end_headers()
            case "slow":
                time.sleep(30)
            case "drip":
                self._drip()
            case "long":
                self._send(b'"' + b"x" * (2 << 20) + b'"', "application/json")
            case "page":
                self._send(b"<html>hello</html>", "text/html")
            case "note":
                self._send(b"all parcels are late\x1b[31m today", "text/plain")
            case "broken":
                self._send(b"{not json", "application/json")
            case _:
                self._json({"error": "no such place"}, 404)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path.startswith("/to"):
            self.send_response(307)
            self.send_header("Location", "/orders/12345")
            self.end_headers()
            return
        self._json({"received": body})

    def _drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.2)

    def _json(self, value: object, status: int = 200) -> None:
        self._send(json.dumps(value).encode(), "application/json", status)

    def _send(self, body: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("0.0.0.0", 0), Shop)  # also at the machine's own, private address
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
