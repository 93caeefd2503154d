"""The box that a question is written in."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QInputMethodEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets import parts

_MOST_LINES = 8
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class QuestionBox(QFrame):
    """A box that grows with its text; Enter sends, Shift+Enter begins a line. While busy the button stops. GUI thread.

    Signals: ``sent(str)``, ``stopped()``, ``typed()`` with each change that leaves some text. The text stays until
    :meth:`clear`.
    """

    sent = Signal(str)
    stopped = Signal()
    typed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._busy = False
        self.edit = QuestionEdit(self)
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0 }")
        self._button = QToolButton()
        self._button.setIconSize(QSize(theme.ICON, theme.ICON))
        self._button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._button.clicked.connect(self._press)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.GAP, theme.TIGHT, theme.TIGHT, theme.TIGHT)
        row.setSpacing(theme.TIGHT)
        self._tools = parts.row(theme.TIGHT)
        self._tools.addStretch(1)
        left = parts.column(theme.TIGHT)
        left.addWidget(self.edit)
        left.addLayout(self._tools)
        row.addLayout(left, 1)
        row.addWidget(self._button, 0, Qt.AlignmentFlag.AlignBottom)
        self.edit.entered.connect(self._send)
        self.edit.focus_changed.connect(self.update)
        self.edit.textChanged.connect(self._enable)
        self.edit.textChanged.connect(self._tell_typed)
        self.setFocusProxy(self.edit)
        self.retranslate()

    @property
    def text(self) -> str:
        return self.edit.toPlainText()

    def set_text(self, text: str) -> None:
        """Put ``text`` in the box, ready to be changed or sent."""
        self.edit.setPlainText(text)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.setFocus()

    def add_tool(self, tool: QWidget) -> None:
        """Put a small button below the text, behind those that are there."""
        self._tools.insertWidget(self._tools.count() - 1, tool)

    def add_text(self, text: str) -> None:
        """Put ``text`` where the cursor is, apart from what stands before it."""
        before = self.edit.textCursor().block().text()[: self.edit.textCursor().positionInBlock()]
        self.edit.insertPlainText(f" {text}" if before and not before[-1].isspace() else text)
        self.edit.setFocus()

    def _tell_typed(self) -> None:
        if not self.edit.document().isEmpty():
            self.typed.emit()

    def clear(self) -> None:
        """Empty the box."""
        self.edit.clear()

    def set_busy(self, busy: bool) -> None:
        """Offer to stop instead of to send; the next question can be written meanwhile."""
        self._busy = busy
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.edit.setAccessibleName(_("Question"))
        self.edit.setPlaceholderText(_("Ask your documents…"))
        self._button.setIcon(theme.icon("stop", "danger") if self._busy else theme.icon("send", "accent"))
        name = _("Stop the answer (Esc)") if self._busy else _("Send the question (Enter)")
        self._button.setText(_("Stop") if self._busy else "")
        self._button.setAccessibleName(name)
        self._button.setToolTip(name)
        self._enable()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the field around text and button, with the accent while it has the focus."""
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(colours.colour("accent" if self.edit.hasFocus() else "border"))
        painter.setBrush(self.palette().base())
        painter.drawRoundedRect(self.rect().toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _enable(self) -> None:
        self._button.setEnabled(self._busy or bool(self.text.strip()))

    def _press(self) -> None:
        if self._busy:
            self.stopped.emit()
        else:
            self._send()

    def _send(self) -> None:
        if not self._busy and self.text.strip():
            self.sent.emit(self.text)


class QuestionEdit(QPlainTextEdit):
    """A text field that grows with its text. Signals: ``entered()``: Enter was meant to send; ``focus_changed()``."""

    entered = Signal()
    focus_changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._composing = False
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802
        """Take text; let files through to the window, which imports them."""
        return not source.hasUrls() and super().canInsertFromMimeData(source)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Send with Enter, but never while an input method is composing a word; leave pasted files to the window."""
        if event.matches(QKeySequence.StandardKey.Paste) and QGuiApplication.clipboard().mimeData().hasUrls():
            event.ignore()
        elif event.key() not in _ENTER or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            super().keyPressEvent(event)
        elif not self._composing:
            self.entered.emit()

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:  # noqa: N802
        """Remember whether a word is being composed."""
        super().inputMethodEvent(event)
        self._composing = bool(event.preeditString())

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell the field around."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Tell the field around; an unfinished word does not outlive the focus."""
        super().focusOutEvent(event)
        self._composing = False
        self.focus_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Count the lines again in the new width."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        lines = round(self.document().size().height())  # a plain text layout counts in lines
        self.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded if lines > _MOST_LINES else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        margins = 2 * round(self.document().documentMargin())
        height = self.fontMetrics().lineSpacing() * min(max(lines, 1), _MOST_LINES) + margins + 2
        if height != self.height():
            self.setFixedHeight(height)
