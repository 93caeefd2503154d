"""Reads what the program and its machine use, once a call."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from kotaemon_desktop.core import machine
from kotaemon_desktop.core.footprint import Footprint
from kotaemon_desktop.core.monitoring.gpu import Gpu
from kotaemon_desktop.core.records import ComponentStatus, Sample


class Sampler:
    """Takes samples; used by the sampling lane only.

    The keeper has measured the hosts already; this adds the main process, the machine and, where a driver answers, the
    first GPU.
    """

    def __init__(self, components: Callable[[], list[ComponentStatus]]) -> None:
        self._components = components
        self._footprint = Footprint()
        self._computed: dict[int, float] = {}  # seconds by process
        self._computed_at = time.monotonic()
        self._gpu: Gpu | None = None
        self._gpu_looked_for = False

    def sample(self) -> Sample:
        """Return the numbers of this moment; CPU is since the last call. Takes about 1 ms and blocks for nothing."""
        if not self._gpu_looked_for:
            self._gpu_looked_for, self._gpu = True, Gpu.find()
        components = self._components()
        total, available = machine.memory()
        window = self._footprint.bytes()
        held = {component.name: component.bytes for component in components if component.pids}
        gpu_used, gpu_total = self._gpu.memory() if self._gpu else (None, None)
        return Sample(
            at=time.time(),
            program=window + sum(held.values()),
            window=window,
            components=held,
            cpu=self._cpu([os.getpid(), *(pid for component in components for pid in component.pids)]),
            system_used=total - available,
            system_available=available,
            system_total=total,
            gpu_used=gpu_used,
            gpu_total=gpu_total,
            gpu_load=self._gpu.load() if self._gpu else None,
        )

    def close(self) -> None:
        if self._gpu is not None:
            self._gpu.close()

    def _cpu(self, pids: list[int]) -> float:
        """Return the percent of one core that the processes used since the last call; a new one counts from now on."""
        now, before = time.monotonic(), self._computed
        asked = {pid: machine.processor_seconds(pid) for pid in pids}
        self._computed = {pid: seconds for pid, seconds in asked.items() if seconds is not None}
        elapsed, self._computed_at = now - self._computed_at, now
        used = sum(seconds - before.get(pid, seconds) for pid, seconds in self._computed.items())
        return 100 * used / elapsed if elapsed > 0 else 0.0
