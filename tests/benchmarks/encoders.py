"""How fast are texts embedded, in how much memory, and how near to the float32 original does int8 stay?

Run with: uv run python tests/benchmarks/encoders.py [--texts 400] [--rounds 3] [--torch PYTHON]

The same texts of mixed length (paragraphs, sentences and questions of a public set, in an order drawn by chance) go
through three processes in turn, with the same number of threads: the product's encoder, a plain float32 loop over ONNX
Runtime, and sentence-transformers on torch. A ratio is the median of the rounds' ratios. torch comes into an
environment of its own (some 3 GB are fetched), or is that of the Python named with ``--torch``.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from child import Child
from evaluation_sets import EVALUATION, SAMPLES, SETS
from report import at_least, at_most, finish, progress

from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.models.session import threads
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.text.sentences import sentences

_SET = "xquad-en"
_QUERIES = 100
_NEAREST = 10


class Engine(Child):
    """One process that embeds."""

    def __init__(self, name: str, folder: Path, python: list[str], scratch: Path) -> None:
        program = Path(__file__).with_name("encoder_engines.py")
        super().__init__([*python, str(program), name, str(folder), str(threads())])
        self._vectors = scratch / f"{name}.npy"
        self.peak = 0

    def embed(self, texts: list[str]) -> tuple[float, Any]:
        """Return the seconds that it took, and the vectors: float32 [texts, dimension]."""
        answer = self.ask(texts=texts, into=str(self._vectors))
        self.peak = answer["peak"]
        return answer["seconds"], np.load(self._vectors)


def texts_of(size: int) -> tuple[list[str], list[str]]:
    """Return (passages of mixed length, questions): of a public set where it is there, else of the samples."""
    drawn = random.Random(11)
    found = SETS[_SET]() if EVALUATION.is_dir() else None
    if found is None or isinstance(found.documents, Path):
        whole = [file.read_text("utf-8") for file in sorted(SAMPLES.glob("*.md"))]
        questions = ["How many days of paid holiday do I get?"]
    else:
        whole = list(found.documents.values())
        questions = [each.text for each in drawn.sample(found.questions, _QUERIES)]
    single = [text[start:end] for text in whole for start, end in sentences(text)]
    passages = drawn.sample(whole, min(len(whole), size // 2))
    passages += drawn.sample(single, min(len(single), size - len(passages)))
    drawn.shuffle(passages)
    return passages, questions


def torch_python() -> list[str]:
    """Return the Python of an environment with sentence-transformers."""
    return ["uv", "run", "-q", "--isolated", "--no-project", "--with", "sentence-transformers", "python"]


def nearest(queries: Any, passages: Any) -> list[set[int]]:
    """Return for each of ``queries`` which passages are the nearest."""
    return [set(map(int, row)) for row in np.argsort(-(queries @ passages.T), axis=1)[:, :_NEAREST]]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--texts", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--torch", metavar="PYTHON", help="a Python with sentence-transformers")
    chosen = parser.parse_args()
    passages, questions = texts_of(chosen.texts)
    source = embedded._source()
    if source is None:
        raise SystemExit("the package with the original weights is not installed: uv sync")
    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        original = scratch / "original"
        original.mkdir()
        embedded._assemble(source, original, "float32")
        for _progress in embedded.BuilderService(str(scratch / "models")).build():
            pass
        [model] = ModelStore(scratch / "models").models()
        pythons = {"own": [sys.executable], "plain": [sys.executable]}
        pythons["torch"] = [chosen.torch] if chosen.torch else torch_python()
        folders = {"own": Path(model.folder), "plain": original, "torch": source}
        engines = {name: Engine(name, folders[name], pythons[name], scratch) for name in pythons}
        seconds: dict[str, list[float]] = {name: [] for name in engines}
        vectors: dict[str, Any] = {}
        for engine in engines.values():
            engine.embed(passages[:32])
        for number in range(chosen.rounds):
            for name, engine in engines.items():
                took, vectors[name] = engine.embed(passages)
                seconds[name].append(took)
                progress(
                    f"round {number + 1}: {name} {len(passages) / took:.0f} texts a second, {engine.peak >> 20} MB"
                )
        asked = {name: engines[name].embed(questions)[1] for name in ("own", "torch")}
        for engine in engines.values():
            engine.close()

    def ratio(name: str) -> float:
        return statistics.median(theirs / ours for theirs, ours in zip(seconds[name], seconds["own"], strict=True))

    cosines = (vectors["own"] * vectors["torch"]).sum(axis=1)
    found = zip(nearest(asked["own"], vectors["own"]), nearest(asked["torch"], vectors["torch"]), strict=True)
    overlap = statistics.mean(len(one & other) / _NEAREST for one, other in found)
    bars = [
        at_least("texts a second, against sentence-transformers on torch", ratio("torch"), 1.8),
        at_most(
            "peak memory, against sentence-transformers on torch", engines["own"].peak / engines["torch"].peak, 0.4
        ),
        at_least("texts a second, against plain float32 batches as they come", ratio("plain"), 3.0),
        at_least("cosine to the float32 original, 5th percentile", float(np.percentile(cosines, 5)), 0.98),
        at_least("nearest ten in common with the float32 original", overlap, 0.95),
    ]
    results = {
        "threads": threads(),
        "texts": len(passages),
        "a_second": {name: len(passages) / statistics.median(each) for name, each in seconds.items()},
        "peak_megabytes": {name: engine.peak >> 20 for name, engine in engines.items()},
    }
    finish("encoders", results, bars)


if __name__ == "__main__":
    main()
