"""Reads Word files: everything that a reader of the document sees, in order, in one streaming pass over its parts.

python-docx gives styles and properties; its API skips text boxes, insertions, content controls, fields, notes, headers,
footers and comments, so the text comes from the XML itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.docx_numbering import Numbering
from kotaemon_desktop.core.documents.docx_package import DocxPackage
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.records import DocumentHead

_AFTER_THE_BODY = ("footnotes", "endnotes", "comments", "header", "footer")
# Not part of the document as it reads: what was deleted or moved away, and the second version of a drawing.
_SILENT = frozenset({"del", "moveFrom", "Fallback", "instrText", "delText", "delInstrText"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_OUTLINE_LEVELS = 9


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises Encrypted, Damaged, TooLarge or UnknownFormat."""
    with damage_named(source, etree.XMLSyntaxError), DocxPackage(source) as package:
        flow = Flow()
        levels = package.heading_levels()
        for name in package.of_kind("document"):
            package.feed(name, _Body(flow, levels, _numbering(package)))
        seen: set[str] = set()
        for kind in _AFTER_THE_BODY:
            for name in package.of_kind(kind):
                package.feed(name, _Body(flow, {}, Numbering(), seen))
        page = flow.page()
        title = package.title()
    if not title and page.headings and page.headings[0].start == 0:
        title = page.page.text[: page.headings[0].end]
    yield DocumentHead(" ".join(title.split()) or source.stem, "docx", None)
    yield page


def _numbering(package: DocxPackage) -> Numbering:
    for name in package.of_kind("numbering"):
        return Numbering.read(package.read(name))
    return Numbering()


class _Paragraph:
    """A paragraph under way. Text boxes put paragraphs inside paragraphs."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.style = ""
        self.outline: int | None = None
        self.list_id = ""
        self.list_level = 0


class _Table:
    """A table under way: its finished rows, and the cell that is being filled."""

    def __init__(self) -> None:
        self.rows: list[list[str]] = []
        self.cell: list[str] = []


class _Body:
    """Receives the XML of one part as it is parsed (an lxml parser target) and adds its text to the flow."""

    def __init__(
        self, flow: Flow, levels: Mapping[str, int], numbering: Numbering, seen: set[str] | None = None
    ) -> None:
        self._flow = flow
        self._levels = levels
        self._numbering = numbering
        self._seen = seen  # paragraphs of headers and the like, of which each stands here once
        self._paragraphs: list[_Paragraph] = []
        self._tables: list[_Table] = []
        self._silent = 0
        self._in_text = False
        self._path: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._path.append(name)
        if self._silent or self._is_mark(name):
            return
        if name in _SILENT:
            self._silent = len(self._path)
        elif name == "p" and "drawingml" not in tag:
            self._paragraphs.append(_Paragraph())
        elif name == "t":
            self._in_text = True
        elif name == "tbl":
            self._tables.append(_Table())
        elif name == "tr" and self._tables:
            self._tables[-1].rows.append([])
        elif self._paragraphs:
            self._inside_paragraph(name, attributes)

    def _is_mark(self, name: str) -> bool:
        """Tell whether this is the mark of a deleted paragraph end or row (``rPr/del``), not a deleted text."""
        return name in {"del", "moveFrom"} and len(self._path) > 1 and self._path[-2] in {"rPr", "trPr"}

    def _inside_paragraph(self, name: str, attributes: Mapping[str, str]) -> None:
        paragraph = self._paragraphs[-1]
        parent = self._path[-2] if len(self._path) > 1 else ""
        if name in _SIGNS and parent == "r":
            paragraph.words.append(_SIGNS[name])
        elif name == "pStyle":
            paragraph.style = _value(attributes)
        elif name == "outlineLvl":
            paragraph.outline = _number(attributes, _OUTLINE_LEVELS)
        elif name == "numId":
            paragraph.list_id = _value(attributes)
        elif name == "ilvl":
            paragraph.list_level = _number(attributes, 0)

    def data(self, data: str) -> None:
        if self._in_text and not self._silent and self._paragraphs:
            self._paragraphs[-1].words.append(data)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        depth = len(self._path)
        self._path.pop()
        if self._silent:
            if depth == self._silent:
                self._silent = 0
        elif name == "t":
            self._in_text = False
        elif name == "p" and self._paragraphs and "drawingml" not in tag:
            self._end_paragraph(self._paragraphs.pop())
        elif name == "tc" and self._tables and self._tables[-1].rows:
            table = self._tables[-1]
            table.rows[-1].append("\n".join(table.cell))
            table.cell = []
        elif name == "tbl" and self._tables:
            self._end_table(self._tables.pop())

    def close(self) -> None:
        """End the part; lxml asks for it."""

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = plain("".join(paragraph.words)).strip()
        number = self._numbering.next(paragraph.list_id, paragraph.list_level, paragraph.style) if text else ""
        if not text or (self._seen is not None and text in self._seen):
            return
        if self._seen is not None:
            self._seen.add(text)
        text = f"{number} {text}" if number else text
        if self._tables:
            self._tables[-1].cell.append(text)
            return
        level = self._levels.get(paragraph.style)
        if paragraph.outline is not None:
            level = paragraph.outline + 1 if paragraph.outline < _OUTLINE_LEVELS else None
        self._flow.block(text, level)

    def _end_table(self, table: _Table) -> None:
        if self._tables:  # a table in a cell
            self._tables[-1].cell.extend(" ".join(cell.replace("\n", " ") for cell in row) for row in table.rows)
        elif max(map(len, table.rows), default=0) < 2:  # one column: a frame around text
            for row in table.rows:
                for cell in row:
                    self._flow.block(cell)
        else:
            self._flow.rows(table.rows)


def _value(attributes: Mapping[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.rpartition("}")[2] == "val"), "")


def _number(attributes: Mapping[str, str], default: int) -> int:
    value = _value(attributes)
    return int(value) if value.isdecimal() else default
