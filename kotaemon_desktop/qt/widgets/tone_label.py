"""Words in one of the theme's colours, also after the theme has changed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QWidget

from kotaemon_desktop.qt import theme


class ToneLabel(QLabel):
    """Plain text in the theme's colour ``tone`` ("warning", "danger", "text_muted", ...). GUI thread."""

    def __init__(self, tone: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._tone = tone
        self._dress()

    def set_tone(self, tone: str) -> None:
        """Write in the colour ``tone`` from now on."""
        self._tone = tone
        self._dress()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colour of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        sheet = f"color: {getattr(theme.current(), self._tone)}"
        if sheet != self.styleSheet():  # setting it changes the palette once more
            self.setStyleSheet(sheet)
