"""Memory used against memory had everything stayed loaded: a bar in a table's cell, and bars by day or month."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from kotaemon_desktop.qt import theme

SHARE_ROLE = Qt.ItemDataRole.UserRole + 1  # float or None, beside the words of the cell
_HEIGHT = 136
_LABELS = 20  # pixels below the bars
_LEGEND = 24  # above them
_WIDEST = 32.0
_WORDS = 56  # pixels for the percentage in a cell


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: what was used of ``whole``, a short name below it, and its words for a tooltip."""

    used: float
    whole: float
    name: str
    words: str


class ShareDelegate(QStyledItemDelegate):
    """Paints the cell's share as a bar beside its words. GUI thread."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the ground of the whole, the part on it, and the words at the right."""
        value = index.data(SHARE_ROLE)
        rect = QRectF(option.rect).adjusted(theme.GAP, 0, -theme.GAP, 0)  # pyright: ignore[reportAttributeAccessIssue]
        look = theme.current()
        painter.save()
        painter.setPen(look.colour("text"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, str(index.data() or ""))
        bar = rect.adjusted(0, rect.height() / 2 - 4, -_WORDS, 4 - rect.height() / 2)
        if value is not None and bar.width() > theme.WIDE:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("border"))
            painter.drawRoundedRect(bar, 4, 4)
            painter.setBrush(look.colour("accent"))
            bar.setWidth(max(2.0, bar.width() * min(1.0, value)))
            painter.drawRoundedRect(bar, 4, 4)
        painter.restore()


class UsageBars(QWidget):
    """Draws bars side by side, each in front of what it would have been. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: Sequence[Bar] = ()
        self._legend = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return a height that shows differences."""
        return QSize(320, _HEIGHT)

    def show_bars(self, bars: Sequence[Bar], legend: tuple[str, str]) -> None:
        """Draw ``bars``, oldest first; ``legend`` names what is used and what is whole."""
        self._bars, self._legend = bars, legend
        self.setAccessibleDescription("\n".join(bar.words for bar in bars if bar.used or bar.whole))
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell the bar under the pointer in words."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar = self._at(event.pos())
            if bar is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), bar.words, self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the line below, the bars and as many names as fit."""
        look, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bottom = float(self.height() - _LABELS)
        highest = max((max(bar.used, bar.whole) for bar in self._bars), default=0.0)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.drawLine(0, int(bottom), self.width(), int(bottom))
        for number, bar in enumerate(self._bars):
            place = self._place(number)
            for value, colour in ((bar.whole, look.colour("border")), (bar.used, look.colour("accent"))):
                self._paint_bar(painter, place, bottom, value / highest if highest else 0.0, colour)
        self._paint_legend(painter, look)
        painter.setPen(look.colour("text_muted"))
        for number, rect in self._names(painter):
            painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._bars[number].name)

    def _paint_bar(self, painter: QPainter, place: QRectF, bottom: float, share: float, colour: QColor) -> None:
        if share > 0:
            height = max(1.5, share * (bottom - _LEGEND))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRectF(place.left(), bottom - height, place.width(), height), 2, 2)

    def _paint_legend(self, painter: QPainter, look: theme.Theme) -> None:
        left = 0.0
        for words, colour in zip(self._legend, ("accent", "border"), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour(colour))
            painter.drawRoundedRect(QRectF(left, 3, 10, 10), 2, 2)
            painter.setPen(look.colour("text_muted"))
            width = painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QRectF(left + theme.WIDE, 0, width + 1, 16), Qt.AlignmentFlag.AlignVCenter, words)
            left += width + 2 * theme.WIDE

    def _names(self, painter: QPainter) -> list[tuple[int, QRectF]]:
        """Return which bars have a name below them, and where: from the last one back, as many as fit."""
        if not self._bars:
            return []
        widest = max(painter.fontMetrics().horizontalAdvance(bar.name) for bar in self._bars)
        top, right = self.height() - _LABELS + theme.TIGHT, self.width() - widest
        found: list[tuple[int, QRectF]] = []
        for number in range(len(self._bars) - 1, -1, -1):
            left = min(max(0.0, self._place(number).center().x() - widest / 2), right)
            if not found or left + widest + theme.WIDE <= found[-1][1].left():
                found.append((number, QRectF(left, top, widest, _LABELS - theme.TIGHT)))
        return found

    def _place(self, number: int) -> QRectF:
        step = self.width() / len(self._bars)
        width = min(_WIDEST, step * 0.7)
        return QRectF((number + 0.5) * step - width / 2, 0, width, self.height())

    def _at(self, point: QPoint) -> Bar | None:
        if not self._bars:
            return None
        return self._bars[min(len(self._bars) - 1, int(point.x() / self.width() * len(self._bars)))]
