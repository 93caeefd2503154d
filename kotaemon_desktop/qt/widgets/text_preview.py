"""The text of a document around the cited words, for formats without page pictures."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from kotaemon_desktop.qt import theme


class TextPreview(QPlainTextEdit):
    """Read-only plain text with one part marked. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = (0, 0)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

    def show_text(self, text: str, start: int, end: int) -> None:
        """Show ``text`` and mark its UTF-16 units ``start`` to ``end``, in the middle of the view."""
        self._part = (start, end)
        self.setPlainText(text)
        self._mark()
        cursor = self.textCursor()
        cursor.setPosition(start)
        self.setTextCursor(cursor)
        if end > start:
            self.centerCursor()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Mark again in a new theme's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._mark()

    def _mark(self) -> None:
        start, end = self._part
        marked = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setBackground(theme.current().colour("highlight"))
        marked.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it
        marked.format = look  # pyright: ignore[reportAttributeAccessIssue]
        self.setExtraSelections([marked] if end > start else [])
