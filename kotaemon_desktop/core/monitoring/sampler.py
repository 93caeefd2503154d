"""Reads what the program and its machine use, once a call."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import psutil

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
        self._own = psutil.Process()
        self._footprint = Footprint()
        self._processes: dict[int, psutil.Process | None] = {}
        self._gpu: Gpu | None = None
        self._gpu_looked_for = False

    def sample(self) -> Sample:
        """Return the numbers of this moment; CPU is since the last call. Takes about 1 ms and blocks for nothing."""
        if not self._gpu_looked_for:
            self._gpu_looked_for, self._gpu = True, Gpu.find()
        components = self._components()
        memory = psutil.virtual_memory()
        window = self._footprint.bytes()
        held = {component.name: component.bytes for component in components if component.pids}
        gpu_used, gpu_total = self._gpu.memory() if self._gpu else (None, None)
        return Sample(
            at=time.time(),
            program=window + sum(held.values()),
            window=window,
            components=held,
            cpu=self._cpu([pid for component in components for pid in component.pids]),
            system_used=memory.total - memory.available,
            system_available=memory.available,
            system_total=memory.total,
            gpu_used=gpu_used,
            gpu_total=gpu_total,
            gpu_load=self._gpu.load() if self._gpu else None,
        )

    def close(self) -> None:
        if self._gpu is not None:
            self._gpu.close()

    def _cpu(self, pids: list[int]) -> float:
        """Return the percent of one core that the main process and the hosts used since the last call."""
        self._processes = {pid: self._processes.get(pid) or _process(pid) for pid in pids}
        total = self._own.cpu_percent()
        for process in filter(None, self._processes.values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                total += process.cpu_percent()
        return total


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None
