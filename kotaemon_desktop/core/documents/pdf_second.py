"""The second reading of a PDF, through pypdf, of what PDFium could not open or gave no usable text for."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from kotaemon_desktop.core.documents.flow import FlowPage, plain
from kotaemon_desktop.core.documents.garbage import is_garbled
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Damaged, Encrypted
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.records import DocumentHead, PageKind, PageText

if TYPE_CHECKING:
    from pypdf import PdfReader
    from pypdf.generic import DictionaryObject, PdfObject


class SecondReading:
    """Reads with pypdf what PDFium could not. Owns the pypdf reader, opened at the first need, in a reader host."""

    def __init__(self, source: Source) -> None:
        self._source = source
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
            raise Damaged(name=self._source.name, detail=_first_line(error)) from error
        if count == 0:
            raise Damaged(name=self._source.name, detail=Phrase(N_("no pages")))
        yield DocumentHead(self._source.stem, "pdf", count)
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
            from pypdf import PdfReader  # 0.3 s: most files never need it

            logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports each flaw of the file
            self._failed = True  # until it has worked
            reader = PdfReader(
                self._source if isinstance(self._source, Path) else self._source.open("rb"), strict=False
            )
            if reader.is_encrypted and not reader.decrypt(""):
                raise Encrypted(name=self._source.name)
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
    from pypdf.generic import DictionaryObject

    value = value.get_object() if value is not None else None
    return value if isinstance(value, DictionaryObject) else DictionaryObject()


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:200]
