"""What tests borrow, who borrows it, and how they wait for another process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.keeper import Keeper

MEGABYTE = 1 << 20


def echo(name: str, megabytes: int = 0, **options: Any) -> ComponentSpec:
    """A component whose host holds ``megabytes`` more than an empty one and rests for a minute."""
    options = {"arguments": lambda: {"megabytes": megabytes}, "idle_seconds": lambda: 60.0, **options}
    return ComponentSpec(name, "services:Echo", **options)


class Borrower(threading.Thread):
    """Borrows a component in a thread of its own and keeps it until :meth:`give_back`."""

    def __init__(self, keeper: Keeper, name: str, *, urgent: bool = True) -> None:
        super().__init__(daemon=True)
        self.error: Exception | None = None
        self.pid = 0
        self.has_it = threading.Event()
        self._keeper, self._component, self._urgent = keeper, name, urgent
        self._enough = threading.Event()
        self.start()

    def run(self) -> None:
        try:
            with self._keeper.lease(self._component, urgent=self._urgent) as lease:
                self.pid = lease.call("pid")
                self.has_it.set()
                self._enough.wait(30)
        except Exception as error:  # noqa: BLE001 - the test looks at it
            self.error = error

    def give_back(self) -> None:
        self._enough.set()
        self.join(30)
        assert not self.is_alive()


def eventually(holds: Callable[[], object], seconds: float = 20) -> None:
    """Wait for another thread or process; what depends on a clock is never waited for."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.01)
