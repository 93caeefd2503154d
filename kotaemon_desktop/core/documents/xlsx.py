"""Reads Excel workbooks (.xlsx, .xlsm) in one streaming pass: a page a sheet, with comments and drawings.

Only cells that are there cost anything. Readers with a grid in memory take half a terabyte for a workbook whose last
cell is XFD1048576 (calamine 0.9, which also refuses workbooks with macro sheets).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from kotaemon_desktop.core.documents import drawing
from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.sheet import SheetText
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.documents.xlsx_values import Values
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead

_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MOST_COLUMNS = 16_384  # of Excel


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the workbook's head, then a page for each sheet. Raises Encrypted, Damaged or TooLarge."""
    with damage_named(source, etree.XMLSyntaxError), Package(source) as package:
        package.check_size(name for name in package.names() if name.endswith((".xml", ".rels")))
        main = _main(package)
        relations = package.relations(main)
        sheets = [
            (sheet.get("name", ""), relations[sheet.get(_R_ID, "")].target)
            for sheet in package.xml(main).iterfind("{*}sheets/{*}sheet")
            if sheet.get(_R_ID, "") in relations
        ]
        if not sheets:
            raise Damaged(name=source.name, detail=Phrase(N_("no sheets")))
        values = Values.of(package, main)
        yield DocumentHead(source.stem, "xlsx", len(sheets))
        for number, (name, part) in enumerate(sheets, 1):
            if len(flow := _sheet(package, part, plain(name), values)):
                yield flow.page(number)


def _main(package: Package) -> str:
    kinds = package.content_types()
    return next((name for kind, name in kinds if "sheet" in kind and "main" in kind), "xl/workbook.xml")


def _sheet(package: Package, part: str, name: str, values: Values) -> Flow:
    flow = Flow()
    body = _Sheet(flow, name, values)
    package.feed(part, body)
    for kind in ("comments", "threadedComment"):
        for comments in package.related(part, kind):
            for comment in package.xml(comments).iter("{*}comment", "{*}threadedComment"):
                words = "".join(text for text in comment.itertext("{*}t", "{*}text"))
                flow.block(f"{comment.get('ref', '')}: {plain(words).strip()}")
    for drawn in package.related(part, "drawing"):
        for paragraph in drawing.paragraphs(package.xml(drawn)):
            flow.block(paragraph)
        for chart in package.related(drawn, "chart"):
            drawing.add_chart(flow, package.xml(chart))
    return flow


class _Sheet:
    """Receives the XML of one sheet as it is parsed (an lxml parser target) and adds its rows to the flow."""

    def __init__(self, flow: Flow, name: str, values: Values) -> None:
        self._values = values
        self._rows = SheetText(flow, name)
        self._row: dict[int, str] = {}  # column -> text
        self._row_number = self._column = 0
        self._kind = self._style = ""
        self._words: list[str] = []  # of the cell under way
        self._in_value = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "row":
            number = attributes.get("r", "")
            wanted = int(number) if number.isdecimal() else self._row_number + 1
            if wanted != self._row_number + 1:
                self._rows.end()  # an empty row between
            self._row_number, self._column, self._row = wanted, 0, {}
        elif name == "c":
            self._column = _column(attributes.get("r", "")) or self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
        elif name in {"v", "t"}:
            self._in_value = True

    def data(self, data: str) -> None:
        if self._in_value:
            self._words.append(data)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        if name in {"v", "t"}:
            self._in_value = False
        elif name == "c" and self._words:
            text = self._values.text("".join(self._words), self._kind, self._style)
            self._words = []
            if text.strip() and self._column <= _MOST_COLUMNS:
                self._row[self._column] = text
        elif name == "row":
            self._rows.row(self._row)
        elif name == "sheetData":
            self._rows.end()

    def close(self) -> None:
        """End the part; lxml asks for it."""


def _column(place: str) -> int:
    """Return the number of the column of a cell's place: 28 for AB7. Of one further out than any, it is not exact."""
    number = 0
    for letter in place:
        if not letter.isalpha() or number > _MOST_COLUMNS:
            break
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number
