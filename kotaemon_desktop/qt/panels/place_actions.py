"""What can be done with the places of the library: their list, its menu and keys, and the names of collections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.places import Place, PlaceKind
from kotaemon_desktop.qt.widgets.place_list import PlaceList


class PlaceActions(QObject):
    """Does with the places what a PlaceList asks for; GUI thread.

    Signals: ``scope_asked(Scope)``: somebody wants to ask a collection only.
    """

    scope_asked = Signal(object)

    def __init__(self, view: PlaceList, model: LibraryModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        view.chosen.connect(model.places.choose)
        view.dropped.connect(model.places.add)
        view.delete_asked.connect(model.places.delete)
        view.rename_asked.connect(self._rename)
        view.menu_asked.connect(self.show_menu)

    def new_collection(self, documents: Sequence[int] = ()) -> None:
        """Ask for the name of a new collection, which will hold these documents."""
        self._name(_("New collection"), "", lambda name: self._model.places.create(name, documents))

    def show_menu(self, place: Place, at: QPoint) -> None:
        """Show the menu of a place at a global position."""
        places = self._model.places
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if place.kind is PlaceKind.COLLECTION:
            ask = partial(self.scope_asked.emit, Scope(collections=(place.name,)))
            menu.addAction(_("Ask this collection only"), ask).setEnabled(place.documents > 0)
            menu.addAction(_("Rename…"), partial(self._rename, place))
            menu.addAction(_("Delete the collection"), partial(places.delete, place))
            menu.addSeparator()
        elif place.kind is PlaceKind.FOLDER:
            menu.addAction(_("Look for changes now"), self._model.watch.look_soon)
            menu.addAction(_("Leave out…"), partial(self.leave_out, place))
            menu.addAction(_("Stop watching"), partial(places.stop_watching, place))
            menu.addSeparator()
        elif place.kind is PlaceKind.REMOVED:
            ids = [number for entry in places.removed.entries for number in entry.ids]
            menu.addAction(_("Bring all back"), partial(places.restore, ids))
            menu.addSeparator()
        menu.addAction(_("New collection…"), self.new_collection)
        menu.popup(at)

    def leave_out(self, place: Place) -> None:
        """Ask which files of a watched folder are to be left out."""
        from kotaemon_desktop.qt.panels.leave_out import LeaveOutDialog  # seldom needed

        leaving_out = self._model.places.leaving_out(place, self)
        dialog = LeaveOutDialog(leaving_out, self._view.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        leaving_out.kept.connect(self._model.watch.look_soon)
        dialog.open()

    def _rename(self, place: Place) -> None:
        self._name(_("Rename the collection"), place.name, partial(self._model.places.rename, place))

    def _name(self, title: str, name: str, do: Callable[[str], None]) -> None:
        """Ask for the name of a collection."""
        from kotaemon_desktop.qt.text_question import ask_text  # seldom needed

        def named(text: str) -> None:
            if text.strip():
                do(text)

        ask_text(self._view.window(), title, _("Name of the collection"), _("Save"), named, name)
