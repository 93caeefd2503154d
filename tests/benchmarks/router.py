"""Does a question take the right way? The router over a labelled set, and over every question of the public sets.

Run with: uv run python tests/benchmarks/router.py [--half tune|check]

The set is split in two by a hash of the question: rules are written with one half in view and judged by the other.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from pathlib import Path

import evaluation_sets
from report import at_least, at_most, finish, progress

from kotaemon_desktop.core.answering.route import ARITHMETIC, DOCUMENTS, route

ROUTES = Path(__file__).resolve().parents[1] / "core" / "answering" / "routes.tsv"
RIGHT = 0.97


def half(question: str) -> str:
    """Return which half ``question`` belongs to."""
    return ("tune", "check")[hashlib.sha256(question.encode()).digest()[0] & 1]


def labelled() -> list[tuple[str, str]]:
    """Return (way, question) for each line of the set."""
    return [(way, question) for way, question in (line.split("\t") for line in ROUTES.read_text("utf-8").splitlines())]


def judge(pairs: list[tuple[str, str]]) -> tuple[float, dict[str, Counter[str]]]:
    """Return the share that took the right way, and the table: how often each way was taken for another."""
    table: dict[str, Counter[str]] = {}
    for wanted, question in pairs:
        taken = route(question).name
        table.setdefault(wanted, Counter())[taken] += 1
        if taken != wanted:
            progress(f"{wanted} → {taken}: {question}")
    right = sum(counts[wanted] for wanted, counts in table.items())
    return round(right / len(pairs), 4), dict(sorted(table.items()))


def public_questions() -> list[str]:
    """Return all questions of the public sets: all about documents, but for a sum or two in what has no answer."""
    if not evaluation_sets.EVALUATION.is_dir():
        return []
    sets = [load() for name, load in evaluation_sets.SETS.items() if name != "samples"]
    return [question.text for each in sets for question in each.questions]


def main() -> None:
    """Print the confusion table and the bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--half", choices=("tune", "check"), default="check")
    chosen = parser.parse_args().half
    pairs = [(way, question) for way, question in labelled() if half(question) == chosen]
    share, table = judge(pairs)
    public = public_questions()
    astray = [question for question in public if route(question).name not in {DOCUMENTS, ARITHMETIC}]
    for question in astray:
        progress(f"{route(question).name}: {question}")
    documents = table[DOCUMENTS]
    results = {"half": chosen, "questions": len(pairs), "confusion": table, "public_questions": len(public)}
    bars = [
        at_least("questions of the labelled set that take the right way", share, RIGHT),
        at_most("its document questions that do not reach the documents", documents.total() - documents[DOCUMENTS], 0),
        at_most(
            "questions of the public sets that are taken for small talk or for questions about the program",
            len(astray),
            0,
        ),
    ]
    finish("router", results, bars)


if __name__ == "__main__":
    main()
