"""The answer's text, with a tip where the pointer rests on a citation or on a statement without one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QToolTip

from kotaemon_desktop.qt.widgets.text_body import TextBody


class AnswerBody(TextBody):
    """The answer's text. Signals: ``tip_wanted(target, global position)`` when the pointer rests on a link."""

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
