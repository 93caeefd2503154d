"""Makes the numbers of ``core/retrieval/calibration.py``: logistic regressions on the tune halves of the public sets.

Run with: uv run python tests/benchmarks/calibration.py [--sample N] [--keep FOLDER]

Asks the program's search in this process. Prints the weights as the module has them, then one JSON object. Questions
that a set cannot answer are few: those of another set join them, at a third of the weight.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from evaluation_sets import SETS, EvaluationSet, Question, sample
from numpy.typing import NDArray
from report import progress
from retrieval import program
from retrieval_judge import Judge, each_place_once

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Hit
from kotaemon_desktop.core.retrieval.calibration import share, standing
from kotaemon_desktop.core.retrieval.search import Candidates, Search

FOREIGN = {"azure-contoso": "xquad-en", "xquad-en": "azure-contoso", "mtrag-un": "xquad-en", "cmrc2018": "xquad-zh"}
FOREIGN_WEIGHT = 0.3
DEPTH, FIRST = 20, 5

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A hit: what is known of it, whether it is right, and what it counts for."""

    known: tuple[float, float, float]  # coverage, similarity, how far ahead of the others
    right: bool
    group: str  # rows of a group weigh together as the square root of their number
    weight: float
    meant: bool  # vectors were compared


def rows_of(search: Search, judge: Judge, question: Question, place: EvaluationSet) -> Iterator[tuple[Row, bool]]:
    """Yield (row, whether it is the row of the whole result) for the first hits of ``question``."""
    query = search.query(question.text)
    candidates = result_of(search.candidates(query))
    by_id = {hit.passage.id: hit for hit in search.hits(query, candidates, DEPTH)}
    hits: list[Hit] = [by_id[each] for each in each_place_once(by_id, judge.passages, place.whole_documents)][:FIRST]
    native = question in place.questions
    right = judge.right(question.targets) if native and question.answerable else set[int]()
    scores = [hit.score for hit in hits]
    nearest = [similarity for _, similarity in candidates.similar]
    meant = bool(nearest)
    weight = 1.0 if native else FOREIGN_WEIGHT
    for position, hit in enumerate(hits):
        covered = query.coverage(f"{hit.passage.heading}\n{hit.passage.text}")
        if position == 0:
            group = f"{place.name} {question.answerable and native} {native}"
            known = (covered, max(nearest, default=0.0), standing(nearest))
            yield Row(known, question.answerable and native, group, weight, meant), True
        if native and question.answerable:
            known = (covered, hit.similarity or 0.0, share(hit.score, scores))
            yield Row(known, hit.passage.id in right, place.name, 1.0, meant), False


def result_of(steps: Generator[object, None, Candidates]) -> Candidates:
    """Run ``steps`` to their end and return what they return."""
    while True:
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value


def fit(rows: Sequence[Row], columns: Sequence[int]) -> list[float]:
    """Return the weights of ``columns`` and the constant of a logistic regression (Newton's method, a little ridge)."""
    groups = Counter(row.group for row in rows)
    weights = np.array([row.weight / groups[row.group] ** 0.5 for row in rows])
    weights *= len(rows) / weights.sum()
    known: Matrix = np.array([[*(row.known[column] for column in columns), 1.0] for row in rows])
    right = np.array([row.right for row in rows], float)
    found: Matrix = np.zeros(known.shape[1])
    ridge = 1e-3 * len(rows)
    for _ in range(50):
        expected = 1 / (1 + np.exp(-known @ found))
        curvature = (known * (weights * expected * (1 - expected))[:, None]).T @ known + ridge * np.eye(len(found))
        found = found + np.linalg.solve(curvature, known.T @ (weights * (right - expected)) - ridge * found)
    return [round(float(each), 2) for each in found]


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sample", type=int, metavar="N", default=300, help="questions of each set")
    parser.add_argument("--keep", type=Path, help="keep the libraries below this folder")
    chosen = parser.parse_args()
    results: list[Row] = []
    hits: list[Row] = []
    with tempfile.TemporaryDirectory() as scratch:
        for name, read in SETS.items():
            progress(name)
            place = read()
            folder = (chosen.keep or Path(scratch)) / name
            program(folder, "import", str(place.folder(folder.with_name(f"{name}-documents"))))
            others = SETS[FOREIGN[name]]().questions if name in FOREIGN else ()
            asked = [q for q in (*sample(place.questions, chosen.sample), *sample(others, 100)) if q.half == "tune"]
            engine = Engine.open(DataFolder(folder))
            try:
                judge = Judge(engine.library)
                search = Search(engine.keeper, engine.library, engine.models.embedder)
                for question in asked:
                    for row, whole in rows_of(search, judge, question, place):
                        (results if whole else hits).append(row)
            finally:
                engine.close()
    weights = {
        "_ANSWERS": fit([row for row in results if row.meant], (0, 1, 2)),
        "_ANSWERS_BY_WORDS": fit([row for row in results if not row.meant], (0,)),
        "_RIGHT": fit([row for row in hits if row.meant], (0, 1, 2)),
        "_RIGHT_BY_WORDS": fit([row for row in hits if not row.meant], (0, 2)),
    }
    print(json.dumps({"benchmark": "calibration", "results": weights, "bars": []}), flush=True)


if __name__ == "__main__":
    main()
