"""Shows documents: where their files are, how their pages look, and where on a page some words stand."""

from __future__ import annotations

from pathlib import Path

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.errors import Unreadable
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.paths import kept_copy
from kotaemon_desktop.core.protocols import Lender
from kotaemon_desktop.core.records import Box, Document, PagePicture
from kotaemon_desktop.core.residency.names import READER
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.scans import Scans


class Previews:
    """Reads original files in reader hosts; lives in the main process, its methods in any thread that may wait."""

    def __init__(self, keeper: Lender, library: Library, scans: Scans, originals: Path) -> None:
        """``originals`` holds the copies that the settings may ask for."""
        self._keeper = keeper
        self._library = library
        self._scans = scans
        self._originals = originals

    def original(self, document: Document) -> Path:
        """Return where the file of ``document`` is: where it was imported from, else its kept copy.

        Raises Unreadable when neither is there any more.
        """
        path = Path(document.path)
        copy = kept_copy(self._originals, path, document.sha256)
        for each in (path, copy):
            if each.is_file():
                return each
        raise Unreadable(name=document.name, detail=str(path))

    def page_picture(self, document_id: int, page: int, width: int) -> PagePicture:
        """Render a page ``width`` pixels wide in a reader host. Blocks; raises ReadError or ComponentError."""
        path = self._file(document_id)
        with self._keeper.lease(READER) as lease:
            return lease.call("render", str(path), page, width)

    def boxes(self, document_id: int, page: int, start: int, end: int) -> tuple[Box, ...]:
        """Return where ``page_text[start:end]`` stands on its page, a box a line. Blocks; errors as page_picture."""
        if lines := self._scans.lines(document_id, page):
            return recognised.boxes(lines, start, end)
        path = self._file(document_id)
        with self._keeper.lease(READER) as lease:
            return lease.call("locate", str(path), page, start, end)

    def _file(self, document_id: int) -> Path:
        document = self._library.document(document_id)
        if document is None:
            raise Unreadable(name="?", detail=Phrase(N_("document {id}"), id=document_id))
        return self.original(document)
