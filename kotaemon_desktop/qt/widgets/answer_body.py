"""The answer's text, with a tip where the pointer rests on a citation or on a statement without one."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Signal
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QTextFormat
from PySide6.QtWidgets import QToolTip

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.text_body import TextBody

_BAR = 3  # width of the line beside a quote


class AnswerBody(TextBody):
    """The answer's text, with a line beside each quote: Qt's documents draw none.

    Signals: ``tip_wanted(target, global position)`` when the pointer rests on a link.
    """

    tip_wanted = Signal(str, QPoint)

    def viewportEvent(self, event: QEvent) -> bool:  # noqa: N802
        """Ask for a tip where the pointer rests on a link."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            if target := self.anchorAt(event.pos()):
                self.tip_wanted.emit(target, event.globalPos())
            elif tip := self.cursorForPosition(event.pos()).charFormat().toolTip():
                QToolTip.showText(event.globalPos(), tip, self)
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Draw the text, and the lines beside the quotes that are to be drawn."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        for bar in self._bars(event.rect()):
            painter.fillRect(bar, theme.current().colour("border"))
        painter.end()

    def _bars(self, seen: QRect) -> Iterator[QRectF]:
        """Yield where the lines stand in ``seen``: one for each level of each quoted block."""
        layout, block = self.document().documentLayout(), self.cursorForPosition(seen.topLeft()).block()
        while block.isValid() and (place := layout.blockBoundingRect(block)).top() <= seen.bottom():
            for level in range(block.blockFormat().intProperty(QTextFormat.Property.BlockQuoteLevel)):
                yield QRectF(level * theme.WIDE, place.top(), _BAR, place.height())
            block = block.next()
