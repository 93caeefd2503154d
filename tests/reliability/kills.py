"""Kills the program at random moments of every job, starts it again, and looks whether anything was lost."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path

import psutil

from tests.benchmarks.report import progress
from tests.reliability import checks
from tests.reliability.aimed import Shots
from tests.reliability.ledger import Promises
from tests.reliability.stepped import SteppedShots

# How long after a job has begun it is killed at the latest, in seconds; and how often it is tried.
JOBS = {
    "start": (0.6, 1), "resume": (2.5, 2), "import_": (2.5, 4), "remove": (0.15, 1), "undo": (0.05, 1),
    "purge": (0.1, 1), "talk": (0.1, 1), "setting": (0.02, 1), "reindex": (2.0, 2), "backup": (0.2, 1),
    "restore": (0.25, 2), "shrink": (0.15, 1), "spaces": (0.4, 2), "salvage": (0.6, 1), "refill": (1.0, 1),
}  # fmt: skip
_LIFE = 40  # kills that one library lives through
_FINISH_EVERY = 10  # kills after which a start is let finish
_SETTLE = 90.0
_HOST_SECONDS = 10.0  # in which the hosts of a killed program have to end by themselves
_ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Outcome:
    """What was seen. ``inside``: of the kills, those that hit the job and not the pause behind it."""

    kills: Counter[str] = field(default_factory=Counter[str])
    inside: Counter[str] = field(default_factory=Counter[str])
    losses: list[str] = field(default_factory=list[str])
    torn: dict[str, int] = field(default_factory=dict[str, int])  # indexes that an aimed kill destroyed
    finished: int = 0  # starts that were let finish
    orphans: int = 0
    slowest_end: float = 0.0  # of a killed program's hosts, in seconds

    def add(self, job: str, inside: bool) -> None:
        self.kills[job] += 1
        self.inside[job] += inside


class Life:
    """One library that is worked on, killed, looked at and started again."""

    def __init__(self, work: Path, models: Path, outcome: Outcome, chance: random.Random) -> None:
        shutil.rmtree(work, ignore_errors=True)
        self._work, self._outcome, self._chance = work, outcome, chance
        self._folder, self._files, self._ledger = work / "data", work / "files", work / "ledger"
        self._files.mkdir(parents=True)
        shutil.copytree(models, self._folder / "models")
        (self._folder / "kotaemon.yaml").write_text("imports:\n  originals: copy\n", "utf-8")
        self._promises = Promises()
        self._hosts: list[psutil.Process] = []  # of programs that were killed

    def kill(self, job: str, seed: int) -> None:
        """Let the program do ``job``, kill it at a random moment of that, and look."""
        latest, _often = JOBS[job]
        self._promises.doing = ""
        errors = self._work / "errors"
        with errors.open("wb") as said, self._start(job, seed, said) as program:
            if job != "start":
                self._wait_for(job, program)
            time.sleep(self._chance.uniform(0, latest))
            if program.poll() is not None and job not in {"start", "resume"}:
                self._lose(job, f"ended by itself ({program.returncode}): {errors.read_text('utf-8')[-600:]}")
            with contextlib.suppress(psutil.NoSuchProcess):
                self._hosts += psutil.Process(program.pid).children(recursive=True)
            program.kill()
        self._promises.follow(self._ledger)
        self._outcome.add(job, job == "start" or bool(self._promises.doing))
        if self._chance.random() < 0.5:  # else the next program starts beside the last moments of these
            self._count_orphans()
        self._look(job)

    def finish(self, seed: int) -> None:
        """Let a start do all that is left, and look whether everything that was promised is there."""
        with self._start("finish", seed, subprocess.PIPE) as program:
            try:
                _out, errors = program.communicate(timeout=_SETTLE)
            except subprocess.TimeoutExpired:
                program.kill()
                self._lose("finish", f"not done after {_SETTLE} s")
                return
        if program.returncode:
            self._lose("finish", f"exit {program.returncode}: {errors.decode()[-600:]}")
            return
        promised = dict(self._promises.promised)
        self._promises.follow(self._ledger)
        self._look("finish")
        here = checks.seen(self._folder)
        for path, version in promised.items():
            if here.get(path) != version:
                self._lose("finish", f"{path} was promised as {version} and is {here.get(path)}")
        self._promises.promised.clear()
        for wrong in checks.unfinished(self._folder):
            self._lose("finish", wrong)
        self._outcome.finished += 1
        self._count_orphans()

    def _start(self, job: str, seed: int, errors: object) -> subprocess.Popen[bytes]:
        words = [self._folder, self._files, self._ledger, seed, "resume" if job == "start" else job]
        return subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.worker", *map(str, words)],
            cwd=_ROOT, stderr=errors,  # type: ignore[call-overload]
        )  # fmt: skip

    def _wait_for(self, job: str, program: subprocess.Popen[bytes]) -> None:
        """Wait until the job has begun, or the program has ended."""
        deadline = time.monotonic() + _SETTLE
        while self._promises.doing != job and program.poll() is None:
            if time.monotonic() > deadline:
                self._lose(job, f"never began; it was still at {self._promises.doing}")
                return
            time.sleep(0.001)
            self._promises.follow(self._ledger)

    def _look(self, job: str) -> None:
        copy = checks.copied(self._folder, self._work)
        for wrong in checks.unsound(copy):
            self._lose(job, wrong)
        here = checks.seen(copy)
        found = [self._promises.contradictions(world, here) for world in self._promises.worlds]
        best = min(range(len(found)), key=lambda place: len(found[place]))
        for wrong in found[best]:
            self._lose(job, wrong)
        if len(found) > 1:
            self._promises.promised.clear()
        self._promises.settle(self._promises.worlds[best])
        for key in {*here, *self._promises.world}:  # what is there now is there for good
            self._promises.world[key] = {here.get(key)}

    def _count_orphans(self) -> None:
        """Wait for the hosts of killed programs."""
        began = time.monotonic()
        _ended, alive = psutil.wait_procs(self._hosts, timeout=_HOST_SECONDS)
        self._outcome.slowest_end = max(self._outcome.slowest_end, time.monotonic() - began)
        self._outcome.orphans += len(alive)
        for each in alive:
            each.kill()
        self._hosts.clear()

    def _lose(self, job: str, what: str) -> None:
        self._outcome.losses.append(f"{job}: {what}")
        progress(f"LOST, {job}: {what}")


def rounds(work: Path, models: Path, kills: int, seed: int, outcome: Outcome) -> Iterator[None]:
    """Kill the program so many times, a step a kill, and write what was seen to ``outcome``."""
    chance = random.Random(seed)
    jobs = [job for job, (_latest, often) in JOBS.items() for _ in range(often)]
    life: Life | None = None
    plan: list[str] = []
    for number in range(kills):
        if life is None or number % _LIFE == 0:
            life = Life(work / "life", models, outcome, chance)
        if not plan:
            plan = chance.sample(jobs, len(jobs))
        life.kill(plan.pop(), seed * 100_000 + number)
        if number % _FINISH_EVERY == _FINISH_EVERY - 1 or number == kills - 1:
            life.finish(seed * 100_000 + number)
        yield


def shots(work: Path, kills: int, seed: int, outcome: Outcome) -> Iterator[None]:
    """Fire so many aimed shots, of each kind as many."""
    aimed = Shots(work / "aimed", seed)
    kinds = (aimed.commit, aimed.migration, aimed.chroma, aimed.mapped)
    for number in range(kills):
        kind = kinds[number % len(kinds)]
        hit, lost = kind()
        outcome.add(kind.__name__, hit)
        outcome.losses += [f"{kind.__name__}: {each}" for each in lost]
        outcome.torn = dict(aimed.torn)
        yield


def steps_of_jobs(work: Path, kills: int, seed: int, outcome: Outcome) -> Iterator[None]:
    """Kill so many times at chosen steps of the jobs that replace whole libraries, each job as often."""
    stepped = SteppedShots(work / "stepped", seed)
    fired = chain.from_iterable(map(stepped.fire, count()))
    for kind, hit, lost in islice(fired, kills):
        outcome.add(kind, hit)
        outcome.losses += lost
        yield


def run(work: Path, models: Path, kills: int, seed: int) -> Outcome:
    """Make ``kills`` kills, or as many as until Ctrl+C: a third aimed at the writing of files (see the module
    ``aimed``), a third at steps (see ``stepped``), the others at random.
    """
    outcome, part = Outcome(), kills // 3
    steps = chain(
        shots(work, part, seed, outcome),
        steps_of_jobs(work, part, seed, outcome),
        rounds(work, models, kills - 2 * part, seed, outcome),
    )
    with contextlib.suppress(KeyboardInterrupt):
        for number, _ in enumerate(steps, 1):
            if number % 20 == 0:
                progress(f"{number} kills, {len(outcome.losses)} losses")
    return outcome
