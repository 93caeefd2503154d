"""The places above the documents: all of them, the collections, and what was removed; documents are dropped on them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
)
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.documents import DOCUMENTS
from kotaemon_desktop.qt.viewmodels.places import Place, PlaceKind
from kotaemon_desktop.qt.widgets.parts import repaint_rows

_MOST_ROWS = 7  # seen at once; the documents below are what people come for
_PLACE = int(Qt.ItemDataRole.UserRole)
_ICONS = {
    PlaceKind.ALL: "library",
    PlaceKind.COLLECTION: "collection",
    PlaceKind.FOLDER: "folder",
    PlaceKind.REMOVED: "trash",
}


class PlaceList(QListWidget):
    """Shows places, as high as it needs to be. GUI thread.

    Signals: ``chosen(Place)``; ``dropped(Place, list[int])``: these documents were dropped on a collection;
    ``menu_asked(Place, QPoint)``: a menu is wanted at this global place; ``rename_asked(Place)``;
    ``delete_asked(Place)``.
    """

    chosen = Signal(object)
    dropped = Signal(object, object)
    menu_asked = Signal(object, QPoint)
    rename_asked = Signal(object)
    delete_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.target: Place | None = None
        """The collection that something is held over."""
        self.setItemDelegate(_PlaceRow(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.currentItemChanged.connect(self._tell_chosen)
        self.retranslate()

    def show_places(self, places: Sequence[Place], current: Place) -> None:
        """Show ``places``, of which ``current`` is chosen."""
        before = self.blockSignals(True)
        while self.count() > len(places):
            self.takeItem(self.count() - 1)
        while self.count() < len(places):
            self.addItem(QListWidgetItem())
        for row, place in enumerate(places):
            item = self.item(row)
            _write(item, place)
            if place.is_same(current):
                self.setCurrentItem(item)
        self.blockSignals(before)
        height = self.sizeHintForRow(0) * min(len(places), _MOST_ROWS)
        self.setFixedHeight(height + 2 * self.frameWidth())
        repaint_rows(self)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Places of the library"))
        for row in range(self.count()):
            _write(self.item(row), self.item(row).data(_PLACE))

    def place_at(self, at: QPoint) -> Place | None:
        """Return the place that is drawn at ``at``."""
        item = self.itemAt(at)
        return item.data(_PLACE) if item is not None else None

    def _tell_chosen(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(_PLACE))

    def _ask_menu(self, at: QPoint) -> None:
        if (place := self.place_at(at)) is not None:
            self.menu_asked.emit(place, self.viewport().mapToGlobal(at))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Rename with F2 and delete with Del, where the place is a collection."""
        item = self.currentItem()
        place: Place | None = item.data(_PLACE) if item is not None else None
        if place is not None and place.kind is PlaceKind.COLLECTION and event.key() == Qt.Key.Key_F2:
            self.rename_asked.emit(place)
        elif (
            place is not None and place.kind is PlaceKind.COLLECTION and event.matches(QKeySequence.StandardKey.Delete)
        ):
            self.delete_asked.emit(place)
        else:
            super().keyPressEvent(event)

    # --- documents held over it ------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take documents of the library; files from elsewhere go on to the window, which imports them."""
        if event.mimeData().hasFormat(DOCUMENTS):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        """Show which collection would take them."""
        place = self.place_at(event.position().toPoint())
        self._hold(place if place is not None and place.kind is PlaceKind.COLLECTION else None)
        if self.target is not None:
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: ARG002, N802
        """Nothing is held over it any more."""
        self._hold(None)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Tell what was dropped where."""
        target = self.target
        self._hold(None)
        if target is not None:
            event.acceptProposedAction()
            self.dropped.emit(target, json.loads(bytes(event.mimeData().data(DOCUMENTS).data())))

    def _hold(self, target: Place | None) -> None:
        if target != self.target:
            self.target = target
            repaint_rows(self)


class _PlaceRow(QStyledItemDelegate):
    """Paints a place: icon, name, number of documents."""

    def __init__(self, places: PlaceList) -> None:
        super().__init__(places)
        self._places = places
        self._icons: dict[str, QIcon] = {}

    def sizeHint(  # noqa: N802
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """Return the height of a line and the space around it."""
        return QSize(120, option.fontMetrics.height() + theme.GAP + theme.TIGHT)  # type: ignore[attr-defined]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        look, place = theme.current(), index.data(_PLACE)
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state: Any = option.state  # type: ignore[attr-defined]
        painter.save()
        if state & QStyle.StateFlag.State_Selected or place == self._places.target:
            painter.fillRect(rect, look.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.colour("surface_hover"))
        if state & QStyle.StateFlag.State_HasFocus or place == self._places.target:
            painter.setPen(look.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        self._icon("warning" if place.away else _ICONS[place.kind]).paint(
            painter, QRect(rect.left() + theme.GAP, rect.center().y() - 8, 18, 18)
        )
        metrics = QFontMetrics(option.font)  # type: ignore[attr-defined]
        number = f"{place.documents:,}"
        text = rect.adjusted(2 * theme.GAP + theme.ICON, 0, -theme.GAP, 0)
        painter.setFont(option.font)  # type: ignore[attr-defined]
        painter.setPen(look.colour("text_muted"))
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, number)
        text.setRight(text.right() - metrics.horizontalAdvance(number) - theme.GAP)
        painter.setPen(look.colour("text"))
        name = metrics.elidedText(_name(place), Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    def _icon(self, name: str) -> QIcon:
        if name not in self._icons:
            self._icons[name] = theme.icon(name, "warning" if name == "warning" else "text_muted")
        return self._icons[name]


def _write(item: QListWidgetItem, place: Place) -> None:
    name, documents = _name(place), count(place.documents, N_("{n} document"), N_("{n} documents"))
    item.setData(_PLACE, place)
    item.setText(name)
    tip = name
    if place.path:
        words = _("Cannot be reached now: {folder}") if place.away else _("Watched: {folder}")
        tip = words.format(folder=place.path)
    item.setToolTip(plain(tip))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{tip if place.away else name}, {documents}")


def _name(place: Place) -> str:
    if place.kind is PlaceKind.ALL:
        return _("All documents")
    if place.kind is PlaceKind.REMOVED:
        return _("Recently removed")
    return place.name
