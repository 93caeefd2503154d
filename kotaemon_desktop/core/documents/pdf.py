"""Reads PDF files: text through PDFium, and a second reading through pypdf where PDFium finds nothing usable."""

# pypdfium2 has no type stubs, its raw interface is ctypes.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, PdfObject

from kotaemon_desktop.core.documents.flow import FlowPage, plain
from kotaemon_desktop.core.documents.pdf_page import PdfPageText
from kotaemon_desktop.core.errors import Damaged, Encrypted
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

_LOCKED = {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY}
_OBJECTS_SEEN = 2000  # of a page, to tell pictures from text; drawings can have a million
_SCAN_LETTERS = 16  # a page with a picture and fewer letters than this is a scan with a stamp or a page number
_GARBLED_SHARE = 0.3
_TELLING_LENGTH = 40  # characters; shorter texts may well be all symbols
_PROGRAM_PREFIX = re.compile(r"^Microsoft (?:Word|PowerPoint|Excel) - ")
_NO_TITLE = re.compile(
    r"untitled.*|\(?(?:anonymous|unspecified)\)?|.*\.(?:docx?|pdf|tex|dvi|indd|pptx?|xlsx?|rtf|odt|txt)", re.IGNORECASE
)


def open_pdf(path: Path) -> pypdfium2.PdfDocument:
    """Open ``path`` with PDFium; an empty password is tried by itself. Raises Encrypted or Damaged."""
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in _LOCKED:
            raise Encrypted(name=path.name) from error
        raise Damaged(name=path.name, detail=str(error)) from error


def read(path: Path) -> Iterator[DocumentHead | FlowPage]:
    """Yield the document's head, then its pages. Raises Encrypted or Damaged."""
    second = _SecondReading(path)
    try:
        document = open_pdf(path)
    except Damaged:
        yield from second.document()
        return
    with document:
        count = len(document)
        if count == 0:
            raise Damaged(name=path.name, detail="no pages")
        yield DocumentHead(_title(document, path), "pdf", count)
        sizes: Counter[float] = Counter()
        for index in range(count):
            yield _read_page(document, index, sizes, second)


def _title(document: pypdfium2.PdfDocument, path: Path) -> str:
    title = document.get_metadata_dict(skip_empty=True).get("Title", "")
    title = _PROGRAM_PREFIX.sub("", " ".join(plain(title).split()))
    return title if title and not _NO_TITLE.fullmatch(title) else path.stem


def _read_page(document: pypdfium2.PdfDocument, index: int, sizes: Counter[float], second: _SecondReading) -> FlowPage:
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
                return again if again.page.kind is PageKind.TEXT else FlowPage(PageText(index + 1, "", kind))
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
    letters = sum(map(str.isalnum, text[: _SCAN_LETTERS * 20]))
    if letters >= _SCAN_LETTERS:
        return PageKind.TEXT
    if pdfium.FPDF_PAGEOBJ_IMAGE in _object_kinds(page):
        return PageKind.IMAGE
    return PageKind.TEXT if letters else PageKind.EMPTY


def _object_kinds(page: pypdfium2.PdfPage) -> set[int]:
    found: set[int] = set()
    for item in islice(page.get_objects(max_depth=4), _OBJECTS_SEEN):
        found.add(item.type)  # pyright: ignore[reportAttributeAccessIssue]
    return found


def is_garbled(text: str) -> bool:
    """Tell whether most of ``text`` is what a font without a usable character map leaves behind."""
    visible = "".join(text.split())
    if not visible:
        return False
    sample = visible[:5000]
    unknown = sum(c == "\ufffd" or unicodedata.category(c) in {"Co", "Cn", "Cc"} for c in sample)
    if unknown > len(sample) * _GARBLED_SHARE:
        return True
    # Words of any script are mostly letters (with their marks) and digits; a shifted font is mostly signs.
    spoken = sum(unicodedata.category(c)[0] in "LMN" or c in ".·…_-—│|" for c in sample)
    return len(sample) >= _TELLING_LENGTH and spoken < len(sample) * _GARBLED_SHARE


class _SecondReading:
    """Reads with pypdf what PDFium could not. Owns the pypdf reader, opened at the first need, in a reader host."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: PdfReader | None = None
        self._failed = False

    def document(self) -> Iterator[DocumentHead | FlowPage]:
        """Yield the whole document. Raises Encrypted, or Damaged when pypdf cannot open it either."""
        try:
            reader = self._open()
            count = len(reader.pages)
        except (Encrypted, MemoryError):
            raise
        except Exception as error:  # pypdf raises anything at all on damaged files
            raise Damaged(name=self._path.name, detail=_first_line(error)) from error
        if count == 0:
            raise Damaged(name=self._path.name, detail="no pages")
        yield DocumentHead(self._path.stem, "pdf", count)
        for index in range(count):
            yield self.page(index)

    def page(self, index: int) -> FlowPage:
        """Return page ``index`` (0-based), GARBLED without text when pypdf has nothing that can be trusted."""
        text = "" if self._failed else self._text(index)
        kind = PageKind.TEXT if any(map(str.isalnum, text)) and not is_garbled(text) else PageKind.GARBLED
        return FlowPage(PageText(index + 1, text if kind is PageKind.TEXT else "", kind))

    def _text(self, index: int) -> str:
        try:
            page = self._open().pages[index]
            # Without an error pypdf gives garbage for Chinese fonts with predefined character maps (6.x and 7.1).
            return "" if _has_predefined_map(page) else plain(page.extract_text())
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001 - pypdf raises anything at all on damaged files; the page stays unread
            return ""

    def _open(self) -> PdfReader:
        if self._reader is None:
            logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports each flaw of the file
            self._failed = True  # until it has worked
            reader = PdfReader(self._path, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise Encrypted(name=self._path.name)
            self._reader, self._failed = reader, False
        return self._reader


def _has_predefined_map(page: DictionaryObject) -> bool:
    fonts = _dictionary(_dictionary(page.get("/Resources")).get("/Font"))
    for font in map(_dictionary, fonts.values()):
        encoding = font.get("/Encoding")
        if font.get("/Subtype") == "/Type0" and isinstance(encoding, str) and not encoding.startswith("/Identity"):
            return True
    return False


def _dictionary(value: PdfObject | None) -> DictionaryObject:
    value = value.get_object() if value is not None else None
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
