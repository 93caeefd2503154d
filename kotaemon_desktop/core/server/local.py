"""Serves other programs of this computer while the settings say so: neither thread, port nor import otherwise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kotaemon_desktop.core.server.key import Key
from kotaemon_desktop.core.settings import Server

if TYPE_CHECKING:
    from kotaemon_desktop.core.server.api import Api
    from kotaemon_desktop.core.server.service import Service

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    """The local server as people see it. ``url`` is empty while nothing is served; ``problem`` says why not."""

    url: str = ""
    answering: int = 0
    waiting: int = 0
    problem: str = ""


class LocalServer:
    """Owns the listening socket and the key. Made with the engine, used from any thread."""

    def __init__(self, key: Key, service: Callable[[], Service]) -> None:
        """``service`` is made with the first start."""
        self.key = key
        self._service = service
        self._lock = threading.Lock()
        self._wanted = Server()
        self._api: Api | None = None
        self._problem = ""
        self._always = False
        self._own_port: int | None = None  # of the command line, before that of the settings
        self._closed = False

    def follow(self, wanted: Server) -> None:
        """Serve as ``wanted`` says from now on. A port that is taken leaves a problem and stops nobody."""
        with self._lock:
            before = self._port()
            self._wanted = wanted
            if self._port() != before:
                self._restart()

    def serve_always(self, port: int | None) -> None:
        """Serve whatever the settings say, at ``port`` or the one of the settings: ``kotaemon-desktop serve``."""
        with self._lock:
            self._always, self._own_port = True, port
            self._restart()

    def serving(self) -> Serving:
        """Return how it stands."""
        api = self._api
        if api is None:
            return Serving(problem=self._problem)
        return Serving(f"http://127.0.0.1:{api.port}/v1", api.places.answering, api.places.waiting)

    def close(self) -> None:
        """Serve nothing any more."""
        with self._lock:
            self._closed = True
            self._stop()

    def _port(self) -> int | None:
        """Return where to serve, or None when nothing is to be served."""
        if self._closed or not (self._wanted.enabled or self._always):
            return None
        return self._wanted.port if self._own_port is None else self._own_port

    def _restart(self) -> None:
        self._stop()
        port = self._port()
        if port is not None:
            self._start(port)

    def _start(self, port: int) -> None:
        from kotaemon_desktop.core.server.api import Api  # 3.4 MB that few need

        try:
            self.key.get()
            self._api = Api(port, self.key, self._service(), lambda: self._wanted.at_once)
        except OSError as error:
            self._problem = error.strerror or str(error)
            _log.warning("the local server cannot listen on port %d: %s", port, self._problem)
            return
        _log.info("the local server listens on port %d", self._api.port)

    def _stop(self) -> None:
        self._problem = ""
        api, self._api = self._api, None
        if api is not None:
            api.close()
