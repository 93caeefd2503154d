"""The import report of one document: what reading each page gave, and what can still be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.records import PICTURED, Document, PageKind
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.workers import Lanes

WORDS = {
    PageKind.TEXT: N_("text"),
    PageKind.RECOGNISED: N_("read by text recognition"),
    PageKind.IMAGE: N_("a picture: not read"),
    PageKind.GARBLED: N_("letters that cannot be told: not read"),
    PageKind.EMPTY: N_("empty"),
    PageKind.ENCRYPTED: N_("protected by a password"),
    PageKind.UNREADABLE: N_("cannot be read"),
}


@dataclass(frozen=True, slots=True)
class PageRun:
    """Pages ``first`` to ``last`` that are alike; both None in a document without pages."""

    first: int | None
    last: int | None
    kind: PageKind


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of a document's pages. ``scans`` of them text recognition could read, if it is ``installed``."""

    document: Document
    runs: tuple[PageRun, ...]
    scans: int
    installed: bool

    @property
    def trouble(self) -> bool:
        """Whether something in the document could not be read."""
        return any(run.kind not in {PageKind.TEXT, PageKind.RECOGNISED, PageKind.EMPTY} for run in self.runs)


class ReportModel(QObject):
    """Owns which document's report is shown and keeps it up to date; GUI thread, the library is read in a lane.

    Signals: ``changed(Report)``. ``gone()``: the document is not in the library any more.
    """

    changed = Signal(object)
    gone = Signal()

    def __init__(self, engine: Engine, lanes: Lanes, library: LibraryModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._library = library
        self._document_id = 0
        library.documents_changed.connect(self.refresh)

    def open(self, document_id: int) -> None:
        """Show the report of another document."""
        self._document_id = document_id
        self.refresh()

    def close(self) -> None:
        """Stop following the document."""
        self._document_id = 0

    def refresh(self) -> None:
        """Look again."""
        if self._document_id:
            self._lanes.call(
                "browsing",
                partial(load, self._engine, self._document_id),
                on_result=self._take,
                on_error=self._library.failed.emit,
            )

    def read_scans(self) -> None:
        """Have the document's scanned pages read."""
        self._library.read_scans([self._document_id])

    def _take(self, report: Report | None) -> None:
        if report is None:
            self.gone.emit()
        elif report.document.id == self._document_id:
            self.changed.emit(report)


def load(engine: Engine, document_id: int) -> Report | None:
    """Read the report of a document; None when it is gone. Runs in the browsing lane."""
    document = engine.library.document(document_id)
    if document is None:
        return None
    pages = engine.scans.kinds(document_id)
    readable = {PageKind.IMAGE, PageKind.GARBLED, PageKind.UNREADABLE} if document.kind in PICTURED else set()
    scans = sum(kind in readable for _, kind in pages)
    return Report(document, runs(pages), scans, recognised.installed())


def runs(pages: Sequence[tuple[int | None, PageKind]]) -> tuple[PageRun, ...]:
    """Return ``pages`` with neighbours of the same kind as one."""
    found: list[PageRun] = []
    for number, kind in pages:
        if found and found[-1].kind is kind and number is not None and found[-1].last == number - 1:
            found[-1] = PageRun(found[-1].first, number, kind)
        else:
            found.append(PageRun(number, number, kind))
    return tuple(found)
