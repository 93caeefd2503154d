"""The outside of a driven window: starts it, tells it what to do, hears what it says and finds its processes."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

_START_SECONDS = 60.0


class Driven:
    """Owns one window process. ``released`` collects what its keeper says about components that went."""

    def __init__(self, folder: Path) -> None:
        environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
        # As in start.py: where Python may not keep its bytecode, a window would compile itself, which nobody's does.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("driven_window.py")), str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment,
        )  # fmt: skip
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._sending = threading.Lock()
        self._sent: dict[int, float] = {}
        self.pings: list[float] = []  # seconds until each was answered
        self.released: list[dict[str, Any]] = []
        self.failed: list[str] = []
        self.overheard: list[dict[str, Any]] = []
        self.main = psutil.Process(self._process.pid)
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.hear("started", _START_SECONDS)

    # --- orders ------------------------------------------------------------------------------------------------------

    def do(self, method: str, *arguments: Any) -> None:
        """Ask for ``method``; what it says is for :meth:`hear`."""
        assert self._process.stdin is not None
        with self._sending:
            self._process.stdin.write(json.dumps([method, *arguments], ensure_ascii=False) + "\n")
            self._process.stdin.flush()

    def hear(self, what: str, seconds: float = 120.0) -> dict[str, Any]:
        """Return the next thing said with the key ``what``; others are kept in ``overheard``. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            with contextlib.suppress(queue.Empty):
                said = self._said.get(timeout=left)
                if what in said:
                    return said
                self.overheard.append(said)
        raise TimeoutError(f"the window said nothing of “{what}” for {seconds} s")

    def heard(self) -> Iterator[dict[str, Any]]:
        """Yield what was said and not heard yet, without waiting."""
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._said.get_nowait()

    def import_files(self, paths: list[Path]) -> dict[str, Any]:
        """Import and return what the window says of it."""
        self.do("import_files", [str(path) for path in paths])
        return self.hear("imported")

    def ask(self, question: str) -> dict[str, Any]:
        """Ask and return what the window says of the answer."""
        self.do("ask", question)
        return self.hear("answered")

    def settle(self, seconds: float = 120.0) -> bool:
        """Wait until nothing is imported; return whether there is work left."""
        self.do("settled")
        return self.hear("settled", seconds)["left"]

    def rest(self, seconds: float = 60.0) -> None:
        """Wait until no host is left."""
        deadline = time.monotonic() + seconds
        while self.hosts():
            if time.monotonic() > deadline:
                raise TimeoutError(f"still there after {seconds} s: {self.hosts()}")
            time.sleep(0.1)

    def all_awake(self, names: Sequence[str], seconds: float = 60.0) -> None:
        """Wait until all these components are in memory."""
        deadline = time.monotonic() + seconds
        while True:
            self.do("status")
            held = {name: size for name, _state, size, _hosts in self.hear("status")["status"]}
            if all(held[name] for name in names):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not awake after {seconds} s: {held}")
            time.sleep(0.2)

    def close(self) -> bool:
        """Quit, and return whether everything that it had started ended with it."""
        family = self.family()
        self.do("close")
        _, alive = psutil.wait_procs(family, timeout=20)
        for process in alive:
            process.kill()
        self._process.wait()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        return not alive

    @contextlib.contextmanager
    def pinged(self, every: float = 0.02) -> Iterator[list[float]]:
        """Ping the window again and again meanwhile; gives the list of times, in seconds."""
        enough = threading.Event()
        self.pings.clear()

        def go_on() -> None:
            number = 0
            while not enough.wait(every):
                number += 1
                self._sent[number] = time.perf_counter()
                self.do("ping", number)

        thread = threading.Thread(target=go_on, daemon=True)
        thread.start()
        try:
            yield self.pings
        finally:
            enough.set()
            thread.join()

    # --- looking -----------------------------------------------------------------------------------------------------

    def hosts(self) -> list[psutil.Process]:
        """Return the host processes."""
        return [each for each in self.family() if _is_host(each)]

    def family(self) -> list[psutil.Process]:
        """Return all processes of the program."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return [self.main, *self.main.children(recursive=True)]
        return []

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            arrived = time.perf_counter()
            said = json.loads(line)
            if "pong" in said:
                self.pings.append(arrived - self._sent.pop(said["pong"]))
            elif "released" in said:
                self.released.append(said)
            elif "failed" in said:
                self.failed.append(said["failed"])
            else:
                self._said.put(said)


def _is_host(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return process.status() != psutil.STATUS_ZOMBIE and any("spawn_main" in word for word in process.cmdline())
    return False
