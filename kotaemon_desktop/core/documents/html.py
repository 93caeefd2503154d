"""Reads HTML: the words that a person would read, without scripts, menus and page furniture."""

from __future__ import annotations

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.documents.text import LARGEST_FILE, decode_as
from kotaemon_desktop.core.records import DocumentHead

_SILENT = frozenset(
    "script style noscript template svg math canvas iframe object embed head select option datalist button".split()
)
_FURNITURE = frozenset("nav aside footer".split())
_FURNITURE_ROLES = frozenset("navigation banner contentinfo search complementary".split())
_BLOCKS = frozenset(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form "
    "header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_LEVELS = {f"h{level}": level for level in range(1, 7)}
_CHARSET = re.compile(
    rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)|<\?xml[^>]+encoding\s*=\s*[\"']([\w.:-]+)", re.IGNORECASE
)
_CHARSET_WITHIN = 4096
_SPACES = re.compile(r"\s+")
_MAIN_SHARE = 0.3  # the page's main part counts as its content when it holds this share of its text
_LAYOUT_CELL = 400  # characters; a table with a longer cell arranges the page, it is no table of data


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises TooLarge."""
    title, page = parse(decode_html(read_bytes(source, LARGEST_FILE)))
    yield DocumentHead(title or source.stem, "html", None)
    yield page


def parse(markup: str, *, whole: bool = False) -> tuple[str, FlowPage]:
    """Return the title of an HTML text, empty when it has none, and its words; ``whole`` keeps asides and the like."""
    parser = LexborHTMLParser(markup)
    title = parser.css_first("title")
    words = " ".join(plain(title.text()).split()) if title is not None else ""
    page = _page(parser, whole=whole)
    if not words and page.headings:
        words = page.page.text[page.headings[0].start : page.headings[0].end]
    return words, page


def decode_html(data: bytes, declared: str = "") -> str:
    """Return ``data`` as text in the encoding that is declared, inside or as ``declared``, or in the likeliest one."""
    found = _CHARSET.search(data[:_CHARSET_WITHIN])
    return decode_as(data, (found[1] or found[2]).decode("ascii") if found else declared)


def _page(parser: LexborHTMLParser, *, whole: bool) -> FlowPage:
    body = parser.body
    if body is None:
        return Flow().page()
    if whole:
        return _Walk(skip_furniture=False).run(body)
    content = _Walk(skip_furniture=True).run(body)
    for selector in ("main", "[role=main]", "article"):
        found = parser.css(selector)
        if len(found) == 1:
            part = _Walk(skip_furniture=True).run(found[0])
            if len(part.page.text) >= len(content.page.text) * _MAIN_SHARE:
                return part
    return content if content.page.text else _Walk(skip_furniture=False).run(body)


class _Walk:
    """One pass over a part of a page, without recursion (pages nest to any depth). Owns the text that it collects."""

    def __init__(self, *, skip_furniture: bool) -> None:
        self._skip_furniture = skip_furniture
        self._flow = Flow()
        self._words: list[str] = []  # of the paragraph under way
        self._level: int | None = None
        self._preformatted = 0
        self._tables: list[list[list[str]]] = []  # open tables, each a list of rows of cells
        self._outside: list[list[str]] = []  # the paragraphs under way around the open cells

    def run(self, root: LexborNode) -> FlowPage:
        node: LexborNode | None = root
        while node is not None:
            enters = self._open(node)
            child = node.first_child if enters else None
            if child is not None:
                node = child
                continue
            while node is not None:
                if enters:
                    self._close(node)
                enters = True  # its parents were entered
                if node.mem_id == root.mem_id:
                    node = None
                elif node.next is not None:
                    node = node.next
                    break
                else:
                    node = node.parent
        self._end_paragraph()
        return self._flow.page()

    def _open(self, node: LexborNode) -> bool:
        """Take in what begins here; tell whether to go on inside."""
        if node.is_text_node:
            text = node.text_content or ""
            self._words.append(text if self._preformatted else _SPACES.sub(" ", text))
            return False
        if not node.is_element_node or self._is_silent(node):
            return False
        self._open_element(node.tag or "")
        return True

    def _open_element(self, tag: str) -> None:
        if tag in _BLOCKS or tag in _LEVELS:
            self._end_paragraph()
        if tag in _LEVELS:
            self._level = _LEVELS[tag]
        elif tag == "br":
            self._words.append("\n")
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "li":
            self._words.append("- ")
        elif tag == "table":
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag in {"td", "th"} and self._tables:
            self._outside.append(self._words)
            self._words = []

    def _close(self, node: LexborNode) -> None:
        tag = node.tag or ""
        if tag in {"td", "th"} and self._tables and self._outside:
            cell, self._words = "".join(self._words).strip(), self._outside.pop()
            if not self._tables[-1]:
                self._tables[-1].append([])
            self._tables[-1][-1].append(cell)
        elif tag == "table" and self._tables:
            self._end_table(self._tables.pop())
        elif tag in _LEVELS or tag in _BLOCKS:
            self._end_paragraph()
            self._preformatted -= tag == "pre"

    def _is_silent(self, node: LexborNode) -> bool:
        if node.tag in _SILENT:
            return True
        attributes = node.attributes
        if "hidden" in attributes or "display:none" in (attributes.get("style") or "").replace(" ", "").lower():
            return True
        return self._skip_furniture and (node.tag in _FURNITURE or attributes.get("role") in _FURNITURE_ROLES)

    def _end_paragraph(self) -> None:
        if self._outside:  # inside a cell paragraphs are lines
            if self._words and not self._words[-1].endswith("\n"):
                self._words.append("\n")
            return
        text = plain("".join(self._words))
        if not self._preformatted:
            text = "\n".join(line.strip() for line in text.split("\n"))
        self._flow.block(text, self._level)
        self._words, self._level = [], None

    def _end_table(self, rows: list[list[str]]) -> None:
        arranges = any(len(cell) > _LAYOUT_CELL for row in rows for cell in row) or max(map(len, rows), default=0) < 2
        if self._outside:
            self._words.append("\n".join(" ".join(row) for row in rows) + "\n")
        elif arranges:
            for row in rows:
                for cell in row:
                    self._flow.block(plain(cell))
        else:
            self._flow.rows([[plain(cell) for cell in row] for row in rows])
