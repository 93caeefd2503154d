"""The sources of an answer, and the page that one of them stands on."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Citation, Document, Hit, Strength
from kotaemon_desktop.core.text.words import query_tokens
from kotaemon_desktop.qt.viewmodels.exchange import place
from kotaemon_desktop.qt.viewmodels.preview import (
    PictureShown,
    PreviewEvent,
    PreviewFailed,
    Target,
    find,
    load,
)
from kotaemon_desktop.qt.viewmodels.snippet import Snippet, snippet
from kotaemon_desktop.qt.viewmodels.source_places import (
    citation_target,
    holds,
    on_page,
    original,
    passage_target,
    thumbnails,
)
from kotaemon_desktop.qt.workers import Job, Lanes

_SHARPEN_MILLISECONDS = 150  # after the last change of size; until then the old picture is stretched
_MOST_PIXELS = 4000  # of a picture's width
_MOST_THUMBNAILS = 12

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
        ``trail_changed()``: there are other places to step through, or another one of them is shown.
        ``thumbnail(int, PagePicture)``: a small picture of one of the :attr:`pages_marked`, after ``trail_changed``.
        ``file_ready(Path, tuple[str, ...])``: where the original of the shown document is, and the command that opens
            it at the shown page, empty where there is none.
        ``failed(Exception)``: the original could not be found.
    """

    sources_changed = Signal(object)
    selected = Signal(int)
    opened = Signal(object)
    previewed = Signal(object)
    trail_changed = Signal()
    thumbnail = Signal(int, object)
    file_ready = Signal(object, object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._sources: tuple[Source, ...] = ()
        self._target: Target | None = None
        self._chosen: Target | None = None  # what was asked for; turning pages and coming back marks it again
        self._cited: tuple[Target, ...] = ()
        self._found: tuple[Target, ...] | None = None  # while words are searched in the document
        self._finding: Job | None = None
        self._picturing: Job | None = None
        self._pictured_pages: tuple[int, ...] = ()
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
    def trail(self) -> tuple[Target, ...]:
        """The places to step through: those of the words searched for, else what the answer cites, else the sources."""
        if self._found is not None:
            return self._found
        return self._cited or tuple(source.target for source in self._sources)

    @property
    def position(self) -> int:
        """Which place of the :attr:`trail` is shown, from 1; 0 for none of them."""
        trail = self.trail
        return trail.index(self._target) + 1 if self._target in trail else 0

    @property
    def pages_marked(self) -> tuple[int, ...]:
        """The pages of the shown document that hold a place of the :attr:`trail`."""
        shown = self._target
        pages = {place.page for place in self.trail if shown is not None and place.document_id == shown.document_id}
        return tuple(sorted(page for page in pages if page is not None))

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
        self._cited = ()
        self.sources_changed.emit(self._sources)
        self.selected.emit(-1)
        self._tell_trail()

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
        self._cited = tuple(map(citation_target, citations))
        self.sources_changed.emit(self._sources)
        self._tell_trail()

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
        """Go ``places`` on in the :attr:`trail` (back when negative), round its ends."""
        trail = self.trail
        if not trail:
            return
        at = self.position - 1 if self.position else (-1 if places > 0 else 0)
        target = trail[(at + places) % len(trail)]
        if self._found is None:
            rows = (row for row, source in enumerate(self._sources) if holds(source.target, target))
            self.selected.emit(next(rows, -1))
        self._open(target)

    def show_page(self, page: int) -> None:
        """Show the first place of the :attr:`trail` on a page of the shown document."""
        shown = self._target
        places = (each for each in self.trail if shown is not None and each.shares_page(on_page(shown, page)))
        if (place := next(places, None)) is not None:
            self._open(place)

    def find(self, words: str) -> None:
        """Look for ``words`` in the shown document and show the next place from the shown page on; blank ends it."""
        if self._finding is not None:
            self._finding.cancel()
        if not words.strip() or self._target is None:
            self._found = None
            self._tell_trail()
            return
        self._finding = self._lanes.call(
            "browsing", partial(find, self._engine, self._target, words), on_result=self._take_found
        )

    def _take_found(self, found: list[Target]) -> None:
        self._found = tuple(found)
        page = self._target.page or 0 if self._target is not None else 0
        place = next((each for each in found if (each.page or 0) >= page), found[0] if found else None)
        if place is not None:
            self._open(place)
        else:
            self._tell_trail()

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
            if self._found is not None and target not in self._found:
                self._found = None
        self._target = target
        self._pictured = False
        self.opened.emit(target)
        self._load()
        self._tell_trail()

    def _tell_trail(self) -> None:
        """Tell where on the trail the preview is, and make the small pages when they are others than before."""
        self.trail_changed.emit()
        pages = self.pages_marked
        key = (self._target.document_id, *pages) if self._target is not None and len(pages) > 1 else ()
        if key == self._pictured_pages:
            return
        self._pictured_pages = key
        if self._picturing is not None:
            self._picturing.cancel()
        if key:
            self._picturing = self._lanes.run(
                "browsing",
                partial(thumbnails, self._engine, key[0], pages[:_MOST_THUMBNAILS]),
                on_event=lambda made: self.thumbnail.emit(*made),
                on_error=lambda error: _log.info("no small pages: %s", error),
            )

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
            partial(
                load, self._engine, self._target, self.trail if self._found is not None else self._cited, self._width
            ),
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
