"""Has scanned pages read by text recognition, page by page, after everything that needs none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kotaemon_desktop.core.errors import (
    ComponentCrashed,
    ComponentError,
    ComponentFailed,
    ComponentTimedOut,
    Damaged,
    FileChanged,
    NoText,
    ReadError,
    TooLarge,
)
from kotaemon_desktop.core.events import ImportEvent, ImportFailed, ImportNote, Recognised, Recognising, Waking
from kotaemon_desktop.core.protocols import Clock, Lender, ScanStore, WritableLibrary
from kotaemon_desktop.core.records import ComponentState, Document, PageKind, PageText, RecognisedPage, Scan
from kotaemon_desktop.core.residency.names import OCR, READER
from kotaemon_desktop.core.settings import Settings

_CRASHES = 2  # a host that dies may have been killed from outside; a second death is the page's doing
_PAGES_FAULT = (ComponentTimedOut, ComponentFailed, Damaged, TooLarge)  # the next page may well be read


@dataclass
class _Progress:
    """Counts the pages of one run."""

    started: float
    total: int
    done: int = 0


class Recognition:
    """The part of an import that reads scans. Building it loads nothing. Runs in the importing lane."""

    def __init__(
        self,
        keeper: Lender,
        library: WritableLibrary,
        scans: ScanStore,
        clock: Clock,
        settings: Callable[[], Settings],
        original: Callable[[Document], Path],
    ) -> None:
        """``original`` returns where a document's file is, or raises Unreadable."""
        self._keeper = keeper
        self._scans = scans
        self._clock = clock
        self._settings = settings
        self._library = library
        self._original = original

    def read(self) -> Iterator[ImportEvent]:
        """Yield the events of reading all scanned pages that are wanted.

        Each page is stored before its event, so that a stop loses nothing; what is left stays wanted. A page that
        text recognition cannot read is stored as PageKind.UNREADABLE. When there is no text recognition to be had it
        ends with an ImportNote.
        """
        wanted = self._scans.wanted()
        progress = _Progress(self._clock.monotonic(), sum(len(scan.pages) for scan in wanted))
        for scan in wanted:
            document = self._library.document(scan.document_id)
            if document is None:
                continue
            try:
                yield from self._read_document(document, scan, progress)
            except ReadError as error:  # the file has gone or is another one now: its pages cannot be had
                yield ImportNote(error)
            except ComponentError as error:
                yield ImportNote(error)
                return
            self._scans.forget([scan.document_id])

    def _read_document(self, document: Document, scan: Scan, progress: _Progress) -> Iterator[ImportEvent]:
        file = self._file(document)
        passages = read = 0
        for page in self._pages(file, list(scan.pages)):
            if isinstance(page, Waking):
                yield page
                continue
            self._scans.store(document.id, page)
            progress.done += 1
            passages += len(page.passages)
            read += page.page.kind is PageKind.RECOGNISED
            yield self._event(document, scan, page, progress)
        yield Recognised(document.path, document.id, read, passages)
        yield from self._give_up_if_empty(document)

    def _file(self, document: Document) -> Path:
        file = self._original(document)
        with self._keeper.lease(READER, urgent=False) as lease:
            if lease.call("fingerprint", str(file)) != document.sha256:
                raise FileChanged(name=document.name)
        return file

    def _pages(self, file: Path, left: list[int]) -> Iterator[RecognisedPage | Waking]:
        """Yield every page of ``left``, in order, a fresh host after each failure; an unreadable one says so.

        Raises what is no fault of a page: the file cannot be read at all, or no host can start.
        """
        crashes: Counter[int] = Counter()
        while left:
            status = self._keeper.status(OCR)
            if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
                yield Waking(OCR, status.expected_wake)
            try:
                with self._keeper.lease(OCR, urgent=False) as lease:
                    limit = self._settings().imports.page_seconds
                    stream = lease.stream("recognise", str(file), tuple(left), timeout=limit)
                    with closing(_generator(stream)) as pages:
                        for page in pages:
                            left.pop(0)
                            yield page
            except ComponentCrashed:
                crashes[left[0]] += 1
                if crashes[left[0]] < _CRASHES:
                    continue
                yield _unreadable(left.pop(0))
            except _PAGES_FAULT:
                yield _unreadable(left.pop(0))

    def _event(self, document: Document, scan: Scan, page: RecognisedPage, progress: _Progress) -> Recognising:
        number = page.page.number or 1
        rate = progress.done / max(1e-6, self._clock.monotonic() - progress.started)
        return Recognising(
            path=document.path,
            page=number,
            done=progress.done,
            total=progress.total,
            rate=rate,
            seconds_left=(progress.total - progress.done) / rate,
            document_id=document.id,
            document_done=scan.pages.index(number) + 1,
            document_total=len(scan.pages),
        )

    def _give_up_if_empty(self, document: Document) -> Iterator[ImportEvent]:
        """A document in which there is no text after all has failed: nobody can ask it anything."""
        now = self._library.document(document.id)
        if now is None or now.passages:
            return
        error = no_text(document.name, [kind for _, kind in self._scans.kinds(document.id)])
        self._scans.fail(document.id, error)
        yield ImportFailed(document.path, error)


def no_text(name: str, kinds: Sequence[PageKind]) -> NoText:
    """Return the error for a file whose pages are of ``kinds``."""
    return NoText(name=name, pages=len(kinds), **Counter(kind.value for kind in kinds))


def _unreadable(number: int) -> RecognisedPage:
    return RecognisedPage(PageText(number, "", PageKind.UNREADABLE))


def _generator(items: Iterator[RecognisedPage]) -> Generator[RecognisedPage]:
    yield from items
