"""Reads PowerPoint files: a page a slide, with its tables, charts, diagrams, speaker notes and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from kotaemon_desktop.core.documents import drawing
from kotaemon_desktop.core.documents.archive import damage_named
from kotaemon_desktop.core.documents.flow import Flow, FlowPage, plain
from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MAIN = re.compile(r"presentationml\.(?:presentation|template|slideshow)\.main|powerpoint\..*\.main")
_SECOND_VERSION = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_TITLES = frozenset({"title", "ctrTitle"})
_FURNITURE = frozenset({"dt", "ftr", "hdr", "sldNum", "sldImg"})  # on each slide the same, or no words at all
_SHAPES = (f"{_P}sp", f"{_P}graphicFrame", f"{_P}pic", f"{_P}cxnSp")


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the presentation's head, then a page for each slide. Raises Encrypted, Damaged or TooLarge."""
    with damage_named(source, etree.XMLSyntaxError), Package(source) as package:
        package.check_size(name for name in package.names() if name.endswith((".xml", ".rels")))
        slides = _slides(package)
        if not slides:
            raise Damaged(name=source.name, detail=Phrase(N_("no slides")))
        yield DocumentHead(_title(package) or source.stem, "pptx", len(slides))
        for number, name in enumerate(slides, 1):
            yield _slide(package, name, number)


def _slides(package: Package) -> list[str]:
    """Return the names of the slides in the order in which they are shown."""
    main = next((name for kind, name in package.content_types() if _MAIN.search(kind)), None)
    if main is None:
        return []
    relations = package.relations(main)
    ids = (item.get(_R_ID, "") for item in package.xml(main).iterfind(f"{_P}sldIdLst/{_P}sldId"))
    return [relations[each].target for each in ids if each in relations]


def _title(package: Package) -> str:
    for name in package.related("", "core-properties"):
        return " ".join(plain(package.xml(name).findtext("{http://purl.org/dc/elements/1.1/}title", "")).split())
    return ""


def _slide(package: Package, name: str, number: int) -> FlowPage:
    tree = package.xml(name)
    etree.strip_elements(tree, _SECOND_VERSION, with_tail=False)
    flow = Flow()
    shapes = [shape for shape in tree.iter(*_SHAPES) if _placeholder(shape) not in _FURNITURE]
    for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in _TITLES):  # the title is read first
        _add_shape(flow, shape, package, name)
    for notes in package.related(name, "notesSlide"):
        for shape in package.xml(notes).iter(f"{_P}sp"):
            if _placeholder(shape) not in _FURNITURE:
                flow.block(drawing.shape_text(shape))
    for comments in package.related(name, "comments"):
        for text in package.xml(comments).iter("{*}text"):
            flow.block(plain(text.text or ""))
    page = flow.page(number)
    if page.page.kind is PageKind.EMPTY and tree.find(f".//{_A}blip") is not None:
        return FlowPage(PageText(number, "", PageKind.IMAGE))
    return page


def _placeholder(shape: Element) -> str:
    """Return what a shape is for, "" for a shape of no fixed purpose."""
    mark = shape.find(f"*/{_P}nvPr/{_P}ph")
    return "" if mark is None else mark.get("type", "body")


def _add_shape(flow: Flow, shape: Element, package: Package, slide: str) -> None:
    tables = shape.findall(f".//{_A}tbl")
    for table in tables:
        drawing.add_table(flow, table)
    if not tables:
        flow.block(drawing.shape_text(shape), 1 if _placeholder(shape) in _TITLES else None)
    relations = package.relations(slide) if shape.tag == f"{_P}graphicFrame" else {}
    for element in shape.iter() if relations else ():
        for word, value in element.items():
            # A chart is named by r:id, a diagram's text by r:dm.
            relation = relations.get(value) if word.endswith(("}id", "}dm")) else None
            if relation is not None and relation.kind == "chart":
                drawing.add_chart(flow, package.xml(relation.target))
            elif relation is not None and relation.kind == "diagramData":
                flow.block(drawing.shape_text(package.xml(relation.target)))
