"""Reads the text of drawings in Office files: shapes, tables, charts and diagrams."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from kotaemon_desktop.core.documents.flow import Flow, plain

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_SIGNS = {f"{_A}br": "\n", f"{_A}tab": "\t"}


def paragraphs(element: Element) -> Iterator[str]:
    """Yield the text of each paragraph inside ``element``, in order, empty ones left out."""
    for paragraph in element.iter(f"{_A}p"):
        if text := _paragraph(paragraph):
            yield text


def shape_text(element: Element) -> str:
    """Return all text inside ``element``, a line a paragraph."""
    return "\n".join(paragraphs(element))


def add_table(flow: Flow, table: Element) -> None:
    """Add the rows of an ``a:tbl``; the cells that a merged one covers are empty."""
    flow.rows([[shape_text(cell) for cell in row.iterfind(f"{_A}tc")] for row in table.iterfind(f"{_A}tr")])


def add_chart(flow: Flow, chart: Element) -> None:
    """Add a chart's titles, and the numbers behind it as a table: a row a category, a column a series."""
    for title in chart.iter(f"{_C}title"):
        flow.block(shape_text(title))
    series = list(chart.iter(f"{_C}ser"))
    names = [" ".join(_points(one.find(f"{_C}tx")).values()) for one in series]
    values = [_points(one.find(f"{_C}val")) or _points(one.find(f"{_C}yVal")) for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories |= _points(one.find(f"{_C}cat")) or _points(one.find(f"{_C}xVal"))
    rows = [["", *names]] if any(names) else []
    places = sorted(set(categories).union(*values))
    flow.rows(rows + [[categories.get(at, ""), *(value.get(at, "") for value in values)] for at in places])


def _paragraph(paragraph: Element) -> str:
    words: list[str] = []
    for item in paragraph.iter(f"{_A}t", *_SIGNS):
        tag = str(item.tag)
        words.append(_SIGNS.get(tag) or item.text or "")
    return plain("".join(words)).strip()


def _points(place: Element | None) -> dict[int, str]:
    """Return the texts or numbers that a chart keeps at ``place``, by their index."""
    found: dict[int, str] = {}
    for point in place.iter(f"{_C}pt") if place is not None else ():
        value = point.findtext(f"{_C}v", "").strip()
        if value:
            found[int(point.get("idx", "0"))] = _number(value)
    return found


def _number(value: str) -> str:
    """Return a number without the noise of its binary form: 8.1999999999999993 is 8.2."""
    try:
        return f"{float(value):.15g}" if "." in value else value
    except ValueError:
        return value
