"""The few lines of a passage that a list of sources shows, with the words of the question marked in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kotaemon_desktop.core.text.words import index_tokens

_LENGTH = 220  # characters: a little more than two lines of a wide panel hold
_LEAD = 40  # characters before the first marked word, where the sentence does not begin nearer
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]+|[^\W\u3040-\u30ff\u3400-\u9fff]+")
_RULE = re.compile(r"\|(\s*:?-+:?\s*\|)+")
_BAR = re.compile(r"(?<!\\)\|")
_PREFIX = 3  # letters that a word and its stem share


@dataclass(frozen=True, slots=True)
class Snippet:
    """``text`` on one line; ``marked`` are the (start, end) of words of the question."""

    text: str
    marked: tuple[tuple[int, int], ...]


def snippet(passage: str, tokens: frozenset[str]) -> Snippet:
    """Cut the part out of ``passage`` that holds most of ``tokens`` (search words of the question)."""
    text = " ".join(" ".join(_cells(line) for line in passage.splitlines()).split())
    marked = _marked(text, tokens)
    start = _start(text, marked)
    end = min(len(text), start + _LENGTH)
    head, tail = ("…" if start else ""), ("…" if end < len(text) else "")
    shift = len(head) - start
    inside = tuple((s + shift, e + shift) for s, e in marked if s >= start and e <= end)
    return Snippet(head + text[start:end] + tail, inside)


def _cells(line: str) -> str:
    """Return the cells of a table's row as people read them on one line; any other line as it is."""
    if not (line.startswith("|") and line.endswith("|")):
        return line
    if _RULE.fullmatch(line):
        return ""
    return " · ".join(cell for each in _BAR.split(line) if (cell := each.strip().replace("\\|", "|")))


def _marked(text: str, tokens: frozenset[str]) -> list[tuple[int, int]]:
    prefixes = {token[:_PREFIX] for token in tokens}
    ranges: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = match[0].lower()
        if word[0] >= "\u3040" and not word.isascii():
            ranges += _marked_pairs(word, match.start(), tokens)
        # Asking for each word's stem would take longer than a frame: only those that may match are asked for.
        elif word[:_PREFIX] in prefixes and not tokens.isdisjoint(index_tokens(word)):
            ranges.append(match.span())
    return ranges


def _marked_pairs(run: str, offset: int, tokens: frozenset[str]) -> list[tuple[int, int]]:
    """Return the stretches of a run of Chinese that are covered by pairs in ``tokens``."""
    ranges: list[tuple[int, int]] = []
    for at in range(len(run)):
        if run[at : at + 2] in tokens:
            start, end = offset + at, offset + min(at + 2, len(run))
            if ranges and ranges[-1][1] >= start:
                start = ranges.pop()[0]
            ranges.append((start, end))
    return ranges


def _start(text: str, marked: list[tuple[int, int]]) -> int:
    """Return where to begin so that most different marked words are in sight, at a sentence or word if one is near."""
    if not marked or len(text) <= _LENGTH:
        return 0
    first = max(
        (start for start, _end in marked),
        key=lambda at: len({text[s:e].lower() for s, e in marked if at <= s and e <= at + _LENGTH - _LEAD}),
    )
    begin = max(0, first - _LEAD)
    if begin == 0:
        return 0
    lead = text[begin:first]
    sentence = max(lead.rfind(mark) + len(mark) for mark in (". ", "。", "? ", "! ", "；"))
    if sentence > 1:
        return begin + sentence + len(lead[sentence:]) - len(lead[sentence:].lstrip())
    return begin + lead.find(" ") + 1
