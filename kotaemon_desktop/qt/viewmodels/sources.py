"""The sources of an answer, and the page that one of them stands on."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import place
from kotaemon_desktop.core.records import Citation, Document, Hit, Strength
from kotaemon_desktop.core.text.words import query_tokens
from kotaemon_desktop.qt.viewmodels.preview import (
    PictureShown,
    PreviewEvent,
    PreviewFailed,
    Target,
    load,
)
from kotaemon_desktop.qt.viewmodels.snippet import Snippet, snippet
from kotaemon_desktop.qt.viewmodels.source_places import citation_target, holds, original, passage_target
from kotaemon_desktop.qt.viewmodels.trail import Trail
from kotaemon_desktop.qt.workers import Job, Lanes

_SHARPEN_MILLISECONDS = 150  # after the last change of size; until then the old picture is stretched
_MOST_PIXELS = 4000  # of a picture's width

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """One row of the list: a passage, how strong it is (None when not known any more), and the [n] that rest on it."""

    passage_id: int
    target: Target
    snippet: Snippet
    strength: Strength | None
    marks: tuple[int, ...] = ()
    recognised: bool = False  # read by text recognition, which may err

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        return place(self.target.name, self.target.page, self.recognised)


class SourcesModel(QObject):
    """Owns the list of sources and the preview's place. GUI thread; pages are read in the browsing lane.

    Signals:
        ``sources_changed(tuple[Source, ...])``: the list.
        ``selected(int)``: the row that the preview belongs to, or -1.
        ``opened(Target)``: another page is being opened.
        ``previewed(PreviewEvent)``: what to show of it.
        ``file_ready(Path, tuple[str, ...])``: where the original of the shown document is, and the command that opens
            it at the shown page, empty where there is none.
        ``failed(Exception)``: the original could not be found.
    """

    sources_changed = Signal(object)
    selected = Signal(int)
    opened = Signal(object)
    previewed = Signal(object)
    file_ready = Signal(object, object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self.trail = Trail(engine, lanes, self)
        self.trail.reached.connect(self._open)
        self._sources: tuple[Source, ...] = ()
        self._target: Target | None = None
        self._chosen: Target | None = None  # what was asked for; turning pages and coming back marks it again
        self._pages: int | None = None  # of the shown document, once it is known
        self._width = 800
        self._asked_width = 0  # of the picture that was asked for last
        self._pictured = False  # the preview is a picture, which another width makes sharper
        self._loading: Job | None = None
        self._sharpening = QTimer(self, interval=_SHARPEN_MILLISECONDS, singleShot=True)
        self._sharpening.timeout.connect(self._load)

    @property
    def sources(self) -> tuple[Source, ...]:
        return self._sources

    @property
    def target(self) -> Target | None:
        return self._target

    @property
    def pages(self) -> int | None:
        """How many pages the shown document has, once that is known."""
        return self._pages

    @property
    def weak_only(self) -> bool:
        """Whether there are sources and none is better than weak."""
        return bool(self._sources) and all(source.strength is Strength.WEAK for source in self._sources)

    @Slot(object, str)
    def show_hits(self, hits: Sequence[Hit], question: str = "") -> None:
        """List ``hits`` as the sources of ``question``; the preview stays until one is chosen."""
        tokens = frozenset(query_tokens(question))
        self._sources = tuple(
            Source(
                hit.passage.id,
                passage_target(hit),
                snippet(hit.passage.text, tokens),
                hit.strength,
                recognised=hit.passage.recognised,
            )
            for hit in hits
        )
        self.sources_changed.emit(self._sources)
        self.selected.emit(-1)
        self.trail.lead([source.target for source in self._sources], ())

    @Slot(object)
    def show_citations(self, citations: Sequence[Citation]) -> None:
        """Mark which sources the answer's [n] rest on; what is not listed (any more) is added."""
        marks: dict[int, tuple[int, ...]] = {}
        for citation in citations:
            marks[citation.passage_id] = (*marks.get(citation.passage_id, ()), citation.number)
        listed = [dataclasses.replace(s, marks=marks.get(s.passage_id, ())) for s in self._sources]
        known = {source.passage_id for source in listed}
        for citation in citations:
            if citation.passage_id not in known:
                known.add(citation.passage_id)
                quote = snippet(citation.quote, frozenset())
                found = marks[citation.passage_id]
                target = citation_target(citation)
                listed.append(Source(citation.passage_id, target, quote, None, found, citation.recognised))
        self._sources = tuple(listed)
        self.sources_changed.emit(self._sources)
        self.trail.lead([source.target for source in self._sources], [citation_target(each) for each in citations])

    @Slot(object)
    def show_citation(self, citation: Citation) -> None:
        """Show the page of ``citation`` with its words marked."""
        rows = (row for row, source in enumerate(self._sources) if source.passage_id == citation.passage_id)
        self.selected.emit(next(rows, -1))
        self._open(citation_target(citation))

    def select(self, row: int) -> None:
        """Show the page of a source with its passage marked."""
        if 0 <= row < len(self._sources):
            self._open(self._sources[row].target)

    @Slot(int)
    def show_document(self, document_id: int) -> None:
        """Show a document of the library from its first page."""
        self.selected.emit(-1)
        self._lanes.call("browsing", partial(self._engine.library.document, document_id), on_result=self._open_document)

    def step(self, places: int) -> None:
        """Go ``places`` on along the trail (back when negative)."""
        target = self.trail.after(places)
        if target is None:
            return
        if not self.trail.searching:
            rows = (row for row, source in enumerate(self._sources) if holds(source.target, target))
            self.selected.emit(next(rows, -1))
        self._open(target)

    def show_page(self, page: int) -> None:
        """Show the first place of the trail on a page of the shown document."""
        if (place := self.trail.on_page(page)) is not None:
            self._open(place)

    def turn(self, pages: int) -> None:
        """Go ``pages`` on (back when negative); the preview keeps within the document."""
        target = self._target
        if target is None or target.page is None:
            return
        page = max(1, min(target.page + pages, self._pages or target.page))
        if page == target.page:
            return
        chosen = self._chosen
        same = chosen is not None and chosen.page == page
        self._go(chosen if chosen and same else dataclasses.replace(target, page=page, start=0, end=0))

    def set_width(self, pixels: int) -> None:
        """Make page pictures ``pixels`` device pixels wide from now on, the shown one soon."""
        pixels = min(pixels, _MOST_PIXELS)
        if pixels != self._width:
            self._width = pixels
            if self._pictured:
                self._sharpening.start()

    def find_file(self) -> None:
        """Look for the original of the shown document; ``file_ready`` or ``failed`` follows."""
        if self._target is not None:
            self._lanes.call(
                "browsing",
                partial(original, self._engine, self._target),
                on_result=lambda found: self.file_ready.emit(*found),
                on_error=self.failed.emit,
            )

    def _open(self, target: Target) -> None:
        coming = self._loading is not None and not self._loading.finished
        if coming and target == self._target:  # a click chooses a row twice: as the current one, and as clicked
            return
        self._chosen = target
        self._go(target)

    def _open_document(self, document: Document | None) -> None:
        if document is not None:
            first = 1 if document.page_count else None
            self._open(Target(document.id, document.name, first))

    def _go(self, target: Target) -> None:
        if self._target is None or self._target.document_id != target.document_id:
            self._pages = None
        self._target = target
        self._pictured = False
        self.opened.emit(target)
        self.trail.show(target)
        self._load()

    def _load(self) -> None:
        """Read the target anew; what an earlier one still brings is dropped."""
        self._sharpening.stop()
        if self._loading is not None:
            self._loading.cancel()
        if self._target is None:
            return
        self._asked_width = self._width
        self._loading = self._lanes.run(
            "browsing",
            partial(load, self._engine, self._target, self.trail.marks, self._width),
            on_event=self._take,
            on_error=self._fail,
        )

    def _take(self, event: PreviewEvent) -> None:
        if not isinstance(event, PreviewFailed):
            self._pages = event.document.page_count
        self._pictured = isinstance(event, PictureShown)
        self.previewed.emit(event)
        if self._pictured and self._width != self._asked_width:
            self._sharpening.start()

    def _fail(self, error: Exception) -> None:
        _log.error("preview: %s", error, exc_info=error)
        self.previewed.emit(PreviewFailed(error))
