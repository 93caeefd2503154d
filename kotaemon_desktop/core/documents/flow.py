"""Puts a page's text together from blocks and remembers where its headings and tables are, for the splitter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.records import PageKind, PageText

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff\xad]")
# 12, 3.5 %, 2024-05-01, 30 km: an entry of a table, no name of a column; a year may well be one.
_VALUE = re.compile(r"(?!\W*(?:19|20)\d\d\W*$)[^\w]*\d[\d.,:/% -]*[^\W\d]{0,3}[^\w]*")
_LONGEST_NAME = 80  # characters in the heading of a column


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at ``text[start:end]``; ``level`` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table at ``text[start:end]``, a line a row; its heading row is ``text[start:heading_end]``, maybe empty."""

    start: int
    end: int
    heading_end: int


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One page as a reader sees it: its text, and the headings and tables in it, each in order."""

    page: PageText
    headings: tuple[Heading, ...] = ()
    tables: tuple[Table, ...] = ()


def plain(text: str) -> str:
    """Return ``text`` with line feeds as its only line ends, no white space before them, and nothing unprintable."""
    return _UNPRINTABLE.sub("", "\n".join(map(str.rstrip, text.splitlines())))


def has_heading_row(rows: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first of ``rows`` names what stands below: only short texts, and nearly every column has one."""
    if len(rows) < 2:
        return False
    names = [cell.strip() for cell in rows[0] if cell.strip()]
    return (
        len(names) >= 2
        and len(names) + 1 >= sum(1 for cell in rows[1] if cell.strip())
        and not any(len(name) > _LONGEST_NAME or _VALUE.fullmatch(name) for name in names)
    )


class Flow:
    """Owns the text of one page while it grows block by block. Used by one reader, in a reader host."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._headings: list[Heading] = []
        self._tables: list[Table] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def block(self, text: str, level: int | None = None) -> None:
        """Add a paragraph, or a heading of ``level``, apart from what is before it by an empty line."""
        text = text.strip()
        if not text:
            return
        start = self._open_block()
        self._append(text)
        if level is not None:
            self._headings.append(Heading(start, self._length, level))

    def rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Add a table: one line a row, cells between bars, so that sentences and passages keep rows whole."""
        filled = [row for row in rows if any(cell.strip() for cell in row)]
        lines = [f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in filled]
        if not lines:
            return
        start = self._open_block()
        self._append("\n".join(lines))
        heading = len(lines[0]) if has_heading_row(filled) else 0
        self._tables.append(Table(start, self._length, start + heading))

    def page_of(self, page: FlowPage, deeper: int = 0) -> None:
        """Add all of another page, its headings ``deeper`` levels further in."""
        start = self._open_block() if page.page.text else self._length
        self._append(page.page.text)
        self._headings += (Heading(start + h.start, start + h.end, h.level + deeper) for h in page.headings)
        self._tables += (Table(start + t.start, start + t.end, start + t.heading_end) for t in page.tables)

    def page(self, number: int | None = None) -> FlowPage:
        """Return what has been added as one page."""
        text = "".join(self._parts)
        kind = PageKind.TEXT if text else PageKind.EMPTY
        return FlowPage(PageText(number, text, kind), tuple(self._headings), tuple(self._tables))

    def _open_block(self) -> int:
        """Part what comes from what is there, and return where it begins."""
        self._append("\n\n" if self._length else "")
        return self._length

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
