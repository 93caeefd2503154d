"""Cuts a page into passages at headings, paragraphs and sentences; every passage is an exact piece of its page."""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from kotaemon_desktop.core.documents.flow import FlowPage, Heading, Table
from kotaemon_desktop.core.records import PassageDraft
from kotaemon_desktop.core.text.sentences import opens_item, sentences
from kotaemon_desktop.core.text.words import index_tokens

_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_HAN_WEIGHT = 3  # a Chinese character says as much as three Latin letters, so Chinese passages are a third as long
_SMALL_SECTION = 1 / 6  # a section below this share of the aimed length joins the one after it
_LARGEST_OVERLAP = 1 / 6  # a sentence longer than this share is not repeated in the next passage
_PARAGRAPH_FROM = 0.7  # from this share of the aimed length on, the end of a paragraph ends the passage
_SOFT_BREAK = re.compile(r"[\n,;:，；：、]\s*|\s+")
_HEADING_JOINT = " › "
_LONGEST_HEADING = 120
_LONGEST_TABLE_HEADING = 300


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never cut again: a sentence, a list item, a table or its row, or a piece of an endless one."""

    start: int
    end: int
    weight: int
    opens_paragraph: bool


class Splitter:
    """Cuts the pages of one document, in order; owns the heading path, which goes on from page to page."""

    def __init__(self, passage_characters: int, name: str = "") -> None:
        """``name`` is what the file is called: keyword search finds every passage of it under those words too."""
        self._aim = passage_characters
        self._name = name
        self._path: list[tuple[int, str]] = []

    def cut(self, flow: FlowPage) -> Iterator[PassageDraft]:
        """Yield the passages of a page in order. They hold every word of it; neighbours may share a sentence."""
        text = flow.page.text
        starts = [table.start for table in flow.tables]
        for start, end, headings in self._sections(text, flow.headings):
            path = self._enter(headings, text)
            tables = flow.tables[bisect_left(starts, start) : bisect_left(starts, end)]
            for first, last in self._pack(self._units(text, start, end, tables)):
                yield self._draft(flow, first, last, path + _row_above(text, tables, first))

    def _sections(self, text: str, headings: tuple[Heading, ...]) -> Iterator[tuple[int, int, list[Heading]]]:
        """Yield (start, end, its headings) of runs of text that a heading opens, small ones joined."""
        smallest = self._aim * _SMALL_SECTION
        start, opening = 0, list[Heading]()
        for heading in headings:
            begin = text.rfind("\n", 0, heading.start) + 1  # with the marks before its words
            if _weight(text[start:begin]) >= smallest:
                yield start, begin, opening
                start, opening = begin, []
            opening.append(heading)
        yield start, len(text), opening

    def _enter(self, headings: list[Heading], text: str) -> list[str]:
        """Go on to the last of ``headings`` and return the path that holds for all text below any of them."""
        paths: list[list[str]] = []
        for heading in headings:
            while self._path and self._path[-1][0] >= heading.level:
                self._path.pop()
            words = " ".join(text[heading.start : heading.end].split())
            self._path.append((heading.level, words[:_LONGEST_HEADING]))
            paths.append([words for _, words in self._path])
        if any(below.level <= above.level for above, below in pairwise(headings)):
            # Several small sections share a passage and none of them speaks for all: what their paths have in common.
            shared = takewhile(lambda words: len(set(words)) == 1, zip(*paths, strict=False))
            return [words[0] for words in shared]
        return [words for _, words in self._path]

    def _units(self, text: str, start: int, end: int, tables: Sequence[Table]) -> list[_Unit]:
        """Return what ``text[start:end]`` is made of; a table that fits in a passage is one unit, or else its rows."""
        units: list[_Unit] = []
        for table in tables:
            units += self._whole_items(text, self._sentences(text, start, table.start))
            weight = _weight(text[table.start : table.end])
            if weight <= self._aim:
                units.append(_Unit(table.start, table.end, weight, opens_paragraph=True))
            else:
                # Rows that are on their own say all that they have to say: none is repeated in the next passage.
                units += (replace(row, opens_paragraph=True) for row in self._sentences(text, table.start, table.end))
            start = table.end
        return units + self._whole_items(text, self._sentences(text, start, end))

    def _sentences(self, text: str, start: int, end: int) -> list[_Unit]:
        section = text[start:end]
        units: list[_Unit] = []
        before = 0
        for first, last in sentences(section):
            opens = "\n\n" in section[before:first]
            for piece_first, piece_last in self._pieces(section, first, last):
                weight = _weight(section[piece_first:piece_last])
                units.append(_Unit(start + piece_first, start + piece_last, weight, opens))
                opens = False
            before = last
        return units

    def _whole_items(self, text: str, units: list[_Unit]) -> list[_Unit]:
        """Return ``units`` with the sentences of a list item as one, where they fit in a passage."""
        whole: list[_Unit] = []
        in_item = False
        for unit in units:
            opens_line = not whole or "\n" in text[whole[-1].end : unit.start]
            if opens_line:
                in_item = opens_item(text, unit.start)
            elif in_item and whole[-1].weight + unit.weight <= self._aim:
                whole[-1] = replace(whole[-1], end=unit.end, weight=whole[-1].weight + unit.weight)
                continue
            whole.append(unit)
        return whole

    def _pieces(self, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield a sentence whole, or, when it is longer than a passage may be, in pieces cut where it hurts least."""
        while _weight(text[first : min(last, first + self._aim + 1)]) > self._aim:
            longest = first + _fitting(text, first, last, self._aim)
            breaks = [m.end() for m in _SOFT_BREAK.finditer(text, first + (longest - first) // 2, longest)]
            cut = breaks[-1] if breaks else longest
            yield first, first + len(text[first:cut].rstrip())
            first = cut
        if first < last:
            yield first, last

    def _pack(self, units: list[_Unit]) -> Iterator[tuple[int, int]]:
        """Yield the (start, end) of passages of about equal length made of whole units."""
        left = sum(unit.weight for unit in units)  # not yet in a finished passage
        first = filled = 0
        for at, unit in enumerate(units):
            aim = left / math.ceil(left / self._aim)
            full = filled + unit.weight > self._aim or filled + unit.weight / 2 > aim
            if first < at and (full or (unit.opens_paragraph and filled > aim * _PARAGRAPH_FROM and aim < left)):
                yield units[first].start, units[at - 1].end
                left -= filled
                first, filled = at, 0
                before = units[at - 1]
                if not unit.opens_paragraph and before.weight <= self._aim * _LARGEST_OVERLAP:
                    first, filled = at - 1, before.weight
                    left += filled
            filled += unit.weight
        if units:
            yield units[first].start, units[-1].end

    def _draft(self, flow: FlowPage, start: int, end: int, path: list[str]) -> PassageDraft:
        text = flow.page.text[start:end]
        above = [words for words in path if words not in text]  # what stands in the passage is not counted twice
        tokens = " ".join(index_tokens("\n".join([self._name, *above, text])))
        return PassageDraft(flow.page.number, start, end, text, _HEADING_JOINT.join(path), tokens)


def _row_above(text: str, tables: Sequence[Table], start: int) -> list[str]:
    """Return the heading row for a passage that begins further down in a table."""
    for table in tables:
        if table.heading_end > table.start and table.heading_end <= start < table.end:
            row = text[table.start : table.heading_end].partition("\n")[0]
            return [row.strip("| ")[:_LONGEST_TABLE_HEADING]]
    return []


def _weight(text: str) -> int:
    """Return the length of ``text`` in Latin characters."""
    return len(text) if text.isascii() else len(text) + (_HAN_WEIGHT - 1) * len(_HAN.findall(text))


def _fitting(text: str, first: int, last: int, limit: int) -> int:
    """Return how many characters from ``first`` on weigh no more than ``limit``; at least one."""
    low, high = 1, min(limit, last - first)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _weight(text[first : first + middle]) <= limit else (low, middle - 1)
    return low
