"""The same work by a program that lets go of what it does not use and by one that keeps everything."""

from __future__ import annotations

import shutil
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from driven import Driven
from papers import five
from report import Bar, at_least, at_most, progress
from weighing import Scales, resting_weight

# The product's own timers (300, 600 and 30 s) and an hour of rest, all 120 times shorter. The work is not shortened, so
# it counts for more than on a real day.
TIMERS = {"generator_idle": 2.5, "retrieval_idle": 5.0, "reader_idle": 0.25}
REST_SECONDS = 30.0
_AT_ONCE = {"generator_idle": 0.25, "retrieval_idle": 0.25, "reader_idle": 0.25}
_SETTLE_SECONDS = 2.0
QUESTIONS = (
    "When does the workshop open?",
    "How many days may I work from home each week?",
    "What share of the profit is paid out in December?",
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared: the data folder to start from, how long to rest, how many cycles, and who is resident."""

    base: Path
    work: Path
    components: tuple[str, ...]
    rest_seconds: float = REST_SECONDS
    cycles: int = 10


@dataclass
class Run:
    """What one program weighed, in bytes."""

    before: float = 0.0
    average: float = 0.0
    peak: float = 0.0
    idle: float = 0.0
    cycles: list[float] = field(default_factory=list[float])
    released: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


def compare(plan: Plan, title: str) -> tuple[dict[str, Any], list[Bar]]:
    """Return the numbers and bars of both ways; ``title`` begins the name of each bar."""
    light, resident = _lightweight(plan), _resident(plan)
    first, last = statistics.median(light.cycles[:3]), statistics.median(light.cycles[-3:])
    results = {
        "lightweight_mb": {n: _mb(getattr(light, n)) for n in ("before", "average", "peak", "idle")},
        "all_resident_mb": {n: _mb(getattr(resident, n)) for n in ("before", "average", "peak", "idle")},
        "after_each_cycle_mb": [_mb(each) for each in light.cycles],
        "releases": len(light.released),
    }
    bars = [
        at_most(f"{title}: idle memory, as a ratio to all-resident", round(light.idle / resident.idle, 3), 0.25),
        at_least(f"{title}: average memory saved", round(1 - light.average / resident.average, 3), 0.6),
        at_most(
            f"{title}: memory after the worst of {plan.cycles} cycles, as a ratio to before the first wake",
            round(max(light.cycles) / light.before, 3),
            1.1,
        ),
        at_most(f"{title}: growth from the first three cycles to the last three", round(last / first - 1, 3), 0.02),
        at_least(f"{title}: share of what hosts held that came back, by the release proofs", _returned(light), 0.95),
        at_least(
            f"{title}: share of the weight gained at the peak that was lost again",
            round((light.peak - light.idle) / (light.peak - light.before), 3),
            0.95,
        ),
    ]
    return results, bars


def _lightweight(plan: Plan) -> Run:
    run = Run()
    program = _start(plan, "lightweight", TIMERS)
    run.before = resting_weight(program.family)
    _a_day(plan, program, run)
    for name, seconds in _AT_ONCE.items():
        program.do("change", "residency", name, seconds)
    for number in range(plan.cycles):
        _work(program, five(plan.work / "lightweight papers", seed=number + 1))
        program.do("new_conversation")
        program.rest()
        time.sleep(_SETTLE_SECONDS)
        run.cycles.append(resting_weight(program.family))
        progress(f"cycle {number + 1}: {_mb(run.cycles[-1])} MB after rest, {_mb(run.before)} MB before the first")
    run.released = list(program.released)
    program.close()
    return run


def _resident(plan: Plan) -> Run:
    run = Run()
    program = _start(plan, "resident", TIMERS)
    program.do("pin", list(plan.components))
    program.all_awake(plan.components)
    run.before = resting_weight(program.family)
    _a_day(plan, program, run)
    program.close()
    return run


def _a_day(plan: Plan, program: Driven, run: Run) -> None:
    """Work once, then rest."""
    papers = five(plan.work / "papers", seed=0)
    with Scales(program.family) as scales:
        _work(program, papers)
        time.sleep(plan.rest_seconds)
    run.average, run.peak = scales.average, max(scales.readings)
    run.idle = resting_weight(program.family)
    progress(f"average {_mb(run.average)} MB, peak {_mb(run.peak)} MB, idle {_mb(run.idle)} MB")


def _work(program: Driven, papers: list[Path]) -> None:
    imported = program.import_files(papers)
    if imported["imported"] != len(papers):
        raise SystemExit(f"only {imported['imported']} of {len(papers)} documents came in: {imported['reasons']}")
    for question in QUESTIONS:
        answer = program.ask(question)
        if answer["answered"] != "done" or answer["error"]:
            raise SystemExit(f"“{question}” was not answered: {answer}")


def _start(plan: Plan, name: str, timers: dict[str, float]) -> Driven:
    folder = plan.work / name
    shutil.copytree(plan.base, folder, copy_function=_link)
    lines = "".join(f"  {key}: {value}\n" for key, value in timers.items())
    (folder / "kotaemon.yaml").write_text(f"residency:\n{lines}answering:\n  top: 1\n  max_tokens: 16\n", "utf-8")
    progress(f"{name}: starting")
    program = Driven(folder)
    time.sleep(_SETTLE_SECONDS)
    return program


def _link(source: str, target: str) -> None:
    """Link a model's weights, which nobody writes to, and copy everything else."""
    if Path(source).stat().st_size > 10_000_000:
        Path(target).hardlink_to(source)
    else:
        shutil.copy2(source, target)


def _returned(run: Run) -> float:
    held = sum(each["held"] for each in run.released)
    return round(sum(each["freed"] for each in run.released) / held, 4) if held else 0.0


def _mb(size: float) -> float:
    return round(size / 1e6, 1)
