"""The question in a rounded box, as wide as it needs."""

from __future__ import annotations

import re

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme

_LONG_WORD = re.compile(r"[!-~]{40}(?=[!-~])")  # an address, say; a label breaks lines between words only


class QuestionBubble(QLabel):
    """Shows one question; its text can be selected. GUI thread."""

    def __init__(self, question: str) -> None:
        breakable = _LONG_WORD.sub("\\g<0>\N{ZERO WIDTH SPACE}", question)
        super().__init__(breakable, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._question = question
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setContentsMargins(theme.GAP + theme.TIGHT, theme.GAP, theme.GAP + theme.TIGHT, theme.GAP)

    def fit(self, width: int) -> None:
        """Take the room that the text needs on one line, ``width`` at most."""
        margins = self.contentsMargins()
        longest = max(self.fontMetrics().horizontalAdvance(line[:1000]) for line in self.text().split("\n"))
        width = min(width, longest + theme.TIGHT + margins.left() + margins.right())
        self.setFixedSize(width, self.heightForWidth(width))
        # A label that may trade height for width makes every layout above it try widths, on every flush of a stream.
        policy = self.sizePolicy()
        policy.setHeightForWidth(False)
        self.setSizePolicy(policy)

    def retranslate(self) -> None:
        """Write the name again, in the current language."""
        self.setAccessibleName(_("Your question: {text}").format(text=self._question))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the box behind the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.current().colour("selected"))
        painter.drawRoundedRect(self.rect(), theme.GAP, theme.GAP)
        painter.end()
        super().paintEvent(event)
