"""How do search, memory and disk grow with the library, with each of the vector engines that live on this machine?

Run with: uv run python tests/benchmarks/scale.py [--sizes 1000 10000 100000] [--plot FILE.svg]

Texts are drawn from a vocabulary whose words are as common as words are (Zipf), vectors from 40 hidden dimensions, as
those of an embedder nearly are. They are put into SQLite directly: reading and embedding have benchmarks of their own.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from report import Bar, at_most, finish, progress
from scale_plot import draw

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.models.embedded import BuilderService
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import PageText, PassageDraft
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.text.words import index_tokens

SIZES = (1_000, 10_000, 100_000)
PER_DOCUMENT = 100
WORDS, VOCABULARY, HIDDEN = 120, 30_000, 40
QUERIES = 60
P95_MILLISECONDS = 60
MEGABYTES = {"chroma": 500, "mapped": 250}


class Texts:
    """Draws passages and questions; the same ones for the same seed."""

    def __init__(self, dimension: int, seed: int = 1) -> None:
        drawn = random.Random(seed)
        letters = "abcdefghijklmnopqrstuvwxyz"
        self._words = ["".join(drawn.choices(letters, k=drawn.randrange(3, 11))) for _ in range(VOCABULARY)]
        self._weights = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
        self._numbers = np.random.default_rng(seed)
        self._hidden = self._numbers.standard_normal((HIDDEN, dimension)).astype(np.float32)

    def text(self, words: int = WORDS) -> str:
        """Return that many words."""
        places = np.searchsorted(self._weights, self._numbers.random(words) * self._weights[-1])
        return " ".join(self._words[place] for place in places)

    def question(self, text: str) -> str:
        """Return some of the words of ``text``, as a question about it."""
        return f"what about {' '.join(random.Random(text).sample(text.split(), 6))}?"

    def vectors(self, count: int) -> list[bytes]:
        """Return normalised float16 vectors."""
        drawn = self._numbers.standard_normal((count, HIDDEN)).astype(np.float32) @ self._hidden
        drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        return [row.astype("<f2").tobytes() for row in drawn]


def grow(engine: Engine, embedder: str, texts: Texts, size: int) -> list[str]:
    """Fill the library up to ``size`` passages; return questions about what was added."""
    questions: list[str] = []
    for number in range(engine.library.counts()[0], size // PER_DOCUMENT):
        passages = [texts.text() for _ in range(PER_DOCUMENT)]
        page = "\n".join(passages)
        drafts: list[PassageDraft] = []
        start = 0
        for text in passages:
            drafts.append(PassageDraft(1, start, start + len(text), text, "", " ".join(index_tokens(text))))
            start += len(text) + 1
        name = f"report {number}.txt"
        document = engine.library.add(
            path=f"/library/{name}", name=name, kind="text", title=name, size=len(page), page_count=1,
            sha256=hashlib.sha256(page.encode()).hexdigest(), pages=[PageText(1, page)], passages=drafts,
        )  # fmt: skip
        ids = [each.id for each in engine.library.passages_of(document)]
        engine.library.store_vectors(embedder, list(zip(ids, texts.vectors(len(ids)), strict=True)))
        questions.append(texts.question(passages[0]))
    return questions


@contextmanager
def opened(folder: Path) -> Iterator[Engine]:
    """Open the library as the program does."""
    engine = Engine.open(DataFolder(folder))
    try:
        yield engine
    finally:
        engine.close()


def ask(engine: Engine, questions: Sequence[str]) -> list[float]:
    """Return the seconds of each search."""
    seconds: list[float] = []
    for question in questions:
        began = time.perf_counter()
        for _event in engine.questions.search(question, 8):
            pass
        seconds.append(time.perf_counter() - began)
    return seconds


def measure(folder: Path, engine_name: str, size: int, questions: Sequence[str]) -> dict[str, float]:
    """Build the index of ``engine_name``, then search it in a fresh process; return the numbers."""
    with opened(folder) as engine:
        engine.change_setting("search", "vectors", engine_name)
        began = time.perf_counter()
        with engine.keeper.lease(RETRIEVAL) as lease:
            for _ in lease.stream("sync", timeout=600.0):
                pass
        build = time.perf_counter() - began
    with opened(folder) as engine:
        began = time.perf_counter()
        ask(engine, questions[:1])
        first = time.perf_counter() - began
        seconds = ask(engine, questions)
        held = sum(_proportional(host) for host in psutil.Process().children(recursive=True))
        with engine.keeper.lease(RETRIEVAL) as lease:
            behind = lease.call("behind")
        embedder = engine.embedders.searching()
        pending = engine.library.pending_count(embedder.id) if embedder else size
        index = engine.folder.index(embedder.id if embedder else "", engine_name)
        disk = sum(file.stat().st_size for file in index.rglob("*") if file.is_file())
    found = {
        "index_rows_per_second": round(size / build),
        "first_search_ms": round(first * 1000),
        "p50_ms": round(statistics.median(seconds) * 1000, 1),
        "p95_ms": round(statistics.quantiles(seconds, n=20)[-1] * 1000, 1),
        "retrieval_host_mb": round(held / 1e6),
        "index_mb": round(disk / 1e6, 1),
        "to_embed_again": behind + pending,
    }
    progress(f"{size:,} passages, {engine_name}: {found}")
    return found


def _proportional(process: psutil.Process) -> int:
    held = process.memory_full_info()
    return getattr(held, "pss", held.rss)


def main() -> None:
    """Print how each number grows, and the bars at the largest size."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--plot", type=Path, help="an SVG file")
    options = parser.parse_args()
    sizes = sorted(options.sizes)
    results: dict[str, dict[int, Any]] = {name: {} for name in (*MEGABYTES, "library")}
    with tempfile.TemporaryDirectory(prefix="scale-") as scratch:
        folder = Path(scratch)
        *_, built = BuilderService(str(folder / "models")).build()
        texts = Texts(dimension=384)
        for size in sizes:
            with opened(folder) as engine:
                began, before = time.perf_counter(), engine.library.counts()[1]
                questions = grow(engine, str(built.model), texts, size)[-QUERIES:]
                rate = (size - before) / (time.perf_counter() - began)
            database = sum(file.stat().st_size for file in folder.glob("library.sqlite3*"))
            results["library"][size] = {"rows_per_second": round(rate), "sqlite_mb": round(database / 1e6, 1)}
            progress(f"{size:,} passages, library: {results['library'][size]}")
            for name in MEGABYTES:
                results[name][size] = measure(folder, name, size, questions)
    if options.plot:
        draw(options.plot, {name: results[name] for name in MEGABYTES}, ("p95_ms", "retrieval_host_mb", "index_mb"))
    finish("scale", results, _bars(results, sizes[-1]))


def _bars(results: dict[str, dict[int, Any]], largest: int) -> list[Bar]:
    bars: list[Bar] = []
    for name, megabytes in MEGABYTES.items():
        last = results[name][largest]
        what = f"{largest:,} passages, {name}:"
        bars += [
            at_most(f"{what} search p95 awake, ms", last["p95_ms"], P95_MILLISECONDS),
            at_most(f"{what} memory of the retrieval host, MB", last["retrieval_host_mb"], megabytes),
            at_most(f"{what} vectors to make again after reopening", last["to_embed_again"], 0),
        ]
    return bars


if __name__ == "__main__":
    main()
