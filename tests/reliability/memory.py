"""The main job in little memory: an import and questions in a control group with a hard limit (Linux, as root).

The group holds whatever the program starts, and the kernel kills in it what goes beyond. The program is told to plan
with half of the limit, as it does by itself with half of a machine: it does not see the group.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from tests.benchmarks.report import progress

QUESTIONS: Final = (
    "How long is the notice period after the trial period?",
    "职工累计工作已满10年不满20年的,年休假有几天?",
    "Who approves a business trip?",
    "开具发票的单位应当怎样保管发票?",
    "What does the travel policy say about hotels?",
)
_ROOT: Final = Path("/sys/fs/cgroup")
_LOOK_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the job took. ``peak`` is what its processes held at once, in bytes, without the files that are cached."""

    documents: int
    failed: int
    answered: int
    models: tuple[str, ...]
    peak: int
    kills: int  # by the kernel, for want of memory
    seconds: float


class Group:
    """One control group of either version, from its making to the end of the ``with`` block."""

    def __init__(self, limit: int) -> None:
        """Raises OSError where this user may make none."""
        self._second = (_ROOT / "cgroup.controllers").is_file()
        self.folder = _ROOT / ("" if self._second else "memory") / f"kotaemon-{os.getpid()}"
        self.folder.mkdir()
        names = ("memory.max", "memory.swap.max") if self._second else ("memory.limit_in_bytes",)
        for name, value in zip(names, (limit, 0), strict=False):
            (self.folder / name).write_text(str(value))
        self.peak = 0
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watcher.join()
        for _try in range(50):  # hosts that have ended a moment ago are still listed
            with contextlib.suppress(OSError):
                self.folder.rmdir()
                return
            time.sleep(_LOOK_SECONDS)

    def run(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a program of which every process is in the group."""
        into = f'echo $$ > "{self.folder}/cgroup.procs" && exec "$@"'
        return subprocess.run(["sh", "-c", into, "sh", *words], check=False, capture_output=True, encoding="utf-8")

    @property
    def kills(self) -> int:
        """How many processes the kernel has killed for want of memory."""
        return _facts(self.folder / ("memory.events" if self._second else "memory.oom_control"))["oom_kill"]

    def _watch(self) -> None:
        name = "anon" if self._second else "total_rss"
        while not self._ended.wait(_LOOK_SECONDS):
            self.peak = max(self.peak, _facts(self.folder / "memory.stat")[name])


def run(work: Path, paths: Sequence[Path], limit: int, generator: Path | None) -> Outcome:
    """Import ``paths`` and ask in ``limit`` bytes, with the model ``generator`` or by quotes. ``work`` is empty."""
    data = work / "data"
    data.mkdir()
    (data / "kotaemon.yaml").write_text(f"residency:\n  memory_megabytes: {(limit >> 20) // 2}\n", "utf-8")
    asked = work / "questions.jsonl"
    lines = [json.dumps({"op": "ask", "text": text, "id": number}) for number, text in enumerate(QUESTIONS)]
    asked.write_text("\n".join(lines), "utf-8")
    began = time.monotonic()
    with Group(limit) as group:
        imported = _results(group, data, "import", *map(str, paths))[-1]
        progress(f"imported: {imported['documents']}, peak so far {group.peak >> 20} MB")
        if generator is not None:
            _results(group, data, "models", "add", str(generator))
        answers = [each for each in _results(group, data, "batch", str(asked)) if "answer" in each]
        progress(f"asked: {len(answers)}, peak {group.peak >> 20} MB")
        return Outcome(
            documents=imported["documents"],
            failed=len(imported["failed"]),
            answered=sum(bool(each["answer"]) for each in answers),
            models=tuple(sorted({str(each["model"]) for each in answers})),
            peak=group.peak,
            kills=group.kills,
            seconds=time.monotonic() - began,
        )


def _results(group: Group, data: Path, *words: str) -> list[dict[str, Any]]:
    done = group.run([sys.executable, "-m", "kotaemon_desktop", *words, "--data-dir", str(data), "--json"])
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}; killed: {group.kills}; {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _facts(file: Path) -> dict[str, int]:
    lines: Iterator[list[str]] = (line.split() for line in file.read_text("utf-8").splitlines())
    return {name: int(value) for name, value in lines}
