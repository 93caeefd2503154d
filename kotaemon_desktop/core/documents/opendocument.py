"""Reads OpenDocument files in one streaming pass: texts (.odt), presentations (.odp) and spreadsheets (.ods)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.sheet import SheetText
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Encrypted
from kotaemon_desktop.core.records import DocumentHead

_CONTENT = "content.xml"
_PROPERTIES = "meta.xml"
_MANIFEST = "META-INF/manifest.xml"
_FAMILIES = {"presentation": "pptx", "spreadsheet": "xlsx"}
# Not part of the document as it reads: deleted text, form controls, a note's number, who wrote a comment and when,
# descriptions of pictures.
_SILENT = frozenset(
    "{urn:oasis:names:tc:opendocument:xmlns:" + name
    for name in ("text:1.0}tracked-changes", "office:1.0}forms", "text:1.0}note-citation", "svg-compatible:1.0}desc")
) | {"{http://purl.org/dc/elements/1.1/}creator", "{http://purl.org/dc/elements/1.1/}date"}
_MOST_REPEATS = 100  # of a cell or row: the empty rest of a sheet is one row that stands there a million times


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its pages (slides, sheets; a text has one). Raises Encrypted, Damaged, TooLarge."""
    with damage_named(source, etree.XMLSyntaxError), Package(source) as package:
        if package.find(_MANIFEST) and package.xml(_MANIFEST).find(".//{*}encryption-data") is not None:
            raise Encrypted(name=source.name)
        package.check_size([_CONTENT])
        body = _Body()
        package.feed(_CONTENT, body)
        title = package.xml(_PROPERTIES).findtext(".//{*}title") if package.find(_PROPERTIES) else ""
    family = _FAMILIES.get(body.family)
    name = " ".join(plain(title or "").split()) or source.stem
    yield DocumentHead(name, family or "docx", len(body.pages) if family else None)
    for number, flow in enumerate(body.pages, 1):
        yield flow.page(number if family else None)


class _Paragraph:
    """A paragraph under way. Notes and text boxes put paragraphs inside paragraphs."""

    def __init__(self, level: int | None, mark: str) -> None:
        self.words = [mark]
        self.level = level


class _Table:
    """A table under way: its finished rows, the row and the cell that are being filled, how often they are repeated."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.rows: list[list[str]] = []
        self.row: list[str] = []
        self.cell: list[str] = []
        self.row_repeats = self.cell_repeats = 1

    def end_cell(self) -> None:
        self.row += ["\n".join(self.cell)] * self.cell_repeats
        self.cell = []

    def end_row(self) -> None:
        self.rows += [self.row] * (self.row_repeats if any(self.row) else 1)
        self.row = []


class _Body:
    """Receives the XML of the content as it is parsed (an lxml parser target). Owns the pages that it makes of it."""

    def __init__(self) -> None:
        self.family = ""
        self.pages: list[Flow] = []
        self._paragraphs: list[_Paragraph] = []
        self._later: list[str] = []  # notes and boxes in the paragraph under way: they follow it
        self._tables: list[_Table] = []
        self._path: list[str] = []
        self._silent = 0
        self._in_title = 0
        self._item_opens = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._path.append(name)
        if self._silent:
            return
        parent = self._path[-2] if len(self._path) > 1 else ""
        if tag in _SILENT:
            self._silent = len(self._path)
        elif parent == "body":
            self.family = name
            self.pages += [] if name in _FAMILIES else [Flow()]
        elif name == "page" or (name == "table" and parent == "spreadsheet"):
            self.pages.append(Flow())
        if name == "table":
            self._tables.append(_Table(_attribute(attributes, "name")))
        elif name == "frame" and _attribute(attributes, "class") == "title":
            self._in_title = len(self._path)
        elif name == "list-item":
            self._item_opens = True
        elif name in {"p", "h"}:
            self._start_paragraph(name, attributes)
        else:
            self._start_inside(name, attributes)

    def _start_paragraph(self, name: str, attributes: Mapping[str, str]) -> None:
        level = _count(attributes, "outline-level", 10) if name == "h" else None
        if self._in_title:
            level = 1
        self._paragraphs.append(_Paragraph(level, "- " if self._item_opens and level is None else ""))
        self._item_opens = False

    def _start_inside(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in {"table-cell", "covered-table-cell"} and self._tables:
            self._tables[-1].cell_repeats = _count(attributes, "number-columns-repeated")
        elif name == "table-row" and self._tables:
            self._tables[-1].row_repeats = _count(attributes, "number-rows-repeated")
        elif name == "s" and self._paragraphs:
            self._paragraphs[-1].words.append(" " * _count(attributes, "c"))
        elif name in {"tab", "line-break"} and self._paragraphs:
            self._paragraphs[-1].words.append("\t" if name == "tab" else "\n")

    def data(self, data: str) -> None:
        if self._paragraphs and not self._silent:
            self._paragraphs[-1].words.append(data.replace("\n", " "))

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        depth = len(self._path)
        self._path.pop()
        if self._silent:
            if depth == self._silent:
                self._silent = 0
        elif name in {"p", "h"} and self._paragraphs:
            self._end_paragraph(self._paragraphs.pop())
        elif name in {"table-cell", "covered-table-cell"} and self._tables:
            self._tables[-1].end_cell()
        elif name == "table-row" and self._tables:
            self._tables[-1].end_row()
        elif name == "table" and self._tables:
            self._end_table(self._tables.pop())
        elif depth == self._in_title:
            self._in_title = 0

    def close(self) -> None:
        """End the part; lxml asks for it."""

    def _end_paragraph(self, paragraph: _Paragraph) -> None:
        text = plain("".join(paragraph.words)).strip()
        if self._paragraphs:
            self._later.append(text)
        elif self._tables:
            self._tables[-1].cell += [text, *self._later]
            self._later = []
        elif self.pages:
            self.pages[-1].block(text, paragraph.level)
            for each in self._later:
                self.pages[-1].block(each)
            self._later = []

    def _end_table(self, table: _Table) -> None:
        if self._tables:  # a table in a cell
            self._tables[-1].cell.extend(" ".join(cell.replace("\n", " ") for cell in row) for row in table.rows)
        elif self.family == "spreadsheet":
            SheetText(self.pages[-1], table.name).rows(table.rows)
        elif max(map(len, table.rows), default=0) < 2:  # one column: a frame around text
            for row in table.rows:
                for cell in row:
                    self.pages[-1].block(cell)
        else:
            self.pages[-1].rows(table.rows)


def _attribute(attributes: Mapping[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.rpartition("}")[2] == name), "")


def _count(attributes: Mapping[str, str], name: str, most: int = _MOST_REPEATS) -> int:
    """Return a number of times, at least 1 and at most ``most``."""
    value = _attribute(attributes, name)
    return min(most, max(1, int(value))) if value.isdecimal() and len(value) < 10 else 1
