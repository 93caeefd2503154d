"""Does the window stay smooth while the program works? How late its event loop is for a frame, idle and at work.

Run with: uv run python tests/benchmarks/responsiveness.py [--model FOLDER]

The program is the real window, offscreen, with its monitor sampling. A frame is due every 8 ms; what counts is the
99th percentile of the delays at work above that of the idle window in the same run. ``--model`` names a folder made by
``make_random_model.py``: with it an answer is streamed meanwhile, without it answers are quoted.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from driven import Driven
from papers import write_markdown, write_pdf
from report import Bar, at_most, finish, progress
from residency_kills import QUESTIONS

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
ABOVE_IDLE = 0.016
SECONDS = 12.0
BETWEEN_SECONDS = 2.0  # from question to question: five times as often as anybody asks
ROUNDS = 3


def main() -> None:
    """Print the percentiles of each kind of work, and the bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path)
    model = parser.parse_args().model
    with tempfile.TemporaryDirectory(prefix="responsiveness-") as scratch:
        work = Path(scratch)
        folder = work / "data"
        _run(folder, "import", *sorted(str(file) for file in SAMPLES.iterdir() if file.suffix != ".json"))
        if model is not None:
            _run(folder, "models", "add", str(model))
        program = Driven(folder)
        found: dict[str, list[float]] = {"idle": [], "answers": [], "import": [], "import and answers": []}
        for number in range(ROUNDS):
            found["idle"].append(_p99(program, 0.0))
            found["answers"].append(_p99(program, SECONDS, asking=True))
            for name, asking in (("import", False), ("import and answers", True)):
                program.do("import_files", _files(work / f"{name} {number}", number * 1000 + 500 * asking))
                found[name].append(_p99(program, SECONDS, asking=asking))
                program.settle(300.0)
            shown = ", ".join(f"{name} {each[-1] * 1000:.1f} ms" for name, each in found.items())
            progress(f"round {number + 1}: {shown}")
        program.close()
    median = {name: statistics.median(each) for name, each in found.items()}
    results: dict[str, Any] = {"p99_ms": {name: round(each * 1000, 1) for name, each in median.items()}}
    results["answers_are"] = "streamed" if model else "quoted"
    finish(
        "responsiveness",
        results,
        [_bar(name, each - median["idle"]) for name, each in median.items() if name != "idle"],
    )


def _bar(name: str, above: float) -> Bar:
    return at_most(f"p99 frame delay above idle during {name}, ms", round(above * 1000, 1), ABOVE_IDLE * 1000)


def _p99(program: Driven, seconds: float, *, asking: bool = False) -> float:
    """Return the 99th percentile of the frame delays over ``seconds`` (idle: five), with questions or without."""
    program.do("watch_frames")
    until, questions = time.monotonic() + (seconds or 5.0), cycle(QUESTIONS)
    while time.monotonic() < until:
        due = time.monotonic() + BETWEEN_SECONDS
        if asking:
            program.ask(next(questions))
        time.sleep(max(0.0, min(due, until) - time.monotonic()))
    program.do("frames")
    return statistics.quantiles(program.hear("frames")["frames"], n=100)[-1]


def _files(folder: Path, seed: int) -> list[str]:
    folder.mkdir(parents=True)
    made = [write_markdown(folder / f"notes {n}.md", n, sections=80) for n in range(seed, seed + 30)]
    made += [write_pdf(folder / f"report {n}.pdf", n, pages=12) for n in range(seed + 100, seed + 110)]
    return [str(file) for file in made]


def _run(folder: Path, *words: str) -> None:
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    command = [sys.executable, "-m", "kotaemon_desktop", "--data-dir", str(folder), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    main()
