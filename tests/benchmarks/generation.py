"""How fast does the decode loop read and write, how much memory does it take, and what do its short cuts save?

Run with: uv run python tests/benchmarks/generation.py [--quick] [--model FOLDER]

The engines run the same model folder on the same ONNX Runtime, each in a process of its own, and take turns, so that
all meet the same machine: a ratio is the median of the rounds' ratios. ``best`` is onnxruntime-genai with the number
of threads that suits it best here. The model's weights are drawn by chance: its text is noise, its cost is real.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import random_model
from child import Child
from report import Bar, at_least, at_most, finish, progress

from kotaemon_desktop.core.models.session import threads
from kotaemon_desktop.core.residency.host import LARGE_PAGES

STORIES = Path(__file__).resolve().parents[2] / ".." / "shared" / "models" / "stories260K"
VOCABULARY = 150_000
PROMPT, ANSWER, TURN = 512, 49, 6  # tokens
PREFIX, QUESTION = 1500, 20
PAUSE_SECONDS = 0.1
TRIES = 6  # of each number of threads: the fastest counts, so that a busy moment does not decide
RATES = (0.0, 0.3, 0.6, 0.9, 1.0)  # share of guessed tokens that are right
PYTHON = [sys.executable]


class Engine(Child):
    """One engine's process; ``load`` are the seconds that it took to load the model."""

    def __init__(self, name: str, folder: Path, thread_count: int, python: list[str]) -> None:
        command = [*python, str(Path(__file__).with_name("engines.py")), name, str(folder), str(thread_count)]
        super().__init__(command, LARGE_PAGES if name == "own" else None)  # as the product starts its host
        self.load: float = self.first["load"]


def peer_python() -> list[str]:
    """Return the Python that has the peer: this one, or an environment made for it with this one's ONNX Runtime."""
    if importlib.util.find_spec("onnxruntime_genai"):
        return PYTHON
    installed = {each.metadata["Name"]: each.version for each in metadata.distributions()}
    shared = [name for name in ("onnxruntime-gpu", "onnxruntime", "numpy") if name in installed]
    pins = [word for name in shared for word in ("--with", f"{name}=={installed[name]}")]
    return ["uv", "run", "-q", "--isolated", "--only-group", "benchmark", *pins, "python"]


def tokens(seed: int, count: int) -> list[int]:
    """Return a prompt of ``count`` tokens."""
    drawn = random.Random(seed)
    return [drawn.randrange(VOCABULARY) for _ in range(count)]


@contextmanager
def model(folder: Path | None) -> Iterator[Path]:
    """Give ``folder``, or one with a model made for this run."""
    if folder is not None:
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory() as scratch:
        random_model.make(Path(scratch) / "random")
        yield Path(scratch) / "random"


def best_peer(folder: Path, python: list[str], stack: ExitStack) -> tuple[Engine, int]:
    """Return the peer with the number of threads with which it writes fastest, and that number."""
    engines: dict[int, Engine] = {}
    for count in sorted({max(1, threads() // 2), threads(), os.cpu_count() or 1}):
        engines[count] = Engine("genai", folder, count, python)
        stack.callback(engines[count].close)
    seconds = dict.fromkeys(engines, float("inf"))
    for _ in range(TRIES):
        for count, engine in engines.items():
            time.sleep(PAUSE_SECONDS)
            seconds[count] = min(seconds[count], write(engine, tokens(1, 64), 16)[1])
    for count, least in seconds.items():
        progress(f"genai with {count} threads: {15 / least:.1f} tokens a second at most")
    best = min(seconds, key=lambda count: seconds[count])
    return engines[best], best


def race(engines: dict[str, Engine], rounds: int) -> dict[str, list[dict[str, float]]]:
    """Let the engines take turns at a prompt that is new in each round, after one that nobody counts.

    They take turns at writing too, a few tokens each: whatever else the machine does meanwhile meets them all. A pause
    comes before each turn, because threads of the one before may spin on for a while.
    """
    found: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
    for engine in engines.values():
        write(engine, tokens(2, 32), 4)
    for number in range(rounds):
        prompt = tokens(100 + number, PROMPT)
        first: dict[str, float] = {}
        for name, engine in engines.items():
            time.sleep(PAUSE_SECONDS)
            first[name] = engine.ask(do="begin", prompt=prompt, tokens=ANSWER)["seconds"]
        rest = dict.fromkeys(engines, 0.0)
        for _ in range(ANSWER // TURN):
            for name, engine in engines.items():
                time.sleep(PAUSE_SECONDS)
                rest[name] += engine.ask(do="go_on", tokens=TURN)["seconds"]
        for name in engines:
            found[name].append({"prefill": PROMPT / first[name], "decode": (ANSWER - 1) / rest[name]})
        shown = (f"{name} {each[-1]['prefill']:.0f} / {each[-1]['decode']:.1f}" for name, each in found.items())
        progress(f"round {number + 1}, tokens a second: {', '.join(shown)}")
    return found


def write(engine: Engine, prompt: list[int], count: int) -> tuple[float, float, list[int]]:
    """Have ``engine`` write ``count`` tokens; return the seconds to the first and for the others, and the tokens."""
    first = engine.ask(do="begin", prompt=prompt, tokens=count)
    rest = engine.ask(do="go_on", tokens=count - 1)
    return first["seconds"], rest["seconds"], first["ids"] + rest["ids"]


def ratio(found: dict[str, list[dict[str, float]]], of: str, to: str, what: str) -> float:
    """Return the median of the rounds' ratios."""
    pairs = zip(found[of], found[to], strict=True)
    return round(statistics.median(one[what] / other[what] for one, other in pairs), 3)


def compare(folder: Path, rounds: int) -> tuple[dict[str, Any], list[Bar]]:
    """Race the product against the peer and against a loop without a cache."""
    with ExitStack() as stack:
        python = peer_python()
        best, count = best_peer(folder, python, stack)
        engines = {"own": Engine("own", folder, 0, PYTHON), "genai": Engine("genai", folder, 0, python), "best": best}
        for name in ("own", "genai"):
            stack.callback(engines[name].close)
        found = race(engines, rounds)
        uncached = Engine("uncached", folder, threads(), PYTHON)
        stack.callback(uncached.close)
        first, rest, _ = write(uncached, tokens(100, PROMPT), 4)
        engines["uncached"] = uncached
        peaks = {name: engine.ask(do="peak")["peak"] / 1e6 for name, engine in engines.items()}
        loads = {name: round(engine.load, 2) for name, engine in engines.items()}
    found["uncached"] = [{"prefill": PROMPT / first, "decode": 3 / rest}]
    medians = {
        name: {what: round(statistics.median(each[what] for each in list_), 1) for what in ("prefill", "decode")}
        for name, list_ in found.items()
    }
    bars = [
        at_least("decode, against genai as it comes", ratio(found, "own", "genai", "decode"), 1.7),
        at_least("prefill of 512 tokens, against genai as it comes", ratio(found, "own", "genai", "prefill"), 2.0),
        at_least("decode, against genai with its best threads", ratio(found, "own", "best", "decode"), 1.02),
        at_least(
            "prefill of 512 tokens, against genai with its best threads", ratio(found, "own", "best", "prefill"), 1.15
        ),
        at_most("peak memory, against genai with its best threads", round(peaks["own"] / peaks["best"], 3), 0.75),
        at_least(
            "decode, against a loop without a cache",
            round(medians["own"]["decode"] / found["uncached"][0]["decode"], 1),
            3.0,
        ),
    ]
    peaks_mb = {name: round(each) for name, each in peaks.items()}
    results = {"tokens_per_second": medians, "peak_mb": peaks_mb, "load_seconds": loads, "best_threads": count}
    return results | {"uncached_first_token_seconds": round(first, 3)}, bars


def guess(own: Engine, rounds: int) -> tuple[dict[str, Any], list[Bar]]:
    """Write the same answer without guesses and with guesses of which more and more are right."""
    prompt = tokens(7, 128)
    *_, answer = write(own, prompt, 96)
    gains: dict[float, list[float]] = {rate: [] for rate in RATES}
    shares: dict[float, float] = {}
    same = True
    for number in range(rounds):
        plain = own.ask(do="drafted", prompt=prompt, answer=answer, rate=None)
        for rate in RATES:
            read = own.ask(do="drafted", prompt=prompt, answer=answer, rate=rate)
            same = same and plain["same"] and read["same"]
            gains[rate].append(plain["rest"] / read["rest"])
            shares[rate] = read["accepted"] / max(1, read["drafted"])
        progress(f"round {number + 1}, guesses: {', '.join(f'{rate:.0%} x{gains[rate][-1]:.2f}' for rate in RATES)}")
    medians = {rate: round(statistics.median(each), 3) for rate, each in gains.items()}
    bars = [
        at_least("prompt lookup when 60 % of the guesses are right, against none", medians[0.6], 1.4),
        at_least("prompt lookup when no guess is right, against none", medians[0.0], 0.97),
        at_least("all these texts are the one without guesses (1 is yes)", float(same), 1.0),
    ]
    gained = {f"{shares[rate]:.2f}": gain for rate, gain in medians.items()}
    return {"lookup_gain_by_share_right": gained}, bars


def trained(count: int) -> tuple[dict[str, Any], list[Bar]]:
    """Run a trained float32 model: the logits however a prompt is read, and texts with and without guesses.

    ``count`` prompts that repeat parts of themselves are written on.
    """
    drawn = random.Random(9)
    prompts: list[list[int]] = []
    for _ in range(count):
        part = [drawn.randrange(4, 512) for _ in range(drawn.randrange(4, 40))]
        prompts.append(
            [*part, *(drawn.randrange(4, 512) for _ in range(drawn.randrange(10))), *part[: len(part) // 2 + 1]]
        )
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(STORIES / "onnx-genai", Path(scratch) / "stories")
        engine = Engine("own", Path(scratch) / "stories", 0, PYTHON)
        found = engine.ask(do="identical", prompts=prompts, tokens=48)
        # Words only: the model knows its single letters so little that their logits are all alike.
        apart = engine.ask(do="agree", ids=[drawn.randrange(260, 512) for _ in range(200)], chunk=32)
        engine.close()
    share = found["same"] / found["prompts"]
    bars = [
        at_least(f"texts of {count} prompts that are the same with and without prompt lookup", share, 1.0),
        at_most("logits of a prompt read in chunks, with the cache or after another, off", max(apart.values()), 1e-3),
    ]
    return {"lookup_identity": found, "logits_off": apart}, bars


def wake(own: Engine, rounds: int) -> tuple[dict[str, Any], list[Bar]]:
    """Time the first token of questions that share a long beginning: cold, following, and after a restored cache."""
    found: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds):
            ends = [tokens(1000 + 10 * number + each, QUESTION) for each in range(3)]
            file = str(Path(scratch) / "cache")
            found.append(own.ask(do="prefix", shared=tokens(500 + number, PREFIX), ends=ends, file=file))
            shown = ", ".join(f"{name} {seconds:.3f} s" for name, seconds in found[-1].items())
            progress(f"round {number + 1}, prefix: {shown}")
    medians = {name: round(statistics.median(each[name] for each in found), 4) for name in found[0]}
    shares = {
        name: round(statistics.median(each[name] / each["cold"] for each in found), 3)
        for name in ("follow_up", "restored")
    }
    bars = [
        at_most("first token after a shared prefix of 1,500 tokens, against cold", shares["follow_up"], 0.10),
        at_most("the same from a cache saved to disk, loading included", shares["restored"], 0.10),
    ]
    return {"prefix_seconds": medians}, bars


def main() -> None:
    """Print the medians, and their ratios as bars."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two rounds instead of five")
    parser.add_argument("--model", type=Path, help="a folder that random_model.py filled before")
    options = parser.parse_args()
    rounds = 2 if options.quick else 5
    if not random_model.MAKER.is_file() and options.model is None:
        finish("generation", {"skipped": "../shared/tools/make_random_model.py is not here"}, [])
        return
    with model(options.model) as folder:
        results, bars = compare(folder, rounds)
        own = Engine("own", folder, 0, PYTHON)
        parts = [guess(own, rounds), wake(own, rounds)]
        own.close()
    if STORIES.is_dir():
        parts.append(trained(50 if options.quick else 200))
    for more_results, more_bars in parts:
        results |= more_results
        bars += more_bars
    finish("generation", {"rounds": rounds, "threads": threads()} | results, bars)


if __name__ == "__main__":
    main()
