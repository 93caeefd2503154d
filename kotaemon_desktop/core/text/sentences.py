"""Finds the sentences of a text, English and Chinese, without a model: one pass of one regular expression."""

from __future__ import annotations

import re
from collections.abc import Iterator

_CLOSERS = "\"'”’»)\\]」』）】》〉"
_BORDER = re.compile(
    rf"""
      (?P<chinese> [。！？；｡]+ [{_CLOSERS}]* )
    | (?P<western> (?<![.!?…]) [.!?…]+ [{_CLOSERS}]* (?= \s | $ ) )
    | (?P<mixed>   (?<![!?…]) [!?…]+ [{_CLOSERS}]* (?= [\u3400-\u9fff“‘「『（《] ) )
    | (?P<blank>   \n [^\S\n]* \n )
    | (?P<newline> \n )
    """,
    re.VERBOSE,
)
_LIST_ITEM = re.compile(
    r"""[^\S\n]*(?:
        [•‣◦▪■●○·*–—−➢✓\uf0b7-] \s
      | \(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)] \s
      | \d+(?:\.\d+)+ \s
      | [（(]?[一二三四五六七八九十]{1,3}[）)、．.]
      | \d{1,2}[、．]
      | 第[一二三四五六七八九十百千零〇\d]{1,7}[编章节條条款]
      | \#{1,6}\s | \|
    )""",
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.'’-]*[A-Za-z0-9])?$")
_WORD_AFTER = re.compile(r"[\s\"'“‘(\[]*([^\W_]+)")
# Never the end of a sentence: a name or a number follows.
_TITLES = frozenset(
    "mr mrs ms dr prof st sr jr rev gen col lt sgt capt gov sen rep hon no nos vol fig figs eq sec ch pp ed eds cf vs "
    "e.g i.e eg ie viz approx ca dept mt art para al resp incl ref tab app".split()
)
# The end of a sentence only when what follows usually begins one.
_EITHER_WAY = frozenset(
    "etc inc ltd co corp bros a.m p.m u.s u.k u.n e.u ph.d b.c a.d "
    "jan feb mar apr jun jul aug sept sep oct nov dec".split()
)
_STARTERS = frozenset(
    "The This That These Those It He She We You They There Here If In On At For From When While As But And Or So A An "
    "To By With All Each Any Some Our Your His Her Its Their What Who How Why Where Please Note After Before".split()
)
# A line shorter than this share of the page's usual line was not wrapped: it ends there (a heading, a list item).
_WRAPPED_SHARE = 0.6
_CONTEXT = 24  # characters looked at before a full stop; no abbreviation is longer


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence of ``text``, in order, without the white space around it.

    Together the spans hold every character that is not white space. A line break inside a wrapped paragraph, as PDF
    pages have them, does not end a sentence; one before a list item, after a short line or at a blank line does.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for border in _borders(text):
        start = _append(spans, text, start, border)
    _append(spans, text, start, len(text))
    return spans


def opens_item(text: str, at: int) -> bool:
    """Tell whether a list item, a numbered clause or a table row begins at ``at``."""
    return _LIST_ITEM.match(text, at) is not None


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> int:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        first = start + len(piece) - len(piece.lstrip())
        spans.append((first, first + len(stripped)))
    return end


def _borders(text: str) -> Iterator[int]:
    """Yield each position of ``text`` at which one sentence has ended."""
    shortest_wrapped = _usual_line(text) * _WRAPPED_SHARE
    line_start = sentence_start = 0
    for match in _BORDER.finditer(text):
        kind, end = match.lastgroup, match.end()
        if kind in {"blank", "newline"}:
            ends = kind == "blank" or _line_ends(text, line_start, match.start(), shortest_wrapped)
            line_start = end
        elif text.startswith("|", line_start):
            ends = False  # a table row stays whole
        else:
            ends = kind != "western" or _stop_ends(text, match, sentence_start)
        if ends:
            sentence_start = end
            yield end


def _usual_line(text: str) -> float:
    """Return the length of a full line of ``text``: long enough that nine lines in ten are no longer."""
    lengths = sorted(len(line) for line in text.split("\n"))
    return lengths[(len(lengths) * 9) // 10]


def _line_ends(text: str, start: int, end: int, shortest_wrapped: float) -> bool:
    """Tell whether the line break at ``end`` ends a sentence as well."""
    following = text[end + 1 : end + 2]
    if text.startswith("|", start) or opens_item(text, end + 1):
        return True
    if following.islower():
        return False
    return end - start < shortest_wrapped


def _stop_ends(text: str, match: re.Match[str], sentence_start: int) -> bool:
    """Tell whether the western punctuation in ``match`` ends a sentence."""
    after = _WORD_AFTER.match(text, match.end())
    word_after = after[1] if after else ""
    if word_after and word_after[0].islower():
        return False
    if not match[0].startswith(".") or match[0].startswith(".."):
        return True
    begin = max(sentence_start, match.start() - _CONTEXT)
    before = _WORD_BEFORE.search(text[begin : match.start()])
    if before is None:
        return True
    word = before[0]
    whole_sentence = not text[sentence_start : begin + before.start()].strip(" \t\n([（")
    if whole_sentence and (word.isdigit() or len(word) == 1):
        return False  # "1." or "b." opens a list item
    name = word.lower()
    if name in _TITLES:
        return False
    if name in _EITHER_WAY or (len(word) == 1 and word.isupper() and word != "I"):
        return not word_after or word_after in _STARTERS
    return True
