"""What the library panel shows and does: the documents, the import under way, removing and undoing."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer, Signal

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.events import (
    Imported,
    ImportEvent,
    ImportNote,
    Moved,
    Queued,
    Ready,
    Recognised,
    Stored,
)
from kotaemon_desktop.core.records import PICTURED, Document
from kotaemon_desktop.qt.viewmodels.activity import Activity
from kotaemon_desktop.qt.viewmodels.documents import DocumentList
from kotaemon_desktop.qt.viewmodels.entry import Entry
from kotaemon_desktop.qt.viewmodels.folder_watch import FolderWatch
from kotaemon_desktop.qt.viewmodels.import_rows import show_row
from kotaemon_desktop.qt.viewmodels.places import Places
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.pipeline.watching import Look

UNDO_SECONDS = 10
_Step = tuple[ImportEvent, Document | None]


class LibraryModel(QObject):
    """Owns the list of documents and the import jobs; lives in the GUI thread, works on the lanes.

    Signals: ``activity_changed(Activity | None)``: the running import, None when there is none.
    ``documents_changed()``: rows came, went or changed their state. ``removed(int)``: that many rows went and can come
    back until ``undo_closed()``. ``imported(Imported)``: an import came to its end.
    ``scans_offered(int, list[int])``: it left that many scanned pages unread, in these documents.
    ``folders_added(list[Path])``: these are imported and not watched. ``failed(Exception)``: what a person should know.
    """

    activity_changed = Signal(object)
    documents_changed = Signal()
    removed = Signal(int)
    undo_closed = Signal()
    imported = Signal(object)
    scans_offered = Signal(int, object)
    folders_added = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.documents = DocumentList(self)
        self.places = Places(engine, lanes, self)
        self.places.restored.connect(self._reload)
        self.watch = FolderWatch(engine, lanes, self)
        self.watch.found.connect(self._follow_folders)
        self.watch.away_changed.connect(self.places.note_away)
        self.watch.failed.connect(self.failed)
        self.places.changed.connect(lambda: self.watch.follow(frozenset(each.path for each in self.places.folders)))
        self.activity: Activity | None = None
        self.paused = 0
        self._engine = engine
        self._lanes = lanes
        self._imports: dict[Job, tuple[Path, ...]] = {}  # with the paths that each is to import
        self._scanned: dict[int, int] = {}  # documents of this import with pages that could be read, and how many
        self._undoable: list[tuple[int, Entry]] = []
        self._undo_timer = QTimer(self, singleShot=True, interval=UNDO_SECONDS * 1000)
        self._undo_timer.timeout.connect(self._close_undo)

    # --- what a person can ask for ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Show what is stored, then go on with an import that was interrupted."""
        self._reload()
        self.resume()

    def import_(self, paths: Sequence[Path]) -> None:
        """Import files and folders, after what is being imported already."""
        chosen = tuple(paths)
        if chosen:
            self._run(lambda: self._engine.imports.run(chosen), chosen)
            self._lanes.call("browsing", lambda: _unwatched(self._engine, chosen), on_result=self._tell_unwatched)

    def _tell_unwatched(self, folders: list[Path]) -> None:
        if folders:
            self.folders_added.emit(folders)

    def _follow_folders(self, look: Look) -> None:
        self._run(lambda: self._engine.imports.watching.apply(look))

    def close(self) -> None:
        """Look at folders no more."""
        self.watch.stop()

    def read_scans(self, document_ids: Sequence[int]) -> None:
        """Have the scanned pages of these documents read, after what is being imported already."""
        chosen = tuple(document_ids)
        self._run(lambda: self._engine.imports.read_scans(chosen))

    def resume(self) -> None:
        """Go on with what was paused, and make the vectors that an interrupted or cancelled import left out."""
        self.paused = 0
        self._run(self._engine.imports.resume)

    def mend_index(self) -> None:
        """Fill the vector index if a question has found it behind: another one was chosen, or a plugin's has failed."""
        if self._engine.questions.index_behind and not self._imports and not self.paused:
            self._run(self._engine.imports.resume)

    def pause(self) -> None:
        """Stop the running import after its current step; :meth:`resume` goes on with it and with the waiting ones."""
        waiting = [path for paths in list(self._imports.values())[1:] for path in paths]
        self._stop_imports()
        if waiting:
            self._lanes.call(
                "importing",
                lambda: self._engine.imports.later(waiting),
                on_result=_ignore,
                on_error=self.failed.emit,
            )
        self._lanes.call("importing", self._engine.imports.left, on_result=self._note_paused)

    def cancel(self) -> None:
        """Stop the running import and forget the waiting ones. What is stored stays."""
        self._stop_imports()
        self._lanes.call("importing", self._engine.imports.cancel, on_result=_ignore, on_error=self.failed.emit)
        self._note_paused([])

    def _stop_imports(self) -> None:
        for job in list(self._imports):
            job.cancel()
        if self.activity is not None:
            self._show(replace(self.activity, stopping=True, more=0))

    def _note_paused(self, waiting: list[str]) -> None:
        self.paused = len(waiting)
        self.documents.queue(waiting)
        self.documents_changed.emit()

    def remove(self, entries: Sequence[Entry]) -> None:
        """Take documents out of the library; :meth:`undo` brings them back for ``UNDO_SECONDS``."""
        resting = [entry for entry in entries if entry.work is None]
        if not resting:
            return
        ids = [number for entry in resting for number in entry.ids]
        self._undoable = self.documents.remove(entry.path for entry in resting)
        self._lanes.call(
            "browsing", lambda: self._engine.library.remove(ids), on_result=_ignore, on_error=self._put_back
        )
        self.places.refresh()
        self._undo_timer.start()
        self.documents_changed.emit()
        self.removed.emit(len(resting))

    def undo(self) -> None:
        """Bring back what the last :meth:`remove` took away."""
        ids = [number for _row, entry in self._undoable for number in entry.ids]
        self._lanes.call(
            "browsing", lambda: self._engine.library.restore(ids), on_result=self._reload, on_error=self.failed.emit
        )
        self._show_again()

    @property
    def unread(self) -> list[str]:
        """The paths of the files that could not be read and are not being tried again."""
        return [e.path for e in self.documents.entries if e.work is None and (e.failed or e.failure)]

    @property
    def unfinished(self) -> int:
        """How many passages still lack vectors though no import runs."""
        if self._imports:
            return 0
        documents = [entry.document for entry in self.documents.entries if entry.document]
        return sum(max(0, document.passages - document.embedded) for document in documents)

    # --- the import ------------------------------------------------------------------------------------------------

    def _run(self, events: Callable[[], Iterator[ImportEvent]], paths: tuple[Path, ...] = ()) -> None:
        job = self._lanes.run(
            "importing",
            lambda: self._steps(events()),
            on_event=self._take,
            on_done=self._ended,
            on_error=self.failed.emit,
        )
        self._imports[job] = paths
        if self.activity is not None:
            self._show(replace(self.activity, more=self._waiting()))

    def _steps(self, events: Iterator[ImportEvent]) -> Generator[_Step]:
        """Runs in the lane: add to an event what the library knows of its document."""
        with closing(cast("Generator[ImportEvent]", events)):
            for event in events:
                document = None
                if isinstance(event, Stored | Recognised | Ready | Moved):
                    document = self._engine.library.document(event.document_id)
                yield event, document

    def _take(self, step: _Step) -> None:
        event, document = step
        self._show((self.activity or Activity(more=self._waiting())).after(event))
        show_row(self.documents, event, document)
        if isinstance(event, Stored) and document is not None:
            self._note_scans(document)
        if isinstance(event, Queued | Stored | Recognised | Ready):
            self.documents_changed.emit()
        elif isinstance(event, ImportNote):
            self.failed.emit(event.error)
        elif isinstance(event, Imported):
            self.imported.emit(event)
            self._offer_scans()

    def _note_scans(self, document: Document) -> None:
        if document.unread_pages and document.kind in PICTURED:
            self._scanned[document.id] = document.unread_pages

    def _offer_scans(self) -> None:
        offered, self._scanned = self._scanned, {}
        if offered and recognised.installed() and self._engine.settings.imports.ocr == "offer":
            self.scans_offered.emit(sum(offered.values()), list(offered))

    def _ended(self) -> None:
        self._imports = {job: paths for job, paths in self._imports.items() if not job.finished}
        self._show(Activity(more=self._waiting()) if self._imports else None)
        self._reload()
        if not self._imports:
            self.watch.go_on()

    def _waiting(self) -> int:
        return max(0, len(self._imports) - 1)

    def _show(self, activity: Activity | None) -> None:
        if activity != self.activity:
            self.activity = activity
            self.activity_changed.emit(activity)

    # --- the list --------------------------------------------------------------------------------------------------

    def _reload(self, _result: object = None) -> None:
        self._lanes.call("browsing", self._engine.library.documents, on_result=self._merge, on_error=self.failed.emit)
        self.places.refresh()

    def _merge(self, documents: list[Document]) -> None:
        self.documents.merge(documents, keep_work=bool(self._imports or self.paused))
        self.documents_changed.emit()

    def _put_back(self, error: Exception) -> None:
        self._show_again()
        self.failed.emit(error)

    def _show_again(self) -> None:
        self.documents.put_back(self._undoable)
        self.documents_changed.emit()
        self._close_undo()

    def _close_undo(self) -> None:
        self._undo_timer.stop()
        self._undoable = []
        self.undo_closed.emit()


def _unwatched(engine: Engine, paths: Sequence[Path]) -> list[Path]:
    """Return the folders among ``paths`` that are not watched. Runs in the browsing lane."""
    watched = [Path(each.path) for each in engine.watched.all()]
    chosen = [path.expanduser().absolute() for path in paths]
    return [path for path in chosen if path.is_dir() and not any(path.is_relative_to(each) for each in watched)]


def _ignore(_result: object) -> None:
    """Nothing to show."""
