"""The text of a document around the cited words, for formats without page pictures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QSyntaxHighlighter, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QTextEdit, QWidget

from kotaemon_desktop.qt import theme


class TextPreview(QPlainTextEdit):
    """Read-only text with parts marked and its headings in bold. GUI thread.

    Signals: ``stepped(int)``: marked places to go on or back.
    """

    stepped = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._part = (0, 0)
        self._others: tuple[tuple[int, int], ...] = ()
        self._headings = _Headings(self.document())
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_text(
        self,
        text: str,
        start: int,
        end: int,
        others: Sequence[tuple[int, int]] = (),
        headings: Collection[str] = frozenset(),
    ) -> None:
        """Show ``text`` and mark its UTF-16 units ``start`` to ``end``, in the middle of the view.

        ``others`` are marked more faintly; lines that are ``headings`` are bold.
        """
        self._part, self._others = (start, end), tuple(others)
        self._headings.lines = frozenset(headings)
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

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Step through the marks with N, scroll with the other keys."""
        if event.key() == Qt.Key.Key_N:
            self.stepped.emit(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
        else:
            super().keyPressEvent(event)

    def _mark(self) -> None:
        chosen = theme.current().colour("highlight")
        faint = QColor(chosen)
        faint.setAlphaF(0.4)
        parts = [(part, faint) for part in self._others] + [(self._part, chosen)]
        self.setExtraSelections([self._selection(*part, colour) for part, colour in parts if part[1] > part[0]])

    def _selection(self, start: int, end: int, colour: QColor) -> QTextEdit.ExtraSelection:
        marked = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        look = QTextCharFormat()
        look.setBackground(colour)
        marked.cursor = cursor  # pyright: ignore[reportAttributeAccessIssue] - the stubs lack it
        marked.format = look  # pyright: ignore[reportAttributeAccessIssue]
        return marked


class _Headings(QSyntaxHighlighter):
    """Makes the lines in ``lines`` bold, as Markdown writes them too."""

    lines: frozenset[str] = frozenset()

    def highlightBlock(self, text: str) -> None:  # noqa: N802
        """Write one line bold if it is a heading."""
        line = text.strip()
        if line and line.lstrip("# ") in self.lines:
            self.setFormat(0, len(text.encode("utf-16-le", "surrogatepass")) // 2, _bold())


def _bold() -> QTextCharFormat:
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.Bold)
    return bold
