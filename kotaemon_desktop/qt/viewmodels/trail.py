"""The marked places that a reader steps through: cited words, found passages, or words searched in the document."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import PagePicture
from kotaemon_desktop.qt.viewmodels.preview import Target, find
from kotaemon_desktop.qt.viewmodels.source_places import thumbnail
from kotaemon_desktop.qt.workers import Job, Lanes

_MOST_THUMBNAILS = 12

_log = logging.getLogger(__name__)


class Trail(QObject):
    """Owns the places, which of them is shown, and the small pictures of their pages. GUI thread.

    Signals:
        ``changed()``: there are other places, or another one of them is shown.
        ``reached(Target)``: a search has found the place to show next.
        ``thumbnail(int, PagePicture)``: a small picture of one of the :attr:`pages`.
    """

    changed = Signal()
    reached = Signal(object)
    thumbnail = Signal(int, object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._sources: tuple[Target, ...] = ()
        self._cited: tuple[Target, ...] = ()
        self._found: tuple[Target, ...] | None = None  # while words are searched in the document
        self._shown: Target | None = None
        self._finding: Job | None = None
        self._picturing: Job | None = None
        self._pictured: tuple[int, ...] = ()  # document and pages
        self._unpictured: deque[int] = deque()

    @property
    def places(self) -> tuple[Target, ...]:
        """The places of the words searched for, else what the answer cites, else the sources."""
        return self._found if self._found is not None else self._cited or self._sources

    @property
    def marks(self) -> tuple[Target, ...]:
        """Those of the :attr:`places` that are marked together: whole sources would colour the page."""
        return self._found if self._found is not None else self._cited

    @property
    def searching(self) -> bool:
        """Whether the places are those of words searched for."""
        return self._found is not None

    @property
    def position(self) -> int:
        """Which of the :attr:`places` is shown, from 1; 0 for none of them."""
        return self.places.index(self._shown) + 1 if self._shown in self.places else 0

    @property
    def pages(self) -> tuple[int, ...]:
        """The pages of the shown document that hold one of the :attr:`places`."""
        shown = self._shown
        pages = {place.page for place in self.places if shown is not None and place.document_id == shown.document_id}
        return tuple(sorted(page for page in pages if page is not None))

    def lead(self, sources: Sequence[Target], cited: Sequence[Target]) -> None:
        """Lead through other sources, and what the answer cites of them."""
        self._sources, self._cited = tuple(sources), tuple(cited)
        self._tell()

    def show(self, target: Target) -> None:
        """Note that ``target`` is shown; a search ends with the document that it was in."""
        elsewhere = self._shown is not None and self._shown.document_id != target.document_id
        if elsewhere and self._finding is not None:
            self._finding.cancel()
        if elsewhere and self._found is not None and target not in self._found:
            self._found = None
        self._shown = target
        self._tell()

    def after(self, places: int) -> Target | None:
        """Return the place ``places`` on (back when negative), round the ends."""
        if not self.places:
            return None
        at = self.position - 1 if self.position else (-1 if places > 0 else 0)
        return self.places[(at + places) % len(self.places)]

    def on_page(self, page: int) -> Target | None:
        """Return the first place on a page of the shown document."""
        shown = self._shown
        return next(
            (each for each in self.places if shown and (each.document_id, each.page) == (shown.document_id, page)), None
        )

    def find(self, words: str) -> None:
        """Look for ``words`` in the shown document; ``reached`` follows. Blank ends it."""
        if self._finding is not None:
            self._finding.cancel()
        if words.strip() and self._shown is not None:
            look = partial(find, self._engine, self._shown, words)
            self._finding = self._lanes.call("browsing", look, on_result=self._take)
        elif self._found is not None:
            self._found = None
            self._tell()
            if self._shown is not None:
                self.reached.emit(self._shown)  # without the marks

    def _take(self, found: list[Target]) -> None:
        """Go to the next place from the shown page on."""
        self._found = tuple(found)
        page = self._shown.page or 0 if self._shown is not None else 0
        place = next((each for each in found if (each.page or 0) >= page), found[0] if found else None)
        if place is not None:
            self.reached.emit(place)
        else:
            self._tell()

    # --- small pictures ----------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        """Tell of the change, and make small pictures of the pages when they are others than before."""
        self.changed.emit()
        pages = self.pages
        wanted = (self._shown.document_id, *pages) if self._shown is not None and len(pages) > 1 else ()
        if wanted != self._pictured:
            self._pictured = wanted
            self._unpictured = deque(pages[:_MOST_THUMBNAILS] if wanted else ())
            if self._picturing is not None:
                self._picturing.cancel()
            self._picture_next()

    def _picture_next(self) -> None:
        """Make one picture in a job of its own: a page that a person wants to see goes before the rest."""
        if self._unpictured:
            page = self._unpictured.popleft()
            self._picturing = self._lanes.call(
                "browsing",
                partial(thumbnail, self._engine, self._pictured[0], page),
                on_result=partial(self._show_picture, page),
                on_error=lambda error: _log.info("no small pages: %s", error),
            )

    def _show_picture(self, page: int, picture: PagePicture | None) -> None:
        if picture is not None:
            self.thumbnail.emit(page, picture)
            self._picture_next()
