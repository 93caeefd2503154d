"""Does a question take the right way? The router over labelled sets, and over every question of the public sets.

Run with: uv run python tests/benchmarks/router.py [--half tune|check]

routes.tsv is split in two by a hash of the question: rules are written with one half in view and judged by the other.
The blind files were written without sight of the rules. At first sight the first version of the rules, whole sentences,
took 81 % and 70 % of them the right way; both files have been used for tuning since, so they are no longer blind.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from pathlib import Path

import evaluation_sets
from report import at_least, at_most, finish, progress

from kotaemon_desktop.core.answering.route import ARITHMETIC, DOCUMENTS, route

ROUTES = Path(__file__).resolve().parents[1] / "core" / "answering"
RIGHT = 0.97


def half(question: str) -> str:
    """Return which half ``question`` belongs to."""
    return ("tune", "check")[hashlib.sha256(question.encode()).digest()[0] & 1]


def labelled(name: str = "routes") -> list[tuple[str, str]]:
    """Return (way, question) for each line of the set ``name``."""
    lines = (ROUTES / f"{name}.tsv").read_text("utf-8").splitlines()
    return [(way, question) for way, question in (line.split("\t") for line in lines)]


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
    sets = {name: [pair for pair in labelled() if half(pair[1]) == name] for name in ("tune", "check")}
    sets |= {name: labelled(name) for name in ("routes_blind", "routes_blind2")}
    judged = {name: judge(pairs) for name, pairs in sets.items()}
    share, table = judged[chosen]
    public = public_questions()
    astray = [question for question in public if route(question).name not in {DOCUMENTS, ARITHMETIC}]
    for question in astray:
        progress(f"{route(question).name}: {question}")
    documents = table[DOCUMENTS]
    results = {
        "half": chosen,
        "sets": {
            name: {"questions": len(sets[name]), "right": right, "confusion": confusion}
            for name, (right, confusion) in judged.items()
        },
        "public_questions": len(public),
    }
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
