"""The inside of a host: builds one service and serves requests until the pipe closes.

Every piece of work is a job in a priority queue: a call, or one step of a stream. So an urgent question overtakes a
bulk import between two of its batches, and a stream that nobody pulls costs nothing.

Messages from the parent: ``(kind, id, urgent, payload)`` with kind CALL, OPEN, NEXT, CLOSE or STOP.
Messages to the parent: ``(id, kind, payload)`` with kind RESULT, ITEM, END or ERROR. Id 0 is the
greeting after the build.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kotaemon_desktop.core import crashes
from kotaemon_desktop.core.errors import ComponentError, ComponentFailed, KotaemonError, WakeFailed
from kotaemon_desktop.core.residency.names import OCR, READER

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

CALL, OPEN, NEXT, CLOSE, STOP = range(5)
RESULT, ITEM, END, ERROR = range(4)

_EXPECTED_TO_DIE = {READER, OCR}  # of the files that they read: the import names the file
_BACKGROUND_NICENESS = 15
_M_ARENA_MAX = -8  # malloc.h; with glibc's default of 8 arenas a core, freed memory stays scattered in the process


def main(connection: Connection, component: str, service: str, arguments: Mapping[str, Any], background: bool) -> None:
    """Run in the child process: build ``service`` (``module:Class``), greet the parent, serve until it is done."""
    os.umask(0o077)  # what a host writes is in the data folder, which is the user's alone
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches the whole process group; the parent decides
    if background:
        _step_back()
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    # ONNX Runtime 1.31 on Linux and macOS else keeps a device id in the home folder and sends events to its maker. The
    # variable counts only before the library is loaded: https://github.com/microsoft/onnxruntime/pull/27379
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    unwatch = crashes.watch_host("" if component in _EXPECTED_TO_DIE else component)
    try:
        module, _, name = service.partition(":")
        built = getattr(importlib.import_module(module), name)(**arguments)
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        connection.send((0, ERROR, _portable(error, WakeFailed, component)))
        connection.close()
        return
    _Worker(connection, component, built).serve()
    unwatch()
    # Interpreter teardown of native libraries takes up to a second and can crash; nothing is left to save.
    os._exit(0)


def _step_back() -> None:
    """Let everything else on the machine go first: a question and the window before a bulk import."""
    import psutil

    own = psutil.Process()
    with contextlib.suppress(psutil.Error):
        own.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else _BACKGROUND_NICENESS)


class _Worker:
    """Owns the service and its open streams; lives in the child's main thread, with one thread that listens."""

    def __init__(self, connection: Connection, component: str, service: Any) -> None:
        self._connection = connection
        self._component = component
        self._service = service
        self._streams: dict[int, Iterator[Any]] = {}
        self._jobs: queue.PriorityQueue[tuple[int, int, int, int, Any]] = queue.PriorityQueue()

    def serve(self) -> None:
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        self._connection.send((0, RESULT, None))
        while True:
            _, _, kind, request, payload = self._jobs.get()
            if kind == STOP:
                break
            try:
                reply = self._work(kind, request, payload)
            except Exception as error:  # noqa: BLE001 - the service's errors belong to the caller
                self._streams.pop(request, None)
                reply = (request, ERROR, _portable(error, ComponentFailed, self._component))
            if reply is not None:
                self._send(reply)
        close = getattr(self._service, "close", None)
        if close is not None:
            with contextlib.suppress(Exception):
                close()

    def _work(self, kind: int, request: int, payload: Any) -> tuple[int, int, Any] | None:
        if kind == CALL:
            method, arguments = payload
            return request, RESULT, getattr(self._service, method)(*arguments)
        if kind == OPEN:
            method, arguments = payload
            self._streams[request] = iter(getattr(self._service, method)(*arguments))
        stream = self._streams.get(request)
        if kind == CLOSE:
            self._streams.pop(request, None)
            close = getattr(stream, "close", None)
            if close is not None:
                close()
            return None
        try:
            return (request, ITEM, next(stream)) if stream is not None else (request, END, None)
        except StopIteration:
            del self._streams[request]
            return request, END, None

    def _send(self, reply: tuple[int, int, Any]) -> None:
        try:
            self._connection.send(reply)
        except OSError:  # the parent has gone
            os._exit(1)
        except Exception as error:  # noqa: BLE001 - a result that cannot be pickled
            self._connection.send((reply[0], ERROR, _portable(error, ComponentFailed, self._component)))

    def _listen(self) -> None:
        """Queue what arrives. When the parent goes, kill -9 included, the pipe ends and so does this process."""
        order = 0
        while True:
            try:
                kind, request, urgent, payload = self._connection.recv()
            except (EOFError, OSError):
                os._exit(1)
            order += 1
            self._jobs.put((0 if urgent else 1, order, kind, request, payload))


def _portable(error: BaseException, kind: type[ComponentError], component: str) -> KotaemonError:
    """Return ``error`` as one that can be pickled and read by people; the full story goes to standard error."""
    if isinstance(error, KotaemonError):
        return error
    traceback.print_exception(error, file=sys.stderr)
    return kind(component=component, detail=f"{type(error).__name__}: {error}")
