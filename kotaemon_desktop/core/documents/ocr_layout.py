"""Puts the lines that text recognition finds on a page in reading order and makes one text of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from kotaemon_desktop.core.records import Box, PageKind, PageText, RecognisedLine, RecognisedPage
from kotaemon_desktop.core.text.sentences import opens_item

_HAN = re.compile(r"[\u2018-\u201d\u2026\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_CLAUSE_ENDS = "。；：！？"
# All lengths are in heights of a line.
_BLOCK_GAP = 0.9  # more than this between two lines parts blocks
_COLUMN_GAP = 0.8
_NARROWEST_COLUMN = 8
_FULL_LINE = 0.7  # of its column: so wide the middle line of running text is; cells of a table are narrower
_RAGGED = 2.5  # a full line of Chinese falls short by this at most
_SAME_ROW = 0.5  # of the lower line's height


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a line as it was found: its text, and where it stands in points or pixels from the top left.

    ``edges`` are as in RecognisedLine.
    """

    text: str
    box: Box
    edges: tuple[int, ...] = ()

    @property
    def height(self) -> float:
        return self.box.bottom - self.box.top


def lay_out(number: int, words: Sequence[Word], width: float, height: float) -> RecognisedPage:
    """Return page ``number`` (1-based) of ``words``; ``width`` and ``height`` are those of the page."""
    words = [word for word in words if word.text.strip() and word.height > 0]
    unit = median(word.height for word in words) if words else 1.0
    text = ""
    lines: list[RecognisedLine] = []
    for block in _blocks(words, unit):
        text += "\n\n" if text else ""
        for before, word in _joined(block):
            text += before
            box = word.box
            shown = Box(box.left / width, box.top / height, box.right / width, box.bottom / height)
            lines.append(RecognisedLine(len(text), len(text) + len(word.text), shown, word.edges))
            text += word.text
    kind = PageKind.RECOGNISED if text else PageKind.EMPTY
    return RecognisedPage(PageText(number, text, kind), tuple(lines))


def _blocks(words: list[Word], unit: float) -> list[list[Word]]:
    """Cut a page at its white stripes, across and then down, over and over, and return the pieces in reading order."""
    waiting, blocks = [words], list[list[Word]]()
    while waiting:
        piece = waiting.pop()
        parts = _stripes(piece, unit * _BLOCK_GAP, across=True)
        if len(parts) == 1:
            parts = _columns(piece, unit)
        if len(parts) > 1:
            waiting += reversed(parts)
        elif piece:
            blocks.append(piece)
    return blocks


def _stripes(words: list[Word], gap: float, *, across: bool) -> list[list[Word]]:
    """Return ``words`` parted where more than ``gap`` is white over the whole height (or, across, the whole width)."""
    parts: list[list[Word]] = [[]]
    reached = 0.0
    for word in sorted(words, key=lambda word: word.box.top if across else word.box.left):
        start, end = (word.box.top, word.box.bottom) if across else (word.box.left, word.box.right)
        if parts[-1] and start - reached > gap:
            parts.append([])
        reached = max(end, reached)
        parts[-1].append(word)
    return parts


def _columns(words: list[Word], unit: float) -> list[list[Word]]:
    """Return the columns of running text side by side; those of a table are none: the cells of a row stay together."""
    columns = _stripes(words, unit * _COLUMN_GAP, across=False)
    return columns if all(_is_running_text(column, unit) for column in columns) else [words]


def _is_running_text(column: list[Word], unit: float) -> bool:
    if len(column) < 2:
        return False
    width = max(word.box.right for word in column) - min(word.box.left for word in column)
    usual = median(word.box.right - word.box.left for word in column)
    return width >= unit * _NARROWEST_COLUMN and usual >= width * _FULL_LINE


def _joined(block: list[Word]) -> Iterator[tuple[str, Word]]:
    """Yield the words of a block in order, each with what stands before it."""
    right = max(word.box.right for word in block)
    above: Word | None = None
    for row in _rows(block):
        yield ("" if above is None else _line_end(above, row[0], right)), row[0]
        yield from ((" ", word) for word in row[1:])
        above = row[-1]


def _rows(block: list[Word]) -> list[list[Word]]:
    """Return the words of a block row by row, from the left."""
    rows: list[list[Word]] = []
    for word in sorted(block, key=lambda word: word.box.top + word.box.bottom):
        last = rows[-1][-1].box if rows else None
        if last is not None and last.bottom - word.box.top > word.height * _SAME_ROW:
            rows[-1].append(word)
        else:
            rows.append([word])
    return [sorted(row, key=lambda word: word.box.left) for row in rows]


def _line_end(above: Word, below: Word, right: float) -> str:
    """Return what stands between two lines; Chinese is wrapped anywhere, so a full line goes on in the next one."""
    if not (_HAN.match(above.text[-1]) or _HAN.match(below.text)):
        return "\n"
    full = above.box.right >= right - _RAGGED * above.height
    new_item = above.text[-1] in _CLAUSE_ENDS and opens_item(below.text, 0)
    return "" if full and not new_item else "\n"
