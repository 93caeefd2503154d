"""The processors that models can run on: one table, and which of them really works here.

Importing this module is light; trying a provider needs onnxruntime and is for hosts.
"""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models import session
from kotaemon_desktop.core.models.session import CPU, Providers
from kotaemon_desktop.core.records import Hardware, ProviderChoice

_WISHED = N_("The settings ask for it.")
_UNWISHED = N_("The settings do not ask for it.")
_NOTHING_ELSE = N_("This platform offers nothing else.")
NO_ROOM = N_("The GPU has too little free memory for this model.")
ANY = Hardware()


@dataclass(frozen=True, slots=True)
class Provider:
    """A way of ONNX Runtime to compute elsewhere than on the CPU. ``drivers``: its driver's library, by platform.

    One without a name there comes with the system. The texts are English and translated where they are shown.
    """

    key: str  # in the settings
    name: str
    drivers: Mapping[str, str]
    device: str = "cpu"  # where a cache lives that this provider reads without a copy
    by_itself: bool = True  # taken when nobody has chosen
    no_driver: str = N_("Its driver is not on this machine.")
    not_built: str = N_("This build of ONNX Runtime cannot use it.")
    refused: str = N_("A small computation on it failed.")
    works: str = N_("A small computation on it succeeded.")
    options: Mapping[str, str] = field(default_factory=dict[str, str])
    has_devices: bool = True
    memory_option: str = ""  # the one that limits its memory

    def configured(self, hardware: Hardware) -> Providers:
        """Return the providers to open a session with: this one, and those for the operators that it lacks."""
        options = dict(self.options)
        if self.has_devices:
            options["device_id"] = str(hardware.device)
        if self.memory_option and hardware.gpu_megabytes:
            options[self.memory_option] = str(hardware.gpu_megabytes << 20)
        behind = _CUDA.configured(hardware) if self.name == "TensorrtExecutionProvider" else session.ON_CPU
        return ((self.name, options), *behind)


_CUDA = Provider(
    "cuda",
    "CUDAExecutionProvider",
    {"linux": "libcuda.so.1", "win32": "nvcuda.dll"},
    "cuda",
    no_driver=N_("There is no NVIDIA driver on this machine."),
    not_built=N_("There is an NVIDIA driver, but this build of ONNX Runtime cannot use it."),
    refused=N_(
        "There is an NVIDIA driver, but a small computation on the GPU failed (CUDA or cuDNN is missing). The models "
        "page says what brings them."
    ),
    works=N_("A small computation on the NVIDIA GPU succeeded."),
    # The arena else doubles with each step, and a model that fits does not.
    options={"arena_extend_strategy": "kSameAsRequested"},
    memory_option="gpu_mem_limit",
)
# These two prepare a model for minutes, or run most language models in many small parts: only for who asks for them.
_TENSORRT = Provider(
    "tensorrt",
    "TensorrtExecutionProvider",
    _CUDA.drivers,
    "cuda",
    by_itself=False,
    memory_option="trt_max_workspace_size",
)
_DIRECTML = Provider("directml", "DmlExecutionProvider", {"win32": "DirectML.dll"})
_COREML = Provider("coreml", "CoreMLExecutionProvider", {"darwin": ""}, by_itself=False, has_devices=False)

NVIDIA = (_CUDA.name, _TENSORRT.name)  # share one card's memory

TABLE: tuple[Provider, ...] = (_CUDA, _TENSORRT, _DIRECTML, _COREML)
"""In the order in which they are tried."""


def without_probing(hardware: Hardware = ANY) -> ProviderChoice | None:
    """Return the provider where nothing has to be tried to know it, else None. Light."""
    passed = [(each.name, _set_aside(each, hardware)) for each in _here()]
    return _on_cpu(passed, hardware) if all(why for _, why in passed) else None


@functools.cache
def provider(hardware: Hardware = ANY) -> ProviderChoice:
    """Return the provider to use in this host. A better one than the CPU has to run a graph before it is chosen."""
    passed: list[tuple[str, str]] = []
    for each in _here():
        why = _set_aside(each, hardware) or _tried(each, hardware)
        if why == each.works:
            return ProviderChoice(each.name, why, tuple(passed))
        passed.append((each.name, why))
    return _on_cpu(passed, hardware)


def configured(name: str, hardware: Hardware) -> Providers:
    """Return the providers that a session on provider ``name`` is opened with, best first, each with its options."""
    found = next((each for each in TABLE if each.name == name), None)
    return found.configured(hardware) if found else session.ON_CPU


def cache_device(name: str) -> str:
    """Return where keys and values live that provider ``name`` reads without a copy: ``cpu`` or ``cuda``."""
    return next((each.device for each in TABLE if each.name == name), "cpu")


class ProbeService:
    """Answers which provider works, in a host of its own: a try can leave GPU memory taken until its process ends."""

    def provider(self, hardware: Hardware = ANY) -> ProviderChoice:
        """Return what :func:`provider` says."""
        session.bring(hardware.pack)
        return provider(hardware)


def _here() -> Iterator[Provider]:
    return (each for each in TABLE if sys.platform in each.drivers)


def _set_aside(each: Provider, hardware: Hardware) -> str:
    """Return why ``each`` need not be tried; empty where it has to be."""
    lost = dict(hardware.lost).get(each.name, "")
    if lost:
        return lost
    if hardware.provider != each.key and not (hardware.provider == "auto" and each.by_itself):
        return _UNWISHED
    return "" if _has_driver(each) else each.no_driver


def _on_cpu(passed: Sequence[tuple[str, str]], hardware: Hardware) -> ProviderChoice:
    reasons = [why for _, why in passed if why != _UNWISHED]
    why = _WISHED if hardware.provider == "cpu" else (reasons or [_NOTHING_ELSE])[0]
    return ProviderChoice(CPU, why, tuple(passed))


def _has_driver(each: Provider) -> bool:
    library = each.drivers[sys.platform]
    try:
        ctypes.CDLL(library or None)
    except OSError:
        return False
    return True


def _tried(each: Provider, hardware: Hardware) -> str:
    if each.name not in session.offered():
        return each.not_built
    return each.works if session.computes(each.configured(hardware)) else each.refused
