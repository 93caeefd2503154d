"""Is memory used only while it works, and does it come back? The bars of issue 3, "Must show", in one run.

Run with: uv run python tests/benchmarks/residency.py [--model FOLDER] [--quick]

The program is the real window, offscreen, told what to do from outside. ``--model`` names a folder made by
``make_random_model.py``; without it one is made, where that tool and its packages can be had, else what needs a model
is left out. ``--quick`` is for development: fewer cycles and kills, shorter rests.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import random_model
import residency_budget
import residency_kills
import residency_latency
import residency_memory
import residency_monitor
import start
from report import Bar, at_most, finish, progress
from residency_memory import Plan
from weighing import weight

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
RESIDENT = ("reader", "embedder", "retrieval")
START_LIMIT = 1.5
PARTS = ("memory", "model", "start", "monitor", "budget", "kills", "latency")


def main() -> None:
    """Run every part and print the last line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", choices=PARTS)
    arguments = parser.parse_args()
    results: dict[str, Any] = {}
    bars: list[Bar] = []
    with tempfile.TemporaryDirectory(prefix="residency-") as folder:
        work = Path(folder)
        base = work / "base"
        _program(base, "import", *sorted(str(file) for file in SAMPLES.iterdir() if file.suffix != ".json"))
        for name, part in _parts(base, work, arguments.model, quick=arguments.quick).items():
            if not arguments.only or name in arguments.only:
                progress(f"== {name}")
                results[name], more = part()
                bars += more
    finish("residency", results, bars)


def _parts(base: Path, work: Path, model: Path | None, *, quick: bool) -> dict[str, Any]:
    plan = Plan(base, work / "memory", RESIDENT)
    plan = replace(plan, rest_seconds=10.0, cycles=3) if quick else plan
    return {
        "memory": lambda: residency_memory.compare(plan, "without a model"),
        "model": lambda: _with_a_model(replace(plan, work=work / "model"), work / "with a model", model),
        "start": lambda: _start(base, 1 if quick else 3),
        "monitor": lambda: residency_monitor.scenario(base, work, RESIDENT, 10.0 if quick else 30.0),
        "budget": lambda: residency_budget.scenario(base, work),
        "kills": lambda: residency_kills.scenario(base, work, 30 if quick else 200),
        "latency": lambda: residency_latency.scenario(base, work, 6 if quick else 15),
    }


def _with_a_model(plan: Plan, base: Path, model: Path | None) -> tuple[dict[str, Any], list[Bar]]:
    if model is None:
        if not random_model.MAKER.is_file() or shutil.which("uv") is None:
            progress("skipped: there is no make_random_model.py beside the checkout, or no uv to run it")
            return {"skipped": "no random-weight model"}, []
        model = plan.work.parent / "qwen-shape"
        random_model.make(model)
    shutil.copytree(plan.base, base)
    _program(base, "models", "add", str(model))
    with_it = replace(plan, base=base, components=(*RESIDENT, "generator"))
    return residency_memory.compare(with_it, "with a model")


def _start(base: Path, rounds: int) -> tuple[dict[str, Any], list[Bar]]:
    commands = {
        "program": [sys.executable, "-m", "kotaemon_desktop", "--data-dir", str(base)],
        "bare": [sys.executable, str(Path(__file__).with_name("bare_window.py"))],
    }
    weights: dict[str, list[int]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            weights[name].append(_idle_weight(command))
            progress(f"start, {name}: {weights[name][-1] / 1e6:.0f} MB")
    program, bare = (statistics.median(weights[name]) for name in commands)
    results = {"idle_mb": {"program": round(program / 1e6, 1), "bare": round(bare / 1e6, 1)}, "rounds": rounds}
    what = "start: memory of all processes when idle, as a ratio to a bare window"
    return results, [at_most(what, round(program / bare, 2), START_LIMIT)]


def _idle_weight(command: list[str]) -> int:
    """Return what a program holds that was started and left alone; see weighing.py for why it is not plain PSS."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, **quiet, env=start.ENVIRONMENT) as process:
        time.sleep(start.IDLE_SECONDS)
        main = psutil.Process(process.pid)
        size = weight([main, *main.children(recursive=True)])
        process.terminate()
        process.wait(30)
    return size


def _program(folder: Path, *words: str) -> None:
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    command = [sys.executable, "-m", "kotaemon_desktop", "--data-dir", str(folder), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)


if __name__ == "__main__":
    main()
