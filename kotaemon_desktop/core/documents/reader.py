"""The service of a reader host: one document at a time from a file to pages and passages, and pages to look at."""

from __future__ import annotations

import contextlib
import hashlib
import logging
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path

from kotaemon_desktop.core.documents import image_view
from kotaemon_desktop.core.documents.detect import detect
from kotaemon_desktop.core.documents.flow import FlowPage
from kotaemon_desktop.core.documents.formats import plugin_reader, reader
from kotaemon_desktop.core.documents.memory import limit_memory
from kotaemon_desktop.core.documents.pdf_view import PdfView
from kotaemon_desktop.core.documents.sandbox import give_up_rights
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.errors import (
    Damaged,
    KotaemonError,
    NoText,
    NoTextInside,
    TooLarge,
    TooMuchMemory,
    UnknownFormat,
    Unreadable,
)
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.plugins.found import Plugin
from kotaemon_desktop.core.records import PICTURED, Box, DocumentHead, PageKind, PagePicture, ReadPage

_log = logging.getLogger(__name__)

_MOST_CHARACTERS = 20_000_000  # of one document: four times the Bible
_BATCH = 64  # passages in one message


class ReaderService:
    """Reads and shows documents. Lives in a reader host and is called from its one thread: PDFium allows no more."""

    def __init__(self, passage_characters: int, memory_megabytes: int) -> None:
        self._passage_characters = passage_characters
        self._megabytes = memory_megabytes
        self._view = PdfView()
        limit_memory(memory_megabytes)
        give_up_rights()

    def fingerprint(self, path: str) -> str:
        """Return the SHA-256 of a file's content, in hexadecimal. Raises Unreadable.

        Here because OpenSSL, which computes it fastest, would take 3 MB of the window for good.
        """
        with self._trouble_named(Path(path)), Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self, path: str, plugin: Plugin | None = None) -> Iterator[DocumentHead | ReadPage]:
        """Yield the document's head, then its pages in order with their passages, as ``plugin`` reads them if given.

        Pages that only text recognition could read come without passages. Raises a ReadError: EmptyFile, Encrypted,
        Damaged, UnknownFormat, TooLarge, Unreadable, or NoText when not even text recognition would find any; and
        PluginBroken.
        """
        file = Path(path)
        with self._trouble_named(file):
            splitter = Splitter(self._passage_characters, file.stem)
            kinds: Counter[str] = Counter()
            characters = 0
            kind = plugin.name if plugin else detect(file)
            for item in plugin_reader(plugin, file) if plugin else reader(detect(file))(file):
                if isinstance(item, DocumentHead):
                    yield item
                    continue
                kinds[item.page.kind.value] += 1
                characters += len(item.page.text)
                if characters > _MOST_CHARACTERS:
                    most = Phrase(N_("{count} million characters"), count=_MOST_CHARACTERS // 1_000_000)
                    raise TooLarge(name=file.name, limit=most)
                yield from _batches(splitter, item)
            scans = kind in PICTURED and any(kinds[each] for each in PageKind if each.is_scan)
            if not kinds[PageKind.TEXT] and not scans:
                raise (NoText if kind in PICTURED else NoTextInside)(name=file.name, pages=kinds.total(), **kinds)

    def page_count(self, path: str) -> int:
        """Return how many pages a PDF has. Raises as :meth:`render`."""
        file = Path(path)
        with self._trouble_named(file):
            _require_pdf(file)
            return self._view.page_count(file)

    def render(self, path: str, page: int, width: int) -> PagePicture:
        """Return page ``page`` (1-based) of a PDF or a picture, ``width`` pixels wide (less if it would be huge).

        Raises UnknownFormat for other formats, Damaged, Encrypted or Unreadable.
        """
        file = Path(path)
        with self._trouble_named(file):
            if detect(file) == "image":
                return image_view.render(file, page, width)
            _require_pdf(file)
            return self._view.render(file, page, width)

    def locate(self, path: str, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Return where characters ``start`` to ``end`` of a PDF page's text stand on the page, one box a line.

        Empty when the page's text came from the second reading, which knows no places. Raises as :meth:`render`.
        """
        file = Path(path)
        with self._trouble_named(file):
            _require_pdf(file)
            return self._view.locate(file, page, start, end)

    def close(self) -> None:
        """Let go of the PDF that was shown last."""
        self._view.close()

    @contextlib.contextmanager
    def _trouble_named(self, file: Path) -> Generator[None]:
        """Turn what any reader may meet, whatever the format, into an error that names the file."""
        try:
            yield
        except OSError as error:
            raise Unreadable(name=file.name, detail=error.strerror or str(error)) from error
        except MemoryError as error:
            raise TooMuchMemory(name=file.name, limit=f"{self._megabytes} MB") from error
        except KotaemonError:
            raise
        except Exception as error:
            # A fault of a reader or its library: the person has to hear of this file, and the import goes on.
            _log.exception("reading %s failed", file.name)
            raise Damaged(name=file.name, detail=type(error).__name__) from error


def _batches(splitter: Splitter, flow: FlowPage) -> Iterator[ReadPage]:
    """Yield a page with its passages; the text first and the passages in batches when there are many."""
    drafts = splitter.cut(flow)
    batch = tuple(islice(drafts, _BATCH))
    following = next(drafts, None)
    if following is None:
        yield ReadPage(flow.page, batch)
        return
    yield ReadPage(flow.page, ())
    yield ReadPage(None, batch)
    while following is not None:
        batch = (following, *islice(drafts, _BATCH - 1))
        yield ReadPage(None, batch)
        following = next(drafts, None)


def _require_pdf(file: Path) -> None:
    if detect(file) != "pdf":
        raise UnknownFormat(name=file.name)
