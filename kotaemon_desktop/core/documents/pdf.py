"""Reads PDF files: text through PDFium, and a second reading through pypdf where PDFium finds nothing usable."""

# pypdfium2 has no type stubs, its raw interface is ctypes.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from kotaemon_desktop.core.documents.flow import FlowPage, plain
from kotaemon_desktop.core.documents.garbage import is_garbled
from kotaemon_desktop.core.documents.pdf_page import PdfPageText
from kotaemon_desktop.core.documents.pdf_second import SecondReading
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged, Encrypted
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

_LOCKED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
_OBJECTS_SEEN = 2000  # of a page, to tell pictures from text; drawings can have a million
_SCAN_LETTERS = 16  # a page with a picture and fewer letters than this is a scan with a stamp or a page number
_PROGRAM_PREFIX = re.compile(r"^Microsoft (?:Word|PowerPoint|Excel) - ")
_NO_TITLE = re.compile(
    r"untitled.*|\(?(?:anonymous|unspecified)\)?|.*\.(?:docx?|pdf|tex|dvi|indd|pptx?|xlsx?|rtf|odt|txt)", re.IGNORECASE
)


def open_pdf(source: Source) -> pypdfium2.PdfDocument:
    """Open ``source`` with PDFium; an empty password is tried by itself. Raises Encrypted or Damaged."""
    try:
        return pypdfium2.PdfDocument(source if isinstance(source, Path) else source.open("rb"), autoclose=True)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _LOCKED:
            raise Encrypted(name=source.name) from error
        raise Damaged(name=source.name, detail=str(error)) from error


def read(source: Source) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head, then its pages. Raises Encrypted or Damaged."""
    second = SecondReading(source)
    try:
        document = open_pdf(source)
    except Damaged:
        yield from second.document()
        return
    with document:
        count = len(document)
        if count == 0:
            raise Damaged(name=source.name, detail=Phrase(N_("no pages")))
        yield DocumentHead(_title(document, source), "pdf", count)
        sizes: Counter[float] = Counter()
        for index in range(count):
            yield _read_page(document, index, sizes, second)


def _title(document: pypdfium2.PdfDocument, source: Source) -> str:
    title = document.get_metadata_dict(skip_empty=True).get("Title", "")
    title = _PROGRAM_PREFIX.sub("", " ".join(plain(title).split()))
    return title if title and not _NO_TITLE.fullmatch(title) else source.stem


def _read_page(document: pypdfium2.PdfDocument, index: int, sizes: Counter[float], second: SecondReading) -> FlowPage:
    try:
        page = document[index]
    except pypdfium2.PdfiumError:
        return second.page(index)
    try:
        read_text = PdfPageText(page)
        try:
            sizes.update(read_text.sizes())
            kind = _kind(read_text.text, page)
            if kind is PageKind.TEXT:
                return FlowPage(PageText(index + 1, read_text.text, kind), read_text.headings(_body_size(sizes)))
            # pypdf finds no letters in a picture either: ask it only where there is text that PDFium cannot give.
            if kind is PageKind.GARBLED or pdfium.FPDF_PAGEOBJ_TEXT in _object_kinds(page):
                again = second.page(index)
                more = kind is not PageKind.IMAGE or _letters(again.page.text) >= _SCAN_LETTERS
                if again.page.kind is PageKind.TEXT and more:
                    return again
                return FlowPage(PageText(index + 1, "" if kind is PageKind.GARBLED else read_text.text, kind))
            return FlowPage(PageText(index + 1, read_text.text, kind))
        finally:
            read_text.close()
    except pypdfium2.PdfiumError:
        return second.page(index)
    finally:
        page.close()


def _body_size(sizes: Counter[float]) -> float:
    """Return the line height in which the middle character of the text so far is set."""
    middle = sizes.total() / 2
    passed = 0
    for size in sorted(sizes):
        passed += sizes[size]
        if passed >= middle:
            return size
    return 0.0


def _kind(text: str, page: pypdfium2.PdfPage) -> PageKind:
    if is_garbled(text):
        return PageKind.GARBLED
    letters = _letters(text)
    if letters >= _SCAN_LETTERS:
        return PageKind.TEXT
    if pdfium.FPDF_PAGEOBJ_IMAGE in _object_kinds(page):
        return PageKind.IMAGE
    return PageKind.TEXT if letters else PageKind.EMPTY


def _letters(text: str) -> int:
    """Count the letters and digits of ``text``, as far as it matters."""
    return sum(map(str.isalnum, text[: _SCAN_LETTERS * 20]))


def _object_kinds(page: pypdfium2.PdfPage) -> set[int]:
    found: set[int] = set()
    for item in islice(page.get_objects(max_depth=4), _OBJECTS_SEEN):
        found.add(item.type)  # pyright: ignore[reportAttributeAccessIssue]
    return found
