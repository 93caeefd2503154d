"""The driver's numbers, read into our record; no driver means no GPU."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from kotaemon_desktop.core.monitoring import gpu


class Driver:
    """Behaves like NVML with one card: fills nvmlMemory_t (total, free, used) and nvmlUtilization_t (gpu, memory)."""

    lost = False
    closed = False

    def nvmlDeviceGetMemoryInfo(self, device: Any, memory: Any) -> int:  # noqa: N802
        fields = ctypes.cast(memory, ctypes.POINTER(ctypes.c_ulonglong))
        fields[0], fields[1], fields[2] = 1000, 700, 300
        return 15 if self.lost else 0

    def nvmlDeviceGetUtilizationRates(self, device: Any, load: Any) -> int:  # noqa: N802
        fields = ctypes.cast(load, ctypes.POINTER(ctypes.c_uint))
        fields[0], fields[1] = 37, 12
        return 15 if self.lost else 0

    def nvmlDeviceGetName(self, device: Any, name: Any, length: int) -> int:  # noqa: N802
        name.value = b"NVIDIA H200"
        return 15 if self.lost else 0

    def nvmlSystemGetDriverVersion(self, version: Any, length: int) -> int:  # noqa: N802
        version.value = b"580.95.05"
        return 0

    def nvmlShutdown(self) -> int:  # noqa: N802
        self.closed = True
        return 0


def test_used_and_total_bytes_and_load() -> None:
    driver = Driver()
    card = gpu.Gpu(driver, ctypes.c_void_p())  # type: ignore[arg-type]
    assert card.memory() == (300, 1000)
    assert card.load() == 37.0
    assert card.card() == gpu.Card("NVIDIA H200", "580.95.05")
    driver.lost = True
    assert card.card() is None
    assert card.load() is None
    assert card.memory() == (None, None)
    card.close()
    assert driver.closed


def test_without_a_driver_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gpu._LIBRARIES, sys.platform, "a-library-that-no-machine-has.so")
    assert gpu.Gpu.find() is None
    assert gpu.card() is None
