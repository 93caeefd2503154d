"""Two answers side by side: the way they took, what each found and read, their times, and their words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Final

import msgspec

from kotaemon_desktop.core.records import Trace, TracedHit, TraceLine
from kotaemon_desktop.core.tracing.timeline import timings, total

_WORDS: Final = re.compile(r"[一-鿿]|\w+|\s+|.", re.DOTALL)  # Chinese by characters
_QUOTES: Final = re.compile(r"^> ?", re.MULTILINE)
_TIMES: Final = ("wake", "retrieve", "prefill", "first_piece", "decode")
_COUNTS: Final = ("prompt_tokens", "reused_tokens", "tokens")


class Fate(StrEnum):
    """What became of a passage from the one answer to the other."""

    SAME = "same"
    MOVED = "moved"
    GAINED = "gained"
    LOST = "lost"


class Place(msgspec.Struct, frozen=True):
    """Where a passage stood among those that were found: ``rank`` from 1; ``read`` by the model; ``cited``."""

    rank: int
    score: float
    read: bool = False
    cited: bool = False


class Found(msgspec.Struct, frozen=True):
    """A passage that at least one of the answers found."""

    hit: TracedHit
    left: Place | None
    right: Place | None

    @property
    def fate(self) -> Fate:
        """What became of it."""
        if self.left is None:
            return Fate.GAINED
        if self.right is None:
            return Fate.LOST
        return Fate.SAME if self.left.rank == self.right.rank else Fate.MOVED


class Piece(msgspec.Struct, frozen=True):
    """A piece of text: in both answers, or only ``left`` or ``right``."""

    text: str
    side: str = ""


class Comparison(msgspec.Struct, frozen=True):
    """Two answers. ``facts``, ``times`` (seconds) and ``counts`` hold (left, right) by name; None: not there."""

    left: Trace
    right: Trace
    facts: dict[str, tuple[str, str]]
    found: tuple[Found, ...]
    times: dict[str, tuple[float | None, float | None]]
    counts: dict[str, tuple[float | None, float | None]]
    text: tuple[Piece, ...]


def compare(left: Trace, right: Trace) -> Comparison:
    """Return how two answers differ; ``left`` is the one to start from."""
    sides = (timings(left.lines), timings(right.lines))
    totals: dict[str, tuple[float | None, float | None]] = {"total": (total(left.lines), total(right.lines))}
    facts = (_facts(left), _facts(right))
    return Comparison(
        left,
        right,
        {name: (facts[0].get(name, ""), facts[1].get(name, "")) for name in {**facts[0], **facts[1]}},
        tuple(_found(left, right)),
        _pairs(_TIMES, *sides) | totals,
        _pairs(_COUNTS, *sides) | {"citations": (float(len(_cited(left))), float(len(_cited(right))))},
        tuple(_text(left.answer, right.answer)),
    )


def _facts(trace: Trace) -> dict[str, str]:
    searched = _last(trace, "Rewritten").get("question", "")
    return {
        "question": trace.question,
        "pipeline": _last(trace, "Chosen").get("pipeline", ""),
        "route": trace.route,
        "why": _last(trace, "Routed").get("why", ""),
        "searched": searched,
        "model": trace.model,
        "answered": "yes" if trace.answered else "no",
    }


def _found(left: Trace, right: Trace) -> list[Found]:
    """Return what was found, in the order of the right answer, then what only the left one had."""
    before, after = _places(left), _places(right)
    hits = {hit.passage_id: hit for hit in (*right.hits, *left.hits)}
    return [Found(hit, before.get(number), after.get(number)) for number, hit in hits.items()]


def _places(trace: Trace) -> dict[int, Place]:
    packed = _last(trace, "Packed")
    read = {passage for passage, _tokens in packed.get("used", ())} | set(packed.get("again", ()))
    cited = _cited(trace)
    return {
        hit.passage_id: Place(rank, hit.score, hit.passage_id in read, hit.passage_id in cited)
        for rank, hit in enumerate(trace.hits, 1)
    }


def _cited(trace: Trace) -> list[int]:
    return [each["passage_id"] for each in _last(trace, "Cited").get("citations", ())]


def _last(trace: Trace, event: str) -> TraceLine:
    nothing: TraceLine = {}
    return next((line for line in reversed(trace.lines) if line["event"] == event), nothing)


def _pairs(
    names: Sequence[str], left: Mapping[str, float], right: Mapping[str, float]
) -> dict[str, tuple[float | None, float | None]]:
    return {name: (left.get(name), right.get(name)) for name in names if name in left or name in right}


def _text(left: str, right: str) -> list[Piece]:
    """Return what both say and what one says; the signs before quotes are no words of theirs."""
    before, after = (_WORDS.findall(_QUOTES.sub("", answer)) for answer in (left, right))
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("".join(before[a:b])))
            continue
        pieces.extend(
            Piece("".join(words), side) for words, side in ((before[a:b], "left"), (after[c:d], "right")) if words
        )
    return pieces
