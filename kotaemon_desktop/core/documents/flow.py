"""Puts a page's text together from blocks and remembers where its headings are: what readers hand to the splitter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kotaemon_desktop.core.records import PageKind, PageText

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\u2060\ufeff\ufffe\uffff\ud800-\udfff\xad]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading at ``text[start:end]``; ``level`` 1 is the outermost."""

    start: int
    end: int
    level: int


@dataclass(frozen=True, slots=True)
class FlowPage:
    """One page as a reader sees it: its text and the headings in it, in order."""

    page: PageText
    headings: tuple[Heading, ...] = ()


def plain(text: str) -> str:
    """Return ``text`` with line feeds as its only line ends, no white space before them, and nothing unprintable."""
    return _UNPRINTABLE.sub("", "\n".join(map(str.rstrip, text.splitlines())))


class Flow:
    """Owns the text of one page while it grows block by block. Used by one reader, in a reader host."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._headings: list[Heading] = []
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def block(self, text: str, level: int | None = None) -> None:
        """Add a paragraph, or a heading of ``level``, apart from what is before it by an empty line."""
        text = text.strip()
        if not text:
            return
        self._append("\n\n" if self._length else "")
        start = self._length
        self._append(text)
        if level is not None:
            self._headings.append(Heading(start, self._length, level))

    def rows(self, rows: list[list[str]]) -> None:
        """Add a table: one line a row, cells between bars, so that sentences and passages keep rows whole."""
        lines = [
            " | ".join(" ".join(cell.split()) for cell in row) for row in rows if any(cell.strip() for cell in row)
        ]
        self.block("\n".join(f"| {line} |" for line in lines))

    def page(self, number: int | None = None) -> FlowPage:
        """Return what has been added as one page."""
        text = "".join(self._parts)
        kind = PageKind.TEXT if text else PageKind.EMPTY
        return FlowPage(PageText(number, text, kind), tuple(self._headings))

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
