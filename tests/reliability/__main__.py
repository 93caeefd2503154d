"""``python -m tests.reliability kills | soak | memory``: progress on standard error, a JSON table in its last line."""

from __future__ import annotations

import argparse
import dataclasses
import subprocess
import sys
import tempfile
from pathlib import Path

from kotaemon_desktop.core.models import embedded
from tests.benchmarks.report import at_least, at_most, finish
from tests.reliability import kills, memory, soak

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"


def main() -> int:
    parser = argparse.ArgumentParser("tests.reliability", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    killing = commands.add_parser("kills", help="kill -9 in every job, then look whether anything was lost")
    killing.add_argument("--rounds", type=int, default=1000)
    killing.add_argument("--seed", type=int, default=1)
    killing.add_argument("--models", type=Path, help="a models folder with an embedder; else one is built")
    killing.set_defaults(run=_kills)
    soaking = commands.add_parser("soak", help="a real window, used at random for hours")
    soaking.add_argument("--hours", type=float, default=2.0)
    soaking.add_argument("--seed", type=int, default=1)
    soaking.set_defaults(run=_soak)
    small = commands.add_parser("memory", help="the main job in a hard memory limit (Linux, root)")
    small.add_argument("paths", nargs="*", type=Path, default=[SAMPLES], help="what is imported; else the samples")
    small.add_argument("--megabytes", type=int, default=2048)
    small.add_argument("--generator", type=Path, help="a folder with a language model; else quotes alone")
    small.set_defaults(run=_memory)
    chosen = parser.parse_args()
    return chosen.run(chosen)


def _kills(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="kills-") as work:
        models = chosen.models or Path(work) / "models"
        if chosen.models is None:
            for _ in embedded.BuilderService(str(models)).build():
                pass
        outcome = kills.run(Path(work), models, chosen.rounds, chosen.seed)
    total = sum(outcome.kills.values())
    finish(
        "kills",
        {
            "kills": dict(outcome.kills),
            "hit the job": dict(outcome.inside),
            "indexes destroyed and made again": outcome.torn,
            "starts that were let finish": outcome.finished,
            "seconds until the hosts were gone, at most": round(outcome.slowest_end, 2),
            "losses": outcome.losses[:20],
        },
        [
            at_least("kills", total, chosen.rounds),
            at_most("losses", len(outcome.losses), 0),
            at_most("hosts left", outcome.orphans, 0),
        ],
    )
    return 1 if outcome.losses or outcome.orphans else 0


def _soak(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="soak-") as work:
        base = Path(work) / "base"
        words = [sys.executable, "-m", "kotaemon_desktop", "import", str(SAMPLES), "--data-dir", str(base)]
        subprocess.run(words, check=True, capture_output=True)
        results, bars = soak.run(base, Path(work), chosen.hours, chosen.seed)
    finish("soak", results, bars)
    return 0 if all(bar.holds for bar in bars) else 1


def _memory(chosen: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="memory-") as work:
        outcome = memory.run(Path(work), chosen.paths, chosen.megabytes << 20, chosen.generator)
    bars = [
        at_most("processes killed for want of memory", outcome.kills, 0),
        at_most("files that failed", outcome.failed, 0),
        at_least("questions with an answer", outcome.answered, len(memory.QUESTIONS)),
        at_most("megabytes held at once", outcome.peak >> 20, chosen.megabytes),
    ]
    finish("memory", dataclasses.asdict(outcome), bars)
    return 0 if all(bar.holds for bar in bars) else 1


if __name__ == "__main__":
    raise SystemExit(main())
