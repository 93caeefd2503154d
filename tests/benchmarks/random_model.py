"""Makes the model that the generation benchmark runs: Qwen2.5-0.5B's shape at 4 bits, its weights drawn by chance."""

from __future__ import annotations

import subprocess
from pathlib import Path

from report import progress

MAKER = Path(__file__).resolve().parents[2] / ".." / "shared" / "tools" / "make_random_model.py"
# Only the maker needs these (5 GB of them, installed): they get an environment of their own and no group in pyproject.
_PACKAGES = ("torch==2.13.0", "transformers>=5,<6", "onnx", "onnx_ir", "onnxruntime", "onnxruntime-genai>=0.18,<0.19")


def make(folder: Path) -> None:
    """Fill ``folder`` with the model: about a minute and 320 MB, after 2 GB of downloads the first time."""
    progress("making the model (its packages are downloaded the first time)")
    packages = [word for package in _PACKAGES for word in ("--with", package)]
    command = [
        "uv",
        "run",
        "--no-project",
        "--isolated",
        "--python",
        "3.11",
        *packages,
        "python",
        str(MAKER),
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {done.returncode}:\n{done.stderr[-2000:]}")
