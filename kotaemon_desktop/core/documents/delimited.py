"""Reads tables kept as text: values between commas, semicolons or tabs, a line a row (.csv, .tsv)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from kotaemon_desktop.core.documents.flow import Flow, FlowPage
from kotaemon_desktop.core.documents.sheet import SheetText
from kotaemon_desktop.core.documents.source import Source, read_bytes
from kotaemon_desktop.core.documents.text import LARGEST_FILE, decode
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.records import DocumentHead

_DELIMITERS = ",;\t|"
_SAMPLE = 65536  # characters that decide about the delimiter
_LINES = 20
_QUOTED = re.compile(r'"[^"]*"')
_LARGEST_CELL = 10_000_000  # characters


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head and its one page. Raises TooLarge or Damaged."""
    text = decode(read_bytes(source, LARGEST_FILE))
    flow = Flow()
    csv.field_size_limit(_LARGEST_CELL)
    try:
        SheetText(flow).rows(csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=delimiter(text)))
    except csv.Error as error:
        raise Damaged(name=source.name, detail=str(error)) from error
    yield DocumentHead(source.stem, "xlsx", None)
    yield flow.page()


def delimiter(text: str) -> str:
    """Return the sign that parts the cells: the one of which most of the first lines have as many as the very first."""
    lines = [line for line in _QUOTED.sub("", text[:_SAMPLE]).splitlines() if line.strip()][:_LINES]
    counts = {sign: [line.count(sign) for line in lines] or [0] for sign in _DELIMITERS}
    return max(_DELIMITERS, key=lambda sign: counts[sign].count(counts[sign][0]) if counts[sign][0] else 0)
