"""Opens ONNX Runtime sessions the way this program wants them, on the processor that really works here.

Importing this module is light; the functions that need onnxruntime are for hosts.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.errors import UnsupportedModel
from kotaemon_desktop.core.i18n import N_

# y = x + x over one float: what a provider has to compute before it is believed. Written by onnx.helper (see the test).
PROBE = (
    b"\x08\x08:9\n\x0e\n\x01x\n\x01x\x12\x01y\x22\x03Add\x12\x05probeZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02"
    b"\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)


@dataclass(frozen=True, slots=True)
class ProviderChoice:
    """The execution provider that runs the models, and why; ``why`` is English and translated where it is shown."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A provider that is better than the CPU if it works; ``drivers``: its driver's library, by platform."""

    name: str
    drivers: dict[str, str]
    works: str
    no_driver: str
    not_built: str
    refused: str


_CANDIDATES = (
    _Candidate(
        "CUDAExecutionProvider",
        {"linux": "libcuda.so.1", "win32": "nvcuda.dll"},
        N_("A small computation on the NVIDIA GPU succeeded."),
        N_("There is no NVIDIA driver on this machine."),
        N_("There is an NVIDIA driver, but this build of ONNX Runtime cannot use it."),
        N_("There is an NVIDIA driver, but a small computation on the GPU failed (CUDA or cuDNN is missing)."),
    ),
)
_SPIN_MICROSECONDS = "50"
_CPU = "CPUExecutionProvider"
ON_CPU = ProviderChoice(_CPU, N_("Small models run on the processor: a GPU's context alone is larger than they are."))


def provider_without_probing() -> ProviderChoice | None:
    """Return the provider where the drivers alone decide it, or None where :func:`provider` has to try. Light."""
    if any(_has_driver(candidate) for candidate in _CANDIDATES):
        return None
    return ProviderChoice(_CPU, _CANDIDATES[0].no_driver)


@functools.cache
def provider() -> ProviderChoice:
    """Return the provider to use in this host. A better one than the CPU has to run a graph before it is chosen."""
    certain = provider_without_probing()
    if certain is not None:
        return certain
    offered = set(_runtime().get_available_providers())
    why = ""
    for candidate in filter(_has_driver, _CANDIDATES):
        if candidate.name not in offered:
            why = candidate.not_built
        elif _computes(candidate.name):
            return ProviderChoice(candidate.name, candidate.works)
        else:
            why = candidate.refused
    return ProviderChoice(_CPU, why)


class ProbeService:
    """Answers which provider works, in a host of its own: a try can leave GPU memory taken until its process ends."""

    def provider(self) -> ProviderChoice:
        """Return what :func:`provider` says."""
        return provider()


def open_session(
    graph: Path, *, chosen: ProviderChoice | None = None, arena: bool = True, content: bytes | None = None
) -> Any:
    """Return an ``onnxruntime.InferenceSession`` for ``graph`` on ``chosen`` (or what :func:`provider` says).

    ``arena=False`` gives memory back after each run instead of keeping the largest so far. ``content`` stands for the
    file's own, with the weights that lie beside the file. Raises UnsupportedModel.
    """
    runtime = _runtime()
    name = (chosen or provider()).name
    options = _options()
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False  # shapes differ from run to run: a pattern would be kept for each
    if content is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(graph.parent))
    try:
        return runtime.InferenceSession(str(graph) if content is None else content, options, providers=_with_cpu(name))
    except Exception as error:  # onnxruntime's exceptions have no common base
        raise UnsupportedModel(model=graph.stem, detail=str(error).partition("\n")[0]) from error


def threads() -> int:
    """Return how many threads compute: the physical cores that this process may use. More halves the speed."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def _options() -> Any:
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    # A thread that sleeps between two operators costs a decoder a fifth of its speed; one that spins on costs it half
    # as soon as another program wants the core. So: wait awake for as long as the small operators take, and no longer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_MICROSECONDS)
    options.add_session_config_entry("session.force_spinning_stop", "1")  # between two tokens nobody waits
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _has_driver(candidate: _Candidate) -> bool:
    library = candidate.drivers.get(sys.platform)
    if library is None:
        return False
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _computes(name: str) -> bool:
    """Whether provider ``name`` runs a graph here. The runtime falls back to the CPU without an error: look at both."""
    import numpy as np

    runtime = _runtime()
    options = _options()
    options.log_severity_level = 4  # a failure is an answer here, not news
    runtime.set_default_logger_severity(4)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
            runtime.preload_dlls()
        session = runtime.InferenceSession(PROBE, options, providers=_with_cpu(name))
        (result,) = session.run(None, {"x": np.ones(1, np.float32)})
        return bool(session.get_providers()[0] == name and result[0] == 2.0)
    except Exception:  # noqa: BLE001 - any failure means no
        return False
    finally:
        runtime.set_default_logger_severity(2)


def _with_cpu(name: str) -> list[str]:
    """Return ``name`` and, for the operators that it lacks, the CPU."""
    return list(dict.fromkeys((name, _CPU)))


def _runtime() -> Any:
    """Return the onnxruntime module: untyped, heavy, and for hosts only."""
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    return onnxruntime
