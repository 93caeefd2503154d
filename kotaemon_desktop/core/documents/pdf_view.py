"""Shows PDF pages: pictures of them and the places of their text, for the preview."""

# pypdfium2 has no type stubs, its raw interface is ctypes.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import logging
import math
from pathlib import Path

import pypdfium2

from kotaemon_desktop.core.documents.garbage import is_garbled
from kotaemon_desktop.core.documents.pdf import open_pdf
from kotaemon_desktop.core.documents.pdf_page import PdfPageText
from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import Box, PagePicture

_MOST_PIXELS = 16_000_000  # 64 MB: more than any screen, less than what a hostile page size asks for


class PdfView:
    """Owns the PDF that was shown last and keeps it open, because the next page shown is mostly of the same file."""

    def __init__(self) -> None:
        self._document: pypdfium2.PdfDocument | None = None
        self._shown: tuple[Path, int, int] | None = None  # with time and size: a file may change while it is shown

    def page_count(self, path: Path) -> int:
        return len(self._open(path))

    def render(self, path: Path, number: int, width: int) -> PagePicture:
        """Return page ``number`` (1-based), ``width`` pixels wide or less where the page would be too large."""
        page = self._page(path, number)
        try:
            across, down = page.get_size()
            if across <= 0 or down <= 0:
                raise Damaged(name=path.name, detail=Phrase(N_("page {number} has no size"), number=number))
            scale = min(max(1, width) / across, math.sqrt(_MOST_PIXELS / (across * down)))
            bitmap = page.render(scale=scale, prefer_bgrx=True)
            try:
                return PagePicture(bitmap.width, bitmap.height, bitmap.stride, bytes(bitmap.buffer))
            finally:
                bitmap.close()
        finally:
            page.close()

    def locate(self, path: Path, number: int, start: int, end: int) -> tuple[Box, ...]:
        """Return the boxes of ``text[start:end]`` of page ``number`` (1-based), one a line."""
        page = self._page(path, number)
        try:
            text = PdfPageText(page)
            try:
                # The text of a garbled page was read by pypdf, which knows no places.
                return () if is_garbled(text.text) else text.boxes(start, end)
            finally:
                text.close()
        finally:
            page.close()

    def close(self) -> None:
        if self._document is not None:
            self._document.close()
        self._document = self._shown = None

    def _page(self, path: Path, number: int) -> pypdfium2.PdfPage:
        document = self._open(path)
        if not 1 <= number <= len(document):
            raise Damaged(name=path.name, detail=Phrase(N_("there is no page {number}"), number=number))
        try:
            return document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise Damaged(name=path.name, detail=str(error)) from error

    def _open(self, path: Path) -> pypdfium2.PdfDocument:
        details = path.stat()
        wanted = (path, details.st_mtime_ns, details.st_size)
        if self._document is None or self._shown != wanted:
            self.close()
            self._document = open_pdf(path)
            logging.getLogger("pypdfium2").setLevel(logging.ERROR)  # it warns of each form that it draws in part
            self._document.init_forms()  # what was typed into form fields is drawn too
            self._shown = wanted
        return self._document
