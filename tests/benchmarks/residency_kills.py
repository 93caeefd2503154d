"""Kills hosts at random while a real window imports and answers, and looks whether anybody would notice."""

from __future__ import annotations

import math
import random
import shutil
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import Any

import psutil
from driven import Driven
from papers import write_markdown, write_pdf
from report import Bar, at_least, at_most, progress

_BETWEEN_SECONDS = (0.2, 1.0)  # two kills
_PAUSE_SECONDS = 1.0  # between two imports, so that there is an end to what is left to embed
_FINISH_SECONDS = 240.0
_CONVERSATION = 10  # questions
QUESTIONS = (
    "When does the workshop open?",
    "What is the torque of the crank bolt?",
    "Can I take the battery on a plane?",
    "How should I store the battery over winter?",
)


@dataclass
class Outcome:
    """What was seen. ``pings`` in seconds; ``documents`` as (name, state, reason)."""

    kills: int = 0
    pings: list[float] = field(default_factory=list[float])
    answers: Counter[str] = field(default_factory=Counter[str])
    documents: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    seconds: float = 0.0
    orphans: int = 0

    @property
    def unclear(self) -> list[str]:
        """Documents that are neither ready nor failed with a reason."""
        return [
            f"{name}: {state}"
            for name, state, reason in self.documents
            if not (state == "ready" or (state == "failed" and reason))
        ]


def scenario(base: Path, work: Path, kills: int) -> tuple[dict[str, Any], list[Bar]]:
    """Return the numbers and bars of ``kills`` kills."""
    folder = work / "kills"
    shutil.copytree(base, folder)
    (folder / "kotaemon.yaml").write_text("residency:\n  reader_idle: 5.0\n", "utf-8")
    outcome = survive(folder, work / "kills papers", kills)
    pings = sorted(outcome.pings)
    worst = pings[-1]
    results = {
        "kills": outcome.kills,
        "seconds": round(outcome.seconds),
        "pings": len(pings),
        "ping_ms": {
            "median": round(statistics.median(pings) * 1000, 1),
            "p99": round(pings[int(len(pings) * 0.99)] * 1000, 1),
            "worst": round(worst * 1000, 1),
            "over_100": sum(each > 0.1 for each in pings),
        },
        "answers": dict(outcome.answers),
        "documents": dict(Counter(state for _, state, _ in outcome.documents)),
        "unclear": outcome.unclear[:10],
        "reasons": sorted({reason[:160] for _, _, reason in outcome.documents if reason})[:5],
    }
    bars = [
        at_least("kills: hosts killed at random during imports and questions", outcome.kills, kills),
        at_most("kills: worst ping of the window, ms", round(worst * 1000, 1), 100),
        at_most("kills: documents neither ready nor failed with a reason", len(outcome.unclear), 0),
        at_most("kills: processes left after the end", outcome.orphans, 0),
    ]
    return results, bars


def survive(folder: Path, papers: Path, kills: int, seed: int = 1) -> Outcome:
    """Work in a window on ``folder`` until so many hosts were killed, close it, let another one finish, and tell.

    ``papers`` is where files to import are written.
    """
    chance, outcome, seen = random.Random(seed), Outcome(), set[psutil.Process]()
    program = Driven(folder)
    started = time.monotonic()
    with program.pinged() as pings:
        for happened in _busy(program, papers):
            outcome.answers.update(happened)
            if outcome.kills >= kills:
                break
            hosts = program.hosts()
            seen.update(hosts)
            if hosts:
                chance.choice(hosts).kill()
                outcome.kills += 1
                if outcome.kills % 20 == 0:
                    progress(f"{outcome.kills} hosts killed")
            time.sleep(chance.uniform(*_BETWEEN_SECONDS))
        outcome.seconds = time.monotonic() - started
        outcome.pings = list(pings)
    closed = program.close()
    outcome.orphans = sum(each.is_running() for each in seen) + (not closed)
    outcome.documents = _finished(folder)
    return outcome


def _busy(program: Driven, papers: Path) -> Iterator[list[str]]:
    """Keep an import and a question under way; yield, as often as asked, how the answers since then went."""
    questions, batches = cycle(QUESTIONS), count(1)
    papers.mkdir(parents=True, exist_ok=True)

    def import_more() -> None:
        first = next(batches) * 10
        files = [write_markdown(papers / f"notes {first + n}.md", first + n, sections=8) for n in range(4)]
        files += [write_pdf(papers / f"report {first + n}.pdf", first + n, pages=2) for n in range(4, 6)]
        program.do("import_files", [str(file) for file in files])
        program.do("settled")

    import_more()
    program.do("ask", next(questions))
    again_at, answered = math.inf, 0
    while True:
        ended: list[str] = []
        if time.monotonic() >= again_at:
            again_at = math.inf
            import_more()
        for said in program.heard():
            if "settled" in said:
                again_at = time.monotonic() + _PAUSE_SECONDS
            elif "answered" in said:
                ended.append(f"{said['answered']}{', without vectors' if said['note'] else ''}")
                answered += 1
                if answered % _CONVERSATION == 0:
                    program.do("new_conversation")
                program.do("ask", next(questions))
        yield ended


def _finished(folder: Path) -> list[tuple[str, str, str]]:
    """Return what becomes of the documents at the next start, where nothing is kept away by an open breaker."""
    program = Driven(folder)
    deadline = time.monotonic() + _FINISH_SECONDS
    while program.settle(_FINISH_SECONDS) and time.monotonic() < deadline:
        program.do("resume")
        time.sleep(0.5)
    program.do("documents")
    documents = program.hear("documents")["documents"]
    program.close()
    return [(name, state, reason) for name, state, reason in documents]
