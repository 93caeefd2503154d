"""The list of conversations: title and time, and where something was found the words around it."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.conversations import Entry
from kotaemon_desktop.qt.widgets.snippet_layout import snippet_layout

ENTRY = int(Qt.ItemDataRole.UserRole)
_SIGN = 14  # pixels of the pin


class ConversationListModel(QAbstractListModel):
    """The rows; ``ENTRY`` gives a row's :class:`Entry`. GUI thread.

    Signals: ``renamed(int, str)``: somebody wrote another title.
    """

    renamed = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.open: int | None = None  # the conversation that the chat shows

    def show_entries(self, entries: list[Entry]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._entries = entries
        self.endResetModel()

    def row_of(self, conversation_id: int | None) -> int:
        """Return the first row of a conversation, or 0."""
        rows = (row for row, entry in enumerate(self._entries) if entry.conversation_id == conversation_id)
        return next(rows, 0)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._entries)

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Let titles be changed where conversations are listed."""
        flags = super().flags(index)
        if index.isValid() and self._entries[index.row()].turn_id is None:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole}:
            return entry.title
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            pinned = _("Pinned") if entry.pinned else ""
            said = entry.snippet.text if entry.snippet else ""
            words = "\n".join(filter(None, (entry.title, moment(entry.at, time.time()), pinned, said)))
            return plain(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None

    def setData(  # noqa: N802
        self, index: QModelIndex | QPersistentModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """Tell the new title; the row changes when it is stored."""
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.EditRole and str(value).strip() not in {"", entry.title}:
            self.renamed.emit(entry.conversation_id, str(value))
        return False


class ConversationList(QListView):
    """Shows a ConversationListModel. GUI thread.

    Signals: ``menu_wanted(Entry, QPoint)``: what can be done with a row is asked for, at a global position.
    """

    menu_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(_Delegate(self))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.EditKeyPressed)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)  # the row under the pointer is tinted

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Tell which row is meant: the one under the pointer, or the current one for the keyboard."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if index.isValid():
            at = self.viewport().mapToGlobal(self.visualRect(index).center()) if keyboard else event.globalPos()
            self.menu_wanted.emit(index.data(ENTRY), at)


class _Delegate(QStyledItemDelegate):
    """Paints the rows."""

    def sizeHint(  # noqa: N802
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        """Return one line for a title, two for what was said."""
        entry: Entry = index.data(ENTRY)
        font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it
        line = QFontMetrics(font).height()
        return QSize(0, 2 * theme.GAP + line + ((line + theme.TIGHT) if entry.snippet else theme.TIGHT))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint a row: the title, when it was, and what was said."""
        entry: Entry = index.data(ENTRY)
        colours = theme.current()
        row: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it
        font: QFont = option.font  # pyright: ignore[reportAttributeAccessIssue]
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, colours.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, colours.colour("surface_hover"))
        painter.save()
        inside = row.adjusted(theme.GAP + theme.TIGHT, theme.GAP, -theme.GAP, -theme.GAP)
        head = QRect(inside.left(), inside.top(), inside.width(), QFontMetrics(font).height())
        if entry.snippet is None:
            head.moveTop(row.center().y() - head.height() // 2)
        self._paint_head(painter, head, font, entry, current=entry.snippet is None and _is_open(index, entry))
        if entry.snippet is not None:
            painter.setPen(colours.colour("text_muted"))
            layout = snippet_layout(entry.snippet, font, inside.width(), 1)
            layout.draw(painter, QPointF(inside.left(), head.bottom() + theme.TIGHT))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(row.left(), row.top(), 2, row.height()), colours.colour("accent"))
        painter.restore()

    def _paint_head(self, painter: QPainter, head: QRect, font: QFont, entry: Entry, *, current: bool) -> None:
        colours = theme.current()
        when = moment(entry.at, time.time())
        width = QFontMetrics(font).horizontalAdvance(when) + 1
        painter.setFont(font)
        painter.setPen(colours.colour("text_muted"))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, when)
        title = head.adjusted(0, 0, -width - theme.GAP, 0)
        if entry.pinned:
            sign = QRect(title.left(), title.center().y() - _SIGN // 2, _SIGN, _SIGN)
            theme.icon("pin", "accent").paint(painter, sign)
            title.setLeft(sign.right() + theme.TIGHT)
        bold = QFont(font)
        if current:
            bold.setWeight(QFont.Weight.Bold)
        painter.setFont(bold)
        painter.setPen(colours.colour("text"))
        text = QFontMetrics(bold).elidedText(" ".join(entry.title.split()), Qt.TextElideMode.ElideRight, title.width())
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, text)


def _is_open(index: QModelIndex | QPersistentModelIndex, entry: Entry) -> bool:
    model: QAbstractItemModel = index.model()
    return isinstance(model, ConversationListModel) and model.open == entry.conversation_id
