"""An NVIDIA GPU, its memory and load, by the driver's own library: six calls; pynvml would keep 17 MB in the window.

The functions and the record are those of NVIDIA's NVML API reference (https://docs.nvidia.com/deploy/nvml-api).
"""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass

_LIBRARIES = {"linux": "libnvidia-ml.so.1", "win32": "nvml.dll"}
_SUCCESS = 0
_NAME_BYTES = 96  # NVML_DEVICE_NAME_V2_BUFFER_SIZE


class _Memory(ctypes.Structure):
    """``nvmlMemory_t``: bytes."""

    _fields_ = (("total", ctypes.c_ulonglong), ("free", ctypes.c_ulonglong), ("used", ctypes.c_ulonglong))


class _Load(ctypes.Structure):
    """``nvmlUtilization_t``: percent of the last sample period (a sixth of a second to a second)."""

    _fields_ = (("gpu", ctypes.c_uint), ("memory", ctypes.c_uint))


@dataclass(frozen=True, slots=True)
class Card:
    """An NVIDIA GPU: what it is called, and its driver's version (``580.65.06``)."""

    name: str
    driver: str


def card() -> Card | None:
    """Return the first NVIDIA GPU, or None without a driver or a card."""
    found = Gpu.find()
    if found is None:
        return None
    try:
        return found.card()
    finally:
        found.close()


def free_memory() -> int | None:
    """Return the free bytes of the first NVIDIA GPU, or None without a driver or a card."""
    found = Gpu.find()
    if found is None:
        return None
    try:
        used, total = found.memory()
        return None if used is None or total is None else total - used
    finally:
        found.close()


class Gpu:
    """The first NVIDIA GPU of this machine. Owns a session with the driver until :meth:`close`; any one thread."""

    def __init__(self, driver: ctypes.CDLL, device: ctypes.c_void_p) -> None:
        self._driver = driver
        self._device = device

    @classmethod
    def find(cls) -> Gpu | None:
        """Return the GPU, or None without a driver or a card."""
        try:
            driver = ctypes.CDLL(_LIBRARIES[sys.platform])
        except (KeyError, OSError):
            return None
        if driver.nvmlInit_v2() != _SUCCESS:
            return None
        device = ctypes.c_void_p()
        if driver.nvmlDeviceGetHandleByIndex_v2(0, ctypes.byref(device)) != _SUCCESS:
            driver.nvmlShutdown()
            return None
        return cls(driver, device)

    def card(self) -> Card | None:
        """Return what it is; None when it has gone."""
        name, driver = ctypes.create_string_buffer(_NAME_BYTES), ctypes.create_string_buffer(_NAME_BYTES)
        named = self._driver.nvmlDeviceGetName(self._device, name, _NAME_BYTES) == _SUCCESS
        versioned = self._driver.nvmlSystemGetDriverVersion(driver, _NAME_BYTES) == _SUCCESS
        if not (named and versioned):
            return None
        return Card(name.value.decode("utf-8", "replace"), driver.value.decode("ascii", "replace"))

    def memory(self) -> tuple[int | None, int | None]:
        """Return (used, total) bytes; (None, None) when the card has gone."""
        memory = _Memory()
        if self._driver.nvmlDeviceGetMemoryInfo(self._device, ctypes.byref(memory)) != _SUCCESS:
            return None, None
        return int(memory.used), int(memory.total)

    def load(self) -> float | None:
        """Return the percent of the time that the card computed; None where it does not say (a part of a card)."""
        load = _Load()
        if self._driver.nvmlDeviceGetUtilizationRates(self._device, ctypes.byref(load)) != _SUCCESS:
            return None
        return float(load.gpu)

    def close(self) -> None:
        """End the session with the driver."""
        self._driver.nvmlShutdown()
