"""Small real services that the tests of residency build in child processes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

from kotaemon_desktop.core.errors import Encrypted


class Echo:
    """Answers, streams, fails, hangs and dies as it is told."""

    def __init__(self, megabytes: int = 0) -> None:
        self._ballast = bytearray(os.urandom(1024) * 1024 * megabytes)
        self.log: list[str] = []

    def echo(self, value: object) -> object:
        self.log.append(str(value))
        return value

    def rest(self) -> None:
        self.log.append("rest")

    def seen(self) -> list[str]:
        return self.log

    def pid(self) -> int:
        return os.getpid()

    def count(self, limit: int) -> Iterator[int]:
        try:
            for number in range(limit):
                self.log.append(f"step {number}")
                yield number
        finally:
            self.log.append("closed")

    def slow_count(self, limit: int, seconds: float) -> Iterator[int]:
        for number in range(limit):
            time.sleep(seconds)
            yield number

    def fail(self) -> None:
        raise Encrypted(name="x.pdf")

    def bug(self) -> None:
        raise ValueError("a bug")

    def unpicklable(self) -> object:
        return lambda: None

    def large_pages(self, megabytes: int) -> tuple[str, int]:
        """Return what the C library was told, and how many bytes lie in large pages once so much more is held."""
        self._more = bytearray(os.urandom(1024) * 1024 * megabytes)
        rollup = Path("/proc/self/smaps_rollup").read_text()
        kilobytes = next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("AnonHugePages"))
        return os.environ.get("GLIBC_TUNABLES", ""), kilobytes << 10

    def taken_over(self, command: str) -> object:
        """Return what runs ``command`` where it is unpickled."""

        class Command:
            def __reduce__(self) -> tuple[object, ...]:
                return os.system, (command,)

        return Command()

    def die(self) -> None:
        os._exit(9)

    def hang(self) -> None:
        time.sleep(600)


class Unbuildable:
    def __init__(self) -> None:
        raise RuntimeError("no such file")


class DiesAtOnce:
    def __init__(self) -> None:
        os._exit(3)


class SlowToBuild(Echo):
    def __init__(self, seconds: float) -> None:
        time.sleep(seconds)
        super().__init__()
