"""How fast do files come in, until keyword search finds them, against one process with pypdf?

Run with: uv run python tests/benchmarks/ingestion.py [--rounds 3] [--files N]

The files are the PDFs of the public sets, or PDFs made here where those are not at hand. The baseline does the same
work in one process: pypdf's text of each page, the product's own splitter and index tokens, SQLite. Embedding follows
after that and is not counted. The program is not warm: its hosts start within the time.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import evaluation_sets
from papers import write_pdf
from report import at_least, finish, progress

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import ImportFailed, Skipped, Stored
from kotaemon_desktop.core.paths import DataFolder

LEAST_RATIO = 4.0
MADE, MADE_PAGES = 40, 20


def files(scratch: Path, most: int | None) -> list[Path]:
    """Return the PDFs to import."""
    found = sorted(evaluation_sets.EVALUATION.rglob("*.pdf"))
    if not found:
        found = [write_pdf(scratch / f"report {n}.pdf", n, pages=MADE_PAGES) for n in range(MADE)]
    return found[:most]


def own(folder: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """Import ``paths`` with the program; return the seconds until the last is stored."""
    engine = Engine.open(DataFolder(folder))
    try:
        began, passages, left = time.perf_counter(), 0, len(paths)
        for event in engine.imports.run(list(paths)):
            left -= isinstance(event, Stored | Skipped | ImportFailed)
            passages += event.passages if isinstance(event, Stored) else 0
            if not left:  # from here on keyword search finds them all; what follows is embedding
                break
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "passages": passages, "documents": engine.library.counts()[0]}
    finally:
        engine.close()


def baseline(folder: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """Do the same with pypdf in a process of its own; return its seconds, its start not counted."""
    command = [sys.executable, str(Path(__file__).with_name("pypdf_pipeline.py")), str(folder), *map(str, paths)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, passages, documents = done.stdout.split()
    return {"seconds": float(seconds), "passages": int(passages), "documents": int(documents)}


def main() -> None:
    """Print the medians, and the ratio as a bar."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--files", type=int)
    options = parser.parse_args()
    rounds: dict[str, list[dict[str, Any]]] = {"program": [], "pypdf": []}
    with tempfile.TemporaryDirectory(prefix="ingestion-") as scratch:
        paths = files(Path(scratch), options.files)
        for number in range(options.rounds):
            for name, work in (("program", own), ("pypdf", baseline)):
                folder = Path(scratch) / f"{name} {number}"
                folder.mkdir()
                rounds[name].append(work(folder, paths))
                progress(f"round {number + 1}, {name}: {rounds[name][-1]}")
    seconds = {name: round(statistics.median(each["seconds"] for each in found), 2) for name, found in rounds.items()}
    pairs = zip(rounds["program"], rounds["pypdf"], strict=True)
    ratio = round(statistics.median(other["seconds"] / one["seconds"] for one, other in pairs), 2)
    results = {"files": len(paths), "seconds": seconds, "stored": {name: each[-1] for name, each in rounds.items()}}
    finish("ingestion", results, [at_least("import rate, as a ratio to one process with pypdf", ratio, LEAST_RATIO)])


if __name__ == "__main__":
    main()
