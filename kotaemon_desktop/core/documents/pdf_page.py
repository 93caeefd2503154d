"""Reads one PDF page through PDFium: its text in clean lines, its headings, and the way back from text to boxes."""

# pypdfium2 has no type stubs, its raw interface is ctypes.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import ctypes
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from kotaemon_desktop.core.documents.flow import Heading
from kotaemon_desktop.core.records import Box
from kotaemon_desktop.core.text.sentences import opens_item

_LINE = re.compile(r"[^\r\n\ufffe]*[^\r\n\ufffe\s]")
_LEADING_SPACE = re.compile(r"\s*")
_KEPT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u2060\ufeff\uffff]+")
_SAME_LENGTH = str.maketrans({"\xa0": " ", "\t": " ", "\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "➢", "\uf0fc": "✓"})
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_HAN = re.compile(r"[\u2018-\u201d\u2026\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
_LINE_END_HYPHEN = "\ufffe"  # PDFium's mark in place of a hyphen and the line break after it

_PARAGRAPH_GAP = 0.35  # of the line height, more than the usual gap between lines
_OTHER_SIZE = 0.2  # lines whose heights differ by more than this share are no one paragraph
_HEADING_SIZE = 1.15  # times the size of the body text
_OUTER_HEADING_SIZES = (1.7, 1.35)  # levels 1 and 2; what is smaller is level 3
_LONGEST_HEADING = 150
_FEWEST_LETTERS = 2  # in a heading; a single large letter is a formula or an initial
_COLUMN_LINES = 8  # lines before and after that show how wide the column is
_RAGGED = 2.5  # line heights that a full Chinese line may fall short: punctuation is not parted from its word
_CLAUSE_ENDS = "。；：！？"
_UNITS = 1_000_000  # device units across the page: enough digits for a fraction


@dataclass(frozen=True, slots=True)
class Line:
    """A line as PDFium gives it: ``raw[start:end]``, and where it is, in points.

    The page counts as turned so that its text reads to the right and goes on downwards.
    """

    start: int
    end: int
    left: float
    top: float
    right: float
    bottom: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class _Run:
    """``text[clean:clean + length]`` came from ``raw[raw:raw + length]``, which is in line number ``line``."""

    clean: int
    raw: int
    length: int
    line: int


class Frame:
    """Turns PDF coordinates of one page into fractions of the page as it is shown, rotation and crop applied."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        width, height = page.get_size()
        self.width, self.height = max(width, 1.0), max(height, 1.0)
        origin, right, up = (self._device(page, *point) for point in ((0, 0), (self.width, 0), (0, self.height)))
        self._x = (origin[0], (right[0] - origin[0]) / self.width, (up[0] - origin[0]) / self.height)
        self._y = (origin[1], (right[1] - origin[1]) / self.width, (up[1] - origin[1]) / self.height)

    @staticmethod
    def _device(page: pypdfium2.PdfPage, x: float, y: float) -> tuple[float, float]:
        across, down = ctypes.c_int(), ctypes.c_int()
        pdfium.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, x, y, across, down)
        return across.value / _UNITS, down.value / _UNITS

    def box(self, left: float, bottom: float, right: float, top: float) -> Box:
        """Return the shown rectangle of a PDF rectangle; parts of it may lie outside 0..1."""
        # A page turns by quarters: two opposite corners stay opposite corners.
        x0, x_right, x_up = self._x
        y0, y_right, y_up = self._y
        x1, x2 = x0 + x_right * left + x_up * bottom, x0 + x_right * right + x_up * top
        y1, y2 = y0 + y_right * left + y_up * bottom, y0 + y_right * right + y_up * top
        return Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


class PdfPageText:
    """The text of one page and where each character of it is; lives as long as the PDFium page that it was made from.

    The same page always gives the same text, so that offsets stored at import still hold at preview.
    """

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        self._frame = Frame(page)
        self._load(page)
        if self._turn is _downwards:
            # PDFium gives text that reads downwards last line first (PDFium 8149): turn it upright.
            self.close()
            rotation = page.get_rotation()
            page.set_rotation((rotation + 270) % 360)
            self._load(page)
            page.set_rotation(rotation)
        self._lines = [self._line(*ends) for ends in self._ends]
        self._runs: list[_Run] = []
        self._line_starts: list[int] = []
        self.text = self._clean()

    def close(self) -> None:
        self._page.close()

    def sizes(self) -> Counter[float]:
        """Return how many characters are set in lines of each height, in half points."""
        sizes: Counter[float] = Counter()
        for line in self._lines:
            sizes[round(line.height * 2) / 2] += line.end - line.start
        return sizes

    def headings(self, body: float) -> tuple[Heading, ...]:
        """Return the lines set clearly larger than ``body``, the document's usual line height in points."""
        found: list[Heading] = []
        size_before = 0.0
        for line, start in zip(self._lines, self._line_starts, strict=True):
            size = line.height / body if body else 0.0
            words = self._raw[line.start : line.end]
            if size < _HEADING_SIZE or len(words) > _LONGEST_HEADING or sum(map(str.isalpha, words)) < _FEWEST_LETTERS:
                size_before = 0.0
                continue
            end = start + sum(len(kept[0]) for kept in _KEPT.finditer(words))
            if found and abs(size - size_before) < _OTHER_SIZE / 3 and self._goes_on(found[-1].end, start):
                found[-1] = Heading(found[-1].start, end, found[-1].level)
            else:
                level = 1 + sum(size < outer for outer in _OUTER_HEADING_SIZES)
                found.append(Heading(start, end, level))
            size_before = size
        return tuple(found)

    def _goes_on(self, end: int, start: int) -> bool:
        """Tell whether the heading that ends at ``end`` is wrapped and goes on at ``start``."""
        between = self.text[end:start]
        return between in {"", "\n"} or (not between.strip() and self.text[start].islower())

    def boxes(self, start: int, end: int) -> tuple[Box, ...]:
        """Return where ``text[start:end]`` stands on the shown page: one box a line, in the order of the text."""
        by_line: dict[int, Box] = {}
        for line, first, last in self._raw_ranges(start, end):
            for index in range(first, last):
                box = None if self._raw[index].isspace() else self._char_box(index)
                if box is not None:
                    by_line[line] = _union(by_line.get(line, box), box)
        return tuple(_within_page(box) for box in by_line.values())

    def _raw_ranges(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """Yield (line, start, end) of the pieces of raw text that ``text[start:end]`` came from."""
        at = max(0, bisect_right(self._runs, start, key=lambda run: run.clean) - 1)
        for run in self._runs[at:]:
            if run.clean >= end:
                break
            first, last = max(start, run.clean), min(end, run.clean + run.length)
            if first < last:
                yield run.line, run.raw + first - run.clean, run.raw + last - run.clean

    def _char_box(self, index: int) -> Box | None:
        """Return the box of one character, in fractions of the shown page, as high as its font."""
        if self._astral:
            index += bisect_left(self._astral, index)
        if self._shifted:
            index = pdfium.FPDFText_GetCharIndexFromTextIndex(self._page, index)
        rectangle = pdfium.FS_RECTF()
        if index < 0 or not pdfium.FPDFText_GetLooseCharBox(self._page, index, rectangle):
            return None
        return self._frame.box(rectangle.left, rectangle.bottom, rectangle.right, rectangle.top)

    def _load(self, page: pypdfium2.PdfPage) -> None:
        """Take the text from PDFium and find its lines and the direction that they read in."""
        self._page = page.get_textpage()
        self._raw = self._page.get_text_range()
        self._astral = [match.start() for match in _ASTRAL.finditer(self._raw)]  # PDFium counts each of these twice
        # Rare: PDFium has characters without text.
        self._shifted = self._page.count_chars() != len(self._raw) + len(self._astral)
        self._ends: list[tuple[int, int, Box, Box]] = []
        for match in _LINE.finditer(self._raw):
            leading = _LEADING_SPACE.match(match[0])
            start = match.start() + (leading.end() if leading else 0)
            first, last = self._char_box(start), self._char_box(match.end() - 1)
            nowhere = Box(0, 0, 0, 0)
            self._ends.append((start, match.end(), first or last or nowhere, last or first or nowhere))
        self._turn = _turn([(first, last) for *_, first, last in self._ends])

    def _line(self, start: int, end: int, first: Box, last: Box) -> Line:
        box = self._turn(self._in_points(_union(first, last)))
        return Line(start, end, box.left, box.top, box.right, box.bottom)

    def _in_points(self, box: Box) -> Box:
        width, height = self._frame.width, self._frame.height
        return Box(box.left * width, box.top * height, box.right * width, box.bottom * height)

    def _clean(self) -> str:
        """Return the page's text and fill the runs that lead back from it."""
        usual_gap = self._usual_gap()
        parts: list[str] = []
        length = 0
        for at, line in enumerate(self._lines):
            if at:
                parts.append(self._joint(at, usual_gap))
                length += len(parts[-1])
            self._line_starts.append(length)
            for kept in _KEPT.finditer(self._raw, line.start, line.end):
                self._runs.append(_Run(length, kept.start(), len(kept[0]), at))
                parts.append(kept[0].translate(_SAME_LENGTH))
                length += len(kept[0])
        return "".join(parts)

    def _usual_gap(self) -> float:
        pairs = zip(self._lines, self._lines[1:], strict=False)
        gaps = [below.top - above.bottom for above, below in pairs if _below(above, below)]
        return median(gaps) if gaps else 0.0

    def _joint(self, at: int, usual_gap: float) -> str:
        """Return what stands in the clean text between line ``at - 1`` and line ``at``."""
        above, below = self._lines[at - 1], self._lines[at]
        if _LINE_END_HYPHEN in self._raw[above.end : below.start]:
            return ""
        height = min(above.height, below.height)
        goes_down = _below(above, below)
        if goes_down and below.top - above.bottom > usual_gap + height * _PARAGRAPH_GAP:
            return "\n\n"
        if abs(above.height - below.height) > max(above.height, below.height) * _OTHER_SIZE:
            return "\n\n"
        if not (_HAN.match(self._raw[above.end - 1]) or _HAN.match(self._raw[below.start])):
            return "\n"
        # Chinese is wrapped anywhere: a full line and the next one are one run of text, words across them included.
        around = self._lines[max(0, at - _COLUMN_LINES) : at + _COLUMN_LINES]
        margin = max(line.right for line in around if line.left < above.right and above.left < line.right)
        full = above.right >= margin - _RAGGED * height
        indented = goes_down and below.left > above.left + 0.8 * height
        new_item = self._raw[above.end - 1] in _CLAUSE_ENDS and opens_item(self._raw, below.start)
        return "" if full and not indented and not new_item else "\n"


def _below(above: Line, below: Line) -> bool:
    """Tell whether one line follows the other in the same column."""
    return below.top > above.top + above.height / 3 and below.left < above.right and above.left < below.right


def _turn(ends: list[tuple[Box, Box]]) -> Callable[[Box], Box]:
    """Return what turns boxes so that most lines (given by their first and last characters) read to the right."""
    across = sum(last.left - first.left for first, last in ends)
    down = sum(last.top - first.top for first, last in ends)
    if abs(across) >= abs(down):
        return _as_it_is if across >= 0 else _upside_down
    return _downwards if down > 0 else _upwards


def _as_it_is(box: Box) -> Box:
    return box


def _upside_down(box: Box) -> Box:
    return Box(-box.right, -box.bottom, -box.left, -box.top)


def _downwards(box: Box) -> Box:
    return Box(box.top, -box.right, box.bottom, -box.left)


def _upwards(box: Box) -> Box:
    return Box(-box.bottom, box.left, -box.top, box.right)


def _union(one: Box, other: Box) -> Box:
    return Box(
        min(one.left, other.left),
        min(one.top, other.top),
        max(one.right, other.right),
        max(one.bottom, other.bottom),
    )


def _within_page(box: Box) -> Box:
    left, top, right, bottom = (min(1.0, max(0.0, edge)) for edge in (box.left, box.top, box.right, box.bottom))
    return Box(left, top, right, bottom)
