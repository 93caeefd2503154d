"""Opens ONNX Runtime sessions the way this program wants them.

Importing this module is light; its functions need onnxruntime and are for hosts.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.errors import UnsupportedModel

Providers = Sequence[tuple[str, Mapping[str, str]]]
"""Execution providers by the names of ONNX Runtime, best first, each with its options."""

# y = x + x over one float: what a provider has to compute before it is believed. Written by onnx.helper (see the test).
PROBE = (
    b"\x08\x08:9\n\x0e\n\x01x\n\x01x\x12\x01y\x22\x03Add\x12\x05probeZ\x0f\n\x01x\x12\n\n\x08\x08\x01\x12\x04\n\x02"
    b"\x08\x01b\x0f\n\x01y\x12\n\n\x08\x08\x01\x12\x04\n\x02\x08\x01B\x04\n\x00\x10\r"
)
CPU = "CPUExecutionProvider"
# Small models run on the processor: a GPU's context alone is larger than they are.
ON_CPU: Providers = ((CPU, {}),)
_SPIN_MICROSECONDS = "50"


def open_session(
    graph: Path,
    providers: Providers = ON_CPU,
    *,
    arena: bool = True,
    content: bytes | None = None,
    most_threads: int = 0,
) -> Any:
    """Return an ``onnxruntime.InferenceSession`` for ``graph`` on ``providers``.

    ``arena=False`` gives memory back after each run instead of keeping the largest so far. ``content`` stands for the
    file's own, with the weights that lie beside the file. ``most_threads`` of 0 means :func:`threads`. Raises
    UnsupportedModel.
    """
    options = _options(most_threads or threads())
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False  # shapes differ from run to run: a pattern would be kept for each
    if content is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(graph.parent))
    try:
        return _session(str(graph) if content is None else content, options, providers)
    except Exception as error:  # onnxruntime's exceptions have no common base
        raise UnsupportedModel(model=graph.stem, detail=str(error).partition("\n")[0]) from error


def bring(folder: str) -> None:
    """Take ONNX Runtime from ``folder`` (see gpu_pack) in this process, if there is one; before its first import."""
    if folder and folder not in sys.path:
        assert "onnxruntime" not in sys.modules
        sys.path.insert(0, folder)


def offered() -> list[str]:
    """Return the names of the providers that this build of ONNX Runtime holds."""
    return _runtime().get_available_providers()


def computes(providers: Providers) -> bool:
    """Whether the first of ``providers`` runs a graph here."""
    import numpy as np

    runtime = _runtime()
    options = _options(1)
    options.log_severity_level = 4  # a failure is an answer here, not news
    runtime.set_default_logger_severity(4)
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints what it does not find
            runtime.preload_dlls()
        (result,) = _session(PROBE, options, providers).run(None, {"x": np.ones(1, np.float32)})
        return bool(result[0] == 2.0)
    except Exception:  # noqa: BLE001 - any failure means no
        return False
    finally:
        runtime.set_default_logger_severity(2)


def threads() -> int:
    """Return how many threads compute: the physical cores that this process may use. More halves the speed."""
    import psutil

    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1)
    return max(1, min(allowed, psutil.cpu_count(logical=False) or allowed))


def _options(most_threads: int) -> Any:
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = most_threads
    options.inter_op_num_threads = 1
    # A thread that sleeps between two operators costs a decoder a fifth of its speed; one that spins on costs it half
    # as soon as another program wants the core. So: wait awake for as long as the small operators take, and no longer.
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.add_session_config_entry("session.intra_op.spin_duration_us", _SPIN_MICROSECONDS)
    options.add_session_config_entry("session.force_spinning_stop", "1")  # between two tokens nobody waits
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.log_severity_level = 3
    return options


def _session(source: str | bytes, options: Any, providers: Providers) -> Any:
    """Return a session on ``providers``. The runtime else takes the CPU with no more than a word on the screen."""
    wanted = [(name, dict(options)) for name, options in providers]
    with warnings.catch_warnings(action="ignore"):  # of a provider that is not built in
        session = _runtime().InferenceSession(source, options, providers=wanted, enable_fallback=0)
    if session.get_providers()[0] != wanted[0][0]:
        raise RuntimeError(f"{wanted[0][0]} does not start")
    return session


def _runtime() -> Any:
    """Return the onnxruntime module: untyped, heavy, and for hosts only."""
    import onnxruntime  # pyright: ignore[reportMissingTypeStubs]

    return onnxruntime
