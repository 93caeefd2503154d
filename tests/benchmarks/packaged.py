"""How does the installed program start, beside the same program from a checkout; what does it weigh and hold?

Run with: uv run python tests/benchmarks/packaged.py build/packaging/dist/kotaemon-desktop/kotaemon-desktop [--rounds 5]

Both open a library that holds the sample documents, in turns; see start.py for what is measured.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from report import at_most, finish, progress
from start import ENVIRONMENT, ROOT, measure

SIZE_LIMIT = 250.0
START_LIMIT = 1.0


def megabytes(folder: Path) -> float:
    """Return what the files in ``folder`` weigh."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink()) / 1e6


def main() -> None:
    """Print the medians, and their ratios as bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("program", type=Path, help="the installed program")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    installed = [str(chosen.program.resolve())]
    source = [sys.executable, "-m", "kotaemon_desktop"]
    with tempfile.TemporaryDirectory() as folder:
        library = ["--data-dir", folder]
        samples = [str(file) for file in sorted((ROOT / "resources/samples").iterdir()) if file.suffix != ".json"]
        imported = [*installed, *library, "import", *samples]
        subprocess.run(imported, check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT)
        readings = measure({"installed": [*installed, *library], "source": [*source, *library]}, chosen.rounds)
    size = megabytes(chosen.program.resolve().parent)
    progress(f"{size:.0f} MB unpacked")
    seconds = {name: statistics.median(each.seconds for each in list_) for name, list_ in readings.items()}
    memory = {name: statistics.median(each.megabytes for each in list_) for name, list_ in readings.items()}
    results = {
        "rounds": chosen.rounds,
        "unpacked_mb": round(size, 1),
        "seconds_to_usable": {name: round(value, 3) for name, value in seconds.items()},
        "idle_pss_mb": {name: round(value, 1) for name, value in memory.items()},
    }
    ratio = round(seconds["installed"] / seconds["source"], 2)
    bars = [
        at_most("time to a usable window, as a ratio to the program from a checkout", ratio, START_LIMIT),
        at_most("megabytes unpacked", round(size, 1), SIZE_LIMIT),
    ]
    finish("packaged", results, bars)


if __name__ == "__main__":
    main()
