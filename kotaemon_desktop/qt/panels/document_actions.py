"""What can be done with the selected documents of the library: the actions of the list, its menu and its keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QObject, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QListView, QMenu

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import PICTURED
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.documents import ENTRY
from kotaemon_desktop.qt.viewmodels.entry import Entry
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.places import PlaceKind

_FEW = 20  # files that may be opened at once; a thousand windows help nobody

_WORDS = {
    "show": N_("Show the text"),
    "ask": N_("Ask these documents only"),
    "open": N_("Open in its own program"),
    "folder": N_("Show in folder"),
    "copy": N_("Copy path"),
    "report": N_("Import report"),
    "scans": N_("Read the scanned pages"),
    "collect": N_("Add to collection"),
    "take out": N_("Take out of the collection"),
    "again": N_("Try again"),
    "all again": N_("Try all again that were not read"),
    "remove": N_("Remove from the library"),
    "restore": N_("Bring back"),
}


class DocumentActions(QObject):
    """Owns the actions of the list of documents and keeps them fit for the selection; GUI thread.

    Signals: ``document_activated(int)``: somebody wants to see this document. ``scope_asked(Scope)``: somebody wants
    to ask these documents only. ``report_asked(int)``: somebody wants to know how reading this document went.
    ``collection_asked(list[int])``: a new collection is wanted for these documents.
    """

    document_activated = Signal(int)
    scope_asked = Signal(object)
    report_asked = Signal(int)
    collection_asked = Signal(object)

    def __init__(self, view: QListView, model: LibraryModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._collections = QMenu(view)
        self._collections.aboutToShow.connect(self._list_collections)
        does: dict[str, Callable[[], None]] = {
            "show": lambda: self.activate(view.currentIndex()),
            "ask": self._ask,
            "open": self._open_files,
            "folder": self._open_folders,
            "copy": self._copy_paths,
            "report": self._ask_report,
            "scans": lambda: model.read_scans(self._scans()),
            "take out": lambda: model.places.take_out(model.places.current, self._ids()),
            "again": lambda: model.import_([Path(entry.path) for entry in self.selected()]),
            "all again": lambda: model.import_([Path(path) for path in model.unread]),
            "remove": lambda: model.remove(self.selected()),
            "restore": lambda: model.places.restore(self._ids()),
        }
        self._actions = {name: self._add(does.get(name)) for name in _WORDS}
        self._actions["collect"].setMenu(self._collections)
        self._actions["remove"].setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._actions["remove"].setIcon(theme.icon("trash"))
        self._actions["report"].setShortcut(QKeySequence("Alt+Return"))
        self._actions["restore"].setIcon(theme.icon("undo"))
        self._actions["copy"].setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        view.activated.connect(self.activate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        for name, action in self._actions.items():
            action.setText(_(_WORDS[name]))

    def selected(self) -> list[Entry]:
        """Return the selected rows, from top to bottom."""
        rows = sorted(self._view.selectedIndexes(), key=lambda index: index.row())
        return [index.data(ENTRY) for index in rows]

    def activate(self, index: QModelIndex) -> None:
        """Show the text of a row's document, if it has one."""
        entry: Entry | None = index.data(ENTRY) if index.isValid() else None
        if entry is not None and entry.document is not None and entry.removed_at is None:
            self.document_activated.emit(entry.document.id)

    def fit(self) -> None:
        """Offer what makes sense for the selection and the place."""
        number = sum(span.height() for span in self._view.selectionModel().selection().toList())
        few = number <= _FEW
        entries = self.selected() if few else []
        resting = [entry for entry in entries if entry.work is None]
        place = self._model.places.current.kind
        removed = place is PlaceKind.REMOVED
        for name, action in self._actions.items():
            action.setVisible(removed is (name == "restore"))
        self._actions["restore"].setEnabled(number > 0)
        self._actions["show"].setEnabled(number == 1 and entries[0].document is not None)
        self._actions["report"].setEnabled(number == 1 and bool(entries[0].ids))
        self._actions["scans"].setVisible(not removed and bool(resting and self._scans()))
        self._actions["ask"].setEnabled(not few or any(entry.document for entry in entries))
        self._actions["collect"].setEnabled(bool(resting) or not few)
        self._actions["take out"].setVisible(place is PlaceKind.COLLECTION)
        self._actions["take out"].setEnabled(number > 0)
        tried = any(entry.failed or entry.failure for entry in resting)
        self._actions["again"].setVisible(not removed and tried)
        self._actions["all again"].setVisible(not removed and tried and len(self._model.unread) > number)
        self._actions["remove"].setEnabled(not removed and (bool(resting) or not few))
        self._actions["copy"].setEnabled(number > 0)
        for name in ("open", "folder"):
            self._actions[name].setEnabled(0 < number <= _FEW)

    def _add(self, do: Callable[[], None] | None) -> QAction:
        action = QAction(self._view)
        if do is not None:
            action.triggered.connect(do)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self._view.addAction(action)
        return action

    def _ids(self) -> list[int]:
        return [number for entry in self.selected() for number in entry.ids]

    def _ask_report(self) -> None:
        entries = self.selected()
        if len(entries) == 1 and entries[0].ids:
            self.report_asked.emit(entries[0].ids[-1])  # why the newest version was not read, if it was not

    def _scans(self) -> list[int]:
        """Return the selected documents with pages that text recognition, where it is installed, could read."""
        if not recognised.installed():
            return []
        documents = (entry.document for entry in self.selected() if entry.work is None)
        return [each.id for each in documents if each and each.unread_pages and each.kind in PICTURED]

    def _ask(self) -> None:
        paths = tuple(entry.document.path for entry in self.selected() if entry.document is not None)
        if paths:
            self.scope_asked.emit(Scope(paths=paths))

    def _open_files(self) -> None:
        for entry in self.selected():
            QDesktopServices.openUrl(QUrl.fromLocalFile(entry.path))

    def _open_folders(self) -> None:
        for folder in dict.fromkeys(str(Path(entry.path).parent) for entry in self.selected()):
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _copy_paths(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(entry.path for entry in self.selected()))

    def _list_collections(self) -> None:
        """Fill the submenu with the collections of now."""
        menu, ids = self._collections, self._ids()
        menu.clear()
        for place in self._model.places.collections:
            menu.addAction(place.name.replace("&", "&&"), partial(self._model.places.add, place, ids))
        if not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(_("New collection…"), partial(self.collection_asked.emit, ids))
