"""Hours of use in minutes: a real window, offscreen, to which a person with a seed does everything at random.

Its memory, handles, threads and children are read from outside; what it logged as a warning or worse is counted.
"""

from __future__ import annotations

import random
import re
import shutil
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.driven import Driven
from tests.benchmarks.papers import write_markdown, write_pdf
from tests.benchmarks.report import Bar, at_most, progress

_SAMPLE_EVERY = 5.0  # seconds
_WARM_UP = 0.25  # of the time: pages, caches and the allocator find their size
_MOST_DOCUMENTS = 16
_TURNS = 8  # of a conversation
_FLAT = 1.05
_MORE = 4  # handles, or threads: what one more host or lane takes
_WARNING = re.compile(rb" (WARNING|ERROR|CRITICAL) ")
_PAGES = ("about", "models", "settings", "shortcuts", "usage")
_COMPONENTS = ("retrieval", "embedder", "reader", "generator")
_QUESTIONS = (
    "When does the workshop open?",
    "Can I take the battery on a plane?",
    "How often is the pump checked?",
    "年假有多少天？",
    "Thank you!",
)


@dataclass
class Samples:
    """What was read of the window's own process, a row a sample."""

    rows: list[tuple[float, int, int, int, int]] = field(default_factory=list[tuple[float, int, int, int, int]])

    def take(self, window: psutil.Process, at: float) -> None:
        """Note the seconds since the start, bytes of its own, handles, threads and children."""
        with window.oneshot():
            self.rows.append((at, _own(window), window.num_fds(), window.num_threads(), len(window.children())))

    def middle(self, column: int, first: float, last: float) -> float:
        """Return the median of a column between two moments."""
        return statistics.median(row[column] for row in self.rows if first <= row[0] <= last)

    def growth(self) -> dict[str, tuple[float, float]]:
        """Return the medians after the warm-up and at the end, over an eighth of the time each."""
        end = self.rows[-1][0]
        early, late = (end * _WARM_UP, end * (_WARM_UP + 0.125)), (end * 0.875, end)
        columns = enumerate(("bytes", "handles", "threads", "children"), 1)
        return {name: (self.middle(column, *early), self.middle(column, *late)) for column, name in columns}


def _own(process: psutil.Process) -> int:
    """Return the bytes that are in no file: those of libraries are its own or shared as other programs come and go."""
    rollup = Path(f"/proc/{process.pid}/smaps_rollup").read_text("ascii")
    return sum(
        int(kilobytes) << 10 for kilobytes in re.findall(r"^(?:Anonymous|Swap): +(\d+) kB", rollup, re.MULTILINE)
    )


class Person:
    """Does one thing after another to the window, and waits for what has an end."""

    def __init__(self, program: Driven, papers: Path, seed: int) -> None:
        self._program, self._papers = program, papers
        self._chance = random.Random(seed)
        self._files = self._turns = 0
        self.done: Counter[str] = Counter()
        papers.mkdir(parents=True, exist_ok=True)

    def act(self) -> None:
        """Do something."""
        actions = (
            (self.ask, 30), (self.import_, 6), (self.unload, 6), (self.language, 4), (self.theme, 4), (self.page, 10),
            (self.source, 12), (self.conversation, 6), (self.type, 6),
        )  # fmt: skip
        action = self._chance.choices([each for each, _ in actions], [weight for _, weight in actions])[0]
        action()
        self.done[action.__name__.strip("_")] += 1

    def ask(self) -> None:
        if self._turns == _TURNS:
            self._program.do("new_conversation")
            self._turns = 0
        self._turns += 1
        how = self._program.ask(self._chance.choice(_QUESTIONS))
        self.done[f"answers: {how['answered']}"] += 1

    def import_(self) -> None:
        self._files += 1
        name = self._papers / f"paper {self._files}"
        if self._chance.random() < 0.5:
            file = write_markdown(name.with_suffix(".md"), self._files, sections=self._chance.randint(1, 8))
        else:
            file = write_pdf(name.with_suffix(".pdf"), self._files, pages=2)
        self._program.import_files([file])
        self._program.do("keep_newest", _MOST_DOCUMENTS)

    def unload(self) -> None:
        self._program.do("unload", self._chance.choice(_COMPONENTS))

    def language(self) -> None:
        self._program.do("change", "appearance", "language", self._chance.choice(("en", "zh_CN")))

    def theme(self) -> None:
        self._program.do("change", "appearance", "theme", self._chance.choice(("light", "dark")))

    def page(self) -> None:
        self._program.do("page", self._chance.choice(_PAGES))

    def source(self) -> None:
        self._program.do("source", self._chance.randrange(5))

    def conversation(self) -> None:
        self._program.do("open_conversation", self._chance.random(), 12)
        self._turns = 0

    def type(self) -> None:
        self._program.do("type", self._chance.choice(_QUESTIONS)[: self._chance.randint(1, 20)])


def run(base: Path, work: Path, hours: float, seed: int) -> tuple[dict[str, Any], list[Bar]]:
    """Let a person work in a window on a copy of the data folder ``base``; return the numbers and bars."""
    folder = work / "data"
    shutil.copytree(base, folder)
    program = Driven(folder)
    person, samples = Person(program, work / "papers", seed), Samples()
    started = sampled = told = time.monotonic()
    while (now := time.monotonic()) - started < hours * 3600:
        person.act()
        time.sleep(0.05)
        for _ in program.heard():
            pass
        if now - sampled >= _SAMPLE_EVERY:
            sampled = now
            samples.take(program.main, now - started)
        if now - told >= 60:
            told = now
            _at, used, *others = samples.rows[-1]
            progress(f"{(now - started) / 60:.0f} min, {used / 2**20:.1f} MB, {others}, {sum(person.done.values())}")
    seconds = time.monotonic() - started
    closed = program.close()
    return _results(seconds, samples, person, folder, closed)


def _results(
    seconds: float, samples: Samples, person: Person, folder: Path, closed: bool
) -> tuple[dict[str, Any], list[Bar]]:
    growth = samples.growth()
    log = b"".join(file.read_bytes() for file in sorted((folder / "logs").glob("kotaemon.log*")))
    noise = [line.decode(errors="replace")[:200] for line in log.splitlines() if _WARNING.search(line)]
    early, late = growth["bytes"]
    results = {
        "hours": round(seconds / 3600, 3),
        "actions": dict(person.done),
        "MB after the warm-up, at the end": [round(early / 2**20, 1), round(late / 2**20, 1)],
        "MB over time": [round(row[1] / 2**20, 1) for row in samples.rows[:: max(1, len(samples.rows) // 40)]],
        **{name: growth[name] for name in ("handles", "threads", "children")},
        "warnings": noise[:10],
    }
    bars = [
        at_most("memory of the window's process, end against after the warm-up", round(late / early, 3), _FLAT),
        at_most("handles more", growth["handles"][1] - growth["handles"][0], _MORE),
        at_most("threads more", growth["threads"][1] - growth["threads"][0], _MORE),
        at_most("warnings and errors in the log", len(noise), 0),
        at_most("processes left after the end", int(not closed), 0),
    ]
    return results, bars
