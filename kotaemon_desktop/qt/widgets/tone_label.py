"""Words in one of the theme's colours, also after the theme has changed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget


class ToneLabel(QLabel):
    """Plain text in the theme's colour ``tone``, one of those that the theme's sheet knows. GUI thread.

    The application's sheet has the colours: a sheet of its own would cost each label a style of its own.
    """

    def __init__(self, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("tone", tone)

    def set_tone(self, tone: str) -> None:
        """Write in the colour ``tone`` from now on."""
        if tone != self.property("tone"):
            self.setProperty("tone", tone)
            self.style().polish(self)
