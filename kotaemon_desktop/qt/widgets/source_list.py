"""The list of sources: document, page, strength, and a few lines with the words of the question in bold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Strength
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.sources import Source
from kotaemon_desktop.qt.widgets.snippet_layout import snippet_layout

SOURCE = int(Qt.ItemDataRole.UserRole)

SNIPPET_LINES = 2
_BARS = {Strength.STRONG: (3, "positive"), Strength.FAIR: (2, "accent"), Strength.WEAK: (1, "warning")}
_BAR = 6  # width of one of the three bars of a strength, pixels


class SourceListModel(QAbstractListModel):
    """The rows; ``SOURCE`` gives a row's :class:`Source`. GUI thread."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sources: tuple[Source, ...] = ()

    def show_sources(self, sources: tuple[Source, ...]) -> None:
        """Replace all rows; rows that only changed their marks keep the selection."""
        same = [source.passage_id for source in sources] == [source.passage_id for source in self._sources]
        if same:
            self._sources = sources
            self.dataChanged.emit(self.index(0), self.index(len(sources) - 1))
            return
        self.beginResetModel()
        self._sources = sources
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._sources)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        source = self._sources[index.row()]
        if role == SOURCE:
            return source
        where = source.place
        if role == Qt.ItemDataRole.DisplayRole:
            return where
        if role in {Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole}:
            strength = f" · {source.strength.word}" if source.strength else ""
            cited = "".join(f" [{mark}]" for mark in source.marks)
            words = f"{where}{strength}{cited}\n{source.snippet.text}"
            return plain(words) if role == Qt.ItemDataRole.ToolTipRole else words
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Let rows be dragged away, into the question."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Return the dragged rows as words for a question."""
        data = QMimeData()
        data.setText("\n".join(quoted(self._sources[index.row()]) for index in indexes))
        return data


def quoted(source: Source) -> str:
    """Return a source as words for a question: what it says, and where."""
    words = source.snippet.text.strip("… ")
    return f"“{words}” ({source.place})"


class SourceList(QListView):
    """Shows a SourceListModel. GUI thread.

    Signals: ``menu_wanted(Source, QPoint)``: what can be done with a row is asked for, at a global position.
    """

    menu_wanted = Signal(object, QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setItemDelegate(SourceDelegate(self))
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragEnabled(True)
        self.setMouseTracking(True)  # the row under the pointer is tinted

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Tell which row is meant: the one under the pointer, or the current one for the keyboard."""
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if keyboard else self.indexAt(event.pos())
        if index.isValid():
            at = self.viewport().mapToGlobal(self.visualRect(index).center()) if keyboard else event.globalPos()
            self.menu_wanted.emit(index.data(SOURCE), at)


class SourceDelegate(QStyledItemDelegate):
    """Paints a row: what is cited as [n] and where it stands, its strength in a word and bars, two lines of text."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002, N802
        """Return the same height for every row."""
        line = QFontMetrics(option.font).height()  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it
        return QSize(160, line * (1 + SNIPPET_LINES) + theme.TIGHT + 2 * theme.GAP)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        colours = theme.current()
        source: Source = index.data(SOURCE)
        state, font = option.state, option.font  # pyright: ignore[reportAttributeAccessIssue]
        row: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(row, colours.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(row, colours.colour("surface_hover"))
        painter.save()
        painter.setClipRect(row)
        inside = row.adjusted(theme.GAP, theme.GAP, -theme.GAP, -theme.GAP)
        line = QFontMetrics(font).height()
        head = QRect(inside.left(), inside.top(), inside.width(), line)
        if source.strength is not None:
            head.setRight(self._paint_strength(painter, head, font, source.strength) - theme.GAP)
        self._paint_place(painter, head, font, source)
        painter.setPen(colours.colour("text"))
        text = inside.adjusted(0, line + theme.TIGHT, 0, 0)
        snippet_layout(source.snippet, font, text.width(), SNIPPET_LINES).draw(painter, QPointF(text.topLeft()))
        painter.setPen(colours.colour("accent" if state & QStyle.StateFlag.State_HasFocus else "border"))
        painter.drawLine(row.bottomLeft(), row.bottomRight())
        painter.restore()

    def _paint_strength(self, painter: QPainter, head: QRect, font: QFont, strength: Strength) -> int:
        """Paint word and bars at the right end of ``head`` and return where they begin."""
        colours = theme.current()
        bars, colour = _BARS[strength]
        right = head.right()
        for bar in reversed(range(3)):
            height = 4 + 3 * bar
            box = QRectF(right - (3 - bar) * (_BAR + 2), head.center().y() + 5 - height, _BAR, height)
            painter.fillRect(box, colours.colour(colour if bar < bars else "border"))
        word = strength.word
        width = QFontMetrics(font).horizontalAdvance(word)
        left = right - 3 * (_BAR + 2) - theme.TIGHT - width
        painter.setFont(font)
        painter.setPen(colours.colour("text_muted"))
        painter.drawText(QRect(left, head.top(), width + 1, head.height()), Qt.AlignmentFlag.AlignVCenter, word)
        return left

    def _paint_place(self, painter: QPainter, head: QRect, font: QFont, source: Source) -> None:
        """Paint the marks, the name (cut in the middle) and the page from the left."""
        colours = theme.current()
        bold = QFont(font)
        bold.setWeight(QFont.Weight.Bold)
        page = "" if source.target.page is None else " · " + _("page {n}").format(n=source.target.page)
        page += " · " + _("OCR") if source.recognised else ""
        marks = "".join(f"[{mark}]" for mark in source.marks)
        metrics = QFontMetrics(bold)
        painter.setFont(bold)
        painter.setPen(colours.colour("accent"))
        if marks:
            painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, marks)
            head = head.adjusted(metrics.horizontalAdvance(marks) + theme.TIGHT, 0, 0, 0)
        page_width = QFontMetrics(font).horizontalAdvance(page)
        name = metrics.elidedText(source.target.name, Qt.TextElideMode.ElideMiddle, head.width() - page_width)
        painter.setPen(colours.colour("text"))
        painter.drawText(head, Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(font)
        painter.setPen(colours.colour("text_muted"))
        painter.drawText(head.adjusted(metrics.horizontalAdvance(name), 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, page)
