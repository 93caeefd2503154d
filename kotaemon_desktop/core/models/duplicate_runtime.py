"""Notices two builds of ONNX Runtime on top of each other: plain pip installs both, as chromadb asks for the other one.

uv obeys the override in pyproject.toml, and an installed program holds exactly one.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

from kotaemon_desktop.core.i18n import _

_BUILDS = ("onnxruntime", "onnxruntime_gpu")  # both write the folder onnxruntime


def advice() -> str | None:
    """Return what is wrong and what mends it, in one line for people, or None. Light: it looks at file names."""
    runtime = find_spec("onnxruntime")
    if runtime is None or runtime.origin is None:
        return None
    packages = Path(runtime.origin).parents[1]
    versions = {
        name.replace("_", "-"): info.stem.removeprefix(f"{name}-")
        for name in _BUILDS
        for info in packages.glob(f"{name}-*.dist-info")
    }
    if len(versions) < len(_BUILDS):
        return None
    *_others, (build, version) = versions.items()
    return _("{builds} are both installed and overwrite each other. Run: {command}").format(
        builds=" + ".join(versions), command=_mending(list(versions), f"{build}=={version}")
    )


def _mending(wrong: list[str], right: str) -> str:
    python = f'"{sys.executable}"'
    if find_spec("pip") is None:  # an environment that uv made
        return f"uv pip uninstall --python {python} {' '.join(wrong)} && uv pip install --python {python} {right}"
    return f"{python} -m pip uninstall -y {' '.join(wrong)} && {python} -m pip install {right}"
