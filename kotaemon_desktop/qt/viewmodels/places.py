"""The places of the library: all documents, collections, watched folders, and what was removed and can come back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.records import Collection, Document, WatchedFolder
from kotaemon_desktop.qt.viewmodels.documents import DocumentList
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.qt.viewmodels.leaving_out import LeavingOut


class PlaceKind(StrEnum):
    """What a place holds."""

    ALL = "all"
    COLLECTION = "collection"
    FOLDER = "folder"
    REMOVED = "removed"


class Place(msgspec.Struct, frozen=True):
    """One place. ``id`` is that of a collection, ``path`` that of a watched folder, which may be ``away`` just now.

    ``ignored`` are the patterns of what is left out of the folder.
    """

    kind: PlaceKind
    id: int = 0
    name: str = ""
    documents: int = 0
    path: str = ""
    away: bool = False
    ignored: tuple[str, ...] = ()

    def is_same(self, other: Place) -> bool:
        """Whether both are the same place, maybe with another name or number of documents."""
        return (self.kind, self.id, self.path) == (other.kind, other.id, other.path)


EVERYTHING = Place(PlaceKind.ALL)


class _State(msgspec.Struct, frozen=True):
    """What the library said: read in the lane, shown in the GUI thread."""

    place: Place  # the one that was chosen then
    documents: int
    collections: list[Collection]
    folders: list[WatchedFolder]
    removed: list[tuple[Document, float]]
    members: frozenset[int] | None  # of that place, where it is a collection


class Places(QObject):
    """Owns which place is chosen and what the places hold; lives in the GUI thread, works on the browsing lane.

    Signals: ``changed()``: places came, went, were renamed or hold another number of documents. ``chosen()``: another
    place is shown, or the one shown has other members. ``restored()``: removed documents are back.
    ``deleted(str, Callable[[], None])``: a collection of this name is gone, and what to call to have it again.
    ``failed(Exception)``: what a person should know.
    """

    changed = Signal()
    chosen = Signal()
    restored = Signal()
    deleted = Signal(str, object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.all: tuple[Place, ...] = ()
        self.current = EVERYTHING
        self.members: frozenset[int] | None = None
        """The documents of the current collection; None elsewhere."""
        self.removed = DocumentList(self)
        self._away: frozenset[str] = frozenset()
        self._engine = engine
        self._lanes = lanes

    @property
    def collections(self) -> list[Place]:
        return [place for place in self.all if place.kind is PlaceKind.COLLECTION]

    @property
    def folders(self) -> list[Place]:
        """The watched folders."""
        return [place for place in self.all if place.kind is PlaceKind.FOLDER]

    def refresh(self, _result: object = None) -> None:
        """Read again what the places hold; ``changed`` follows."""
        self._lanes.call(
            "browsing", partial(_read, self._engine, self.current), on_result=self._take, on_error=self.failed.emit
        )

    def choose(self, place: Place) -> None:
        """Show the documents of ``place``."""
        if not place.is_same(self.current):
            self.current = place
            self.members = frozenset() if place.kind is PlaceKind.COLLECTION else None
            self.chosen.emit()
            self.refresh()

    # --- what a person can ask for ---------------------------------------------------------------------------------

    def create(self, name: str, documents: Sequence[int] = ()) -> None:
        """Make a collection with these documents."""
        ids = list(documents)

        def make() -> None:
            collection = self._engine.collections.create(name)
            self._engine.collections.add(collection, ids)

        self._do(make)

    def rename(self, place: Place, name: str) -> None:
        """Give a collection another name."""
        self._do(partial(self._engine.collections.rename, place.id, name))

    def delete(self, place: Place) -> None:
        """Delete a collection; its documents stay in the library. ``deleted`` follows, with what brings it back."""

        def delete() -> Callable[[], None]:
            members = self._engine.collections.members(place.id)
            self._engine.collections.delete(place.id)
            return lambda: self.create(place.name, list(members))

        def tell(undo: Callable[[], None]) -> None:
            self.deleted.emit(place.name, undo)
            self.refresh()

        self._lanes.call("browsing", delete, on_result=tell, on_error=self.failed.emit)

    def add(self, place: Place, documents: Sequence[int]) -> None:
        """Put documents into a collection."""
        self._do(partial(self._engine.collections.add, place.id, list(documents)))

    def take_out(self, place: Place, documents: Sequence[int]) -> None:
        """Take documents out of a collection; they stay in the library."""
        self._do(partial(self._engine.collections.take_out, place.id, list(documents)))

    def watch(self, folders: Sequence[Path]) -> None:
        """Watch folders from now on."""
        paths = [str(folder.expanduser().absolute()) for folder in folders]

        def watch() -> None:
            for path in paths:
                self._engine.watched.watch(path)

        self._do(watch)

    def note_away(self, folders: frozenset[str]) -> None:
        """Show which watched folders cannot be reached now."""
        self._away = folders
        self.refresh()

    def stop_watching(self, place: Place) -> None:
        """Watch a folder no more; its documents stay in the library."""
        self._do(partial(self._engine.watched.stop, place.path))

    def leaving_out(self, place: Place, parent: QObject) -> LeavingOut:
        """Return what tries and keeps the patterns of a watched folder."""
        from kotaemon_desktop.qt.viewmodels.leaving_out import LeavingOut  # seldom needed

        made = LeavingOut(self._engine, self._lanes, place, parent)
        made.kept.connect(self.refresh)
        return made

    def restore(self, documents: Sequence[int]) -> None:
        """Bring removed documents back; ``restored`` follows."""
        self._lanes.call(
            "browsing",
            partial(self._engine.library.restore, list(documents)),
            on_result=lambda _result: self.restored.emit(),
            on_error=self.failed.emit,
        )

    def _do(self, work: Callable[[], Any]) -> None:
        self._lanes.call("browsing", work, on_result=self.refresh, on_error=self.failed.emit)

    # --- what the lane says ----------------------------------------------------------------------------------------

    def _take(self, state: _State) -> None:
        places = [Place(PlaceKind.ALL, documents=state.documents)]
        places += [Place(PlaceKind.COLLECTION, each.id, each.name, each.documents) for each in state.collections]
        places += [
            Place(
                PlaceKind.FOLDER,
                name=Path(each.path).name,
                documents=each.documents,
                path=each.path,
                away=each.path in self._away,
                ignored=each.ignored,
            )
            for each in state.folders
        ]
        if state.removed:
            places.append(Place(PlaceKind.REMOVED, documents=len(state.removed)))
        self.all = tuple(places)
        self.removed.show_removed(state.removed)
        current = next((place for place in places if place.is_same(self.current)), places[0])
        gone = not current.is_same(self.current)
        members = None if gone else state.members
        self.current = current
        if gone or (members != self.members and state.place.is_same(current)):
            self.members = members
            self.chosen.emit()
        self.changed.emit()


def _read(engine: Engine, current: Place) -> _State:
    """Read everything at once. Runs in the browsing lane."""
    members = engine.collections.members(current.id) if current.kind is PlaceKind.COLLECTION else None
    return _State(
        place=current,
        documents=engine.library.counts()[0],
        collections=engine.collections.all(),
        folders=engine.watched.all(),
        removed=engine.library.removed(),
        members=members,
    )
