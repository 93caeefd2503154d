"""Paints one row of the library: icon, name, one line of state, and a thin bar while something is being done."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.documents import ENTRY
from kotaemon_desktop.qt.viewmodels.entry import Entry, Tone

_BAR = 3


class DocumentRow(QStyledItemDelegate):
    """Paints rows of equal height, so that a list of thousands lays out none of them. Lives in the GUI thread."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icons: dict[str, QIcon] = {}
        self._small: tuple[QFont, QFontMetrics] | None = None

    def sizeHint(  # noqa: N802
        self,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,  # noqa: ARG002
    ) -> QSize:
        """Return the height of two lines and the space around them."""
        _font, small = self._small_font(option.font)
        return QSize(160, option.fontMetrics.height() + small.height() + 2 * theme.GAP)  # type: ignore[attr-defined]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        entry: Entry = index.data(ENTRY)
        look = theme.current()
        rect: QRect = option.rect  # type: ignore[attr-defined]
        state = option.state  # type: ignore[attr-defined]
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, look.colour("selected"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.colour("surface_hover"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(look.colour("accent"))
            painter.drawRect(rect.adjusted(0, 0, -1, -1))
        self._paint_entry(painter, rect, entry, look, option.font)  # type: ignore[attr-defined]
        painter.restore()

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry, look: theme.Theme, font: QFont) -> None:
        line, tone = entry.line()
        small, small_metrics = self._small_font(font)
        metrics = QFontMetrics(font)
        side = theme.ICON
        place = QRect(rect.left() + theme.GAP, rect.top() + theme.GAP + 1, side, side)
        self._icon(entry.kind).paint(painter, place)
        text = rect.adjusted(2 * theme.GAP + side, theme.GAP - 1, -theme.GAP, -theme.GAP)
        name = QRect(text.left(), text.top(), text.width(), metrics.height())
        painter.setFont(font)
        painter.setPen(look.colour("text"))
        shown = metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, name.width())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, shown)
        below = QRect(text.left(), name.bottom() + 2, text.width(), small_metrics.height())
        painter.setFont(small)
        painter.setPen(look.colour(tone))
        if tone is not Tone.PLAIN:  # a sign as well as a colour
            mark = QRect(below.left(), below.top(), below.height(), below.height())
            self._icon("error" if tone is Tone.DANGER else "warning", tone).paint(painter, mark)
            below.setLeft(mark.right() + theme.TIGHT)
        shown = small_metrics.elidedText(line, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, shown)
        if entry.work is not None and (fraction := entry.work.fraction) is not None:
            bar = QRect(text.left(), rect.bottom() - _BAR - 1, text.width(), _BAR)
            painter.fillRect(bar, look.colour("border"))
            bar.setWidth(round(bar.width() * fraction))
            painter.fillRect(bar, look.colour("accent"))

    def _icon(self, name: str, colour: str = "text_muted") -> QIcon:
        key = f"{name} {colour}"
        if key not in self._icons:
            self._icons[key] = theme.icon(name, colour)
        return self._icons[key]

    def _small_font(self, font: QFont) -> tuple[QFont, QFontMetrics]:
        if self._small is None:
            small = QFont(font)
            small.setPointSizeF(font.pointSizeF() * 0.9)
            self._small = small, QFontMetrics(small)
        return self._small
