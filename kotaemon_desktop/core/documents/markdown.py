"""Reads Markdown: the text as it was written, its headings as the document's outline, front matter for the title."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import FlowPage, Heading, Table, plain
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.documents.text import LARGEST_FILE, decode
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

_FRONT_MATTER = re.compile(r"\A\s*---\n(?P<fields>.*?)\n(?:---|\.\.\.)(?:\n+|\Z)", re.DOTALL)
_FIELD_TITLE = re.compile(r"^title:(.+)$", re.MULTILINE | re.IGNORECASE)
_TABLE = re.compile(r"^(?P<heading>\|[^\n]*\n\|(?=[ :|]*-)[ :|-]++)(?:\n\|[^\n]*)*+$", re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HASHES = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})$")
_NO_PARAGRAPH = re.compile(r"\s*(?:[-*+>|#]|\d+[.)]\s|$)| {4}|\t")


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises TooLarge."""
    text = plain(decode(read_bytes(source, LARGEST_FILE)))
    title = ""
    if front := _FRONT_MATTER.match(text):
        field = _FIELD_TITLE.search(front["fields"])
        title = field[1].strip(" \t\"'") if field else ""
        text = f"{front['fields'].strip()}\n\n{text[front.end() :]}"
    headings = tuple(_headings(text))
    tables = tuple(Table(table.start(), table.end(), table.end("heading")) for table in _TABLE.finditer(text))
    if not title:
        title = next((text[h.start : h.end] for h in headings if h.level == 1), source.stem)
    yield DocumentHead(title, "markdown", None)
    yield FlowPage(PageText(None, text, PageKind.TEXT if text.strip() else PageKind.EMPTY), headings, tables)


def _headings(text: str) -> Iterator[Heading]:
    """Yield the headings of ``text``, of both kinds; what stands in a code fence is none."""
    fence = ""
    before: re.Match[str] | None = None  # the line above, if an underline would make it a heading
    for line in _LINE.finditer(text):
        words = line[0]
        mark = _FENCE.match(words)
        if mark and (not fence or words.strip().startswith(fence)):
            fence = "" if fence else mark[1]
            before = None
        elif fence:
            continue
        elif hashes := _HASHES.match(words):
            start = line.start() + hashes.start(2)
            yield Heading(start, start + len(_without_closing_hashes(hashes[2])), len(hashes[1]))
            before = None
        elif before and (underline := _UNDERLINE.match(words)) and line.start() == before.end() + 1:
            yield Heading(before.start(), before.end(), 1 if "=" in underline[1] else 2)
            before = None
        else:
            before = None if _NO_PARAGRAPH.match(words) else line


def _without_closing_hashes(words: str) -> str:
    """Return a heading without the hashes that may close it, apart from its words by white space."""
    kept = words.rstrip("#")
    return kept.rstrip() if kept != words and kept[-1:].isspace() else words
