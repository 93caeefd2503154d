"""How long does a question take while many files are imported, against a quiet program?"""

from __future__ import annotations

import shutil
import statistics
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from driven import Driven
from papers import write_markdown, write_pdf
from report import Bar, at_most, progress
from residency_kills import QUESTIONS

_BETWEEN_SECONDS = 0.3


def scenario(base: Path, work: Path, questions: int) -> tuple[dict[str, Any], list[Bar]]:
    """Return the numbers and the bar; the same questions both times, the retrieval host awake."""
    folder, papers = work / "latency", work / "bulk papers"
    shutil.copytree(base, folder)
    papers.mkdir()
    files = [write_markdown(papers / f"notes {n}.md", n, sections=80) for n in range(1000, 1000 + questions)]
    files += [write_pdf(papers / f"report {n}.pdf", n, pages=12) for n in range(2000, 2000 + questions // 3)]
    program = Driven(folder)
    asked = cycle(QUESTIONS)
    program.ask(next(asked))  # wakes the host
    quiet = [_ask(program, next(asked)) for _ in range(questions)]
    program.do("import_files", [str(file) for file in files])
    program.do("settled")
    time.sleep(1.0)
    busy: list[float] = []
    while len(busy) < questions:
        busy.append(_ask(program, next(asked)))
        if any("settled" in said for said in program.overheard):
            progress(f"latency: the import ended after {len(busy)} questions")
            break
    program.close()
    idle, during = statistics.median(quiet), statistics.median(busy)
    progress(f"a question: {idle * 1000:.0f} ms idle, {during * 1000:.0f} ms during an import")
    results = {
        "idle_ms": [round(each * 1000) for each in quiet],
        "during_import_ms": [round(each * 1000) for each in busy],
    }
    return results, [
        at_most("latency: a question during a bulk import, as a ratio to idle (median)", round(during / idle, 2), 1.5)
    ]


def _ask(program: Driven, question: str) -> float:
    time.sleep(_BETWEEN_SECONDS)
    return program.ask(question)["seconds"]
