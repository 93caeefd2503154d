"""Reads the messages of hosts, which may have been taken over: see :mod:`kotaemon_desktop.core.unpickling`."""

from __future__ import annotations

from typing import Any

from kotaemon_desktop.core import unpickling
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.residency.child import ERROR
from kotaemon_desktop.core.unpickling import Foreign

LARGEST = 512 << 20  # bytes of one message: no honest one comes near


def read(content: bytes) -> tuple[int, int, Any]:
    """Return a host's message: the request's id, what kind of message, and its payload. Raises Foreign."""
    match unpickling.load(content):
        case (request, kind, payload) if type(request) is int and type(kind) is int:
            if kind != ERROR or isinstance(payload, KotaemonError):
                return request, kind, payload
        case _:
            pass
    raise Foreign("it has another shape")
