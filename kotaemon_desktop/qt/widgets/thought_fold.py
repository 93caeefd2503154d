"""What a reasoning model thought before its answer, folded to one line until somebody wants to read it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import count
from kotaemon_desktop.qt.widgets.parts import column
from kotaemon_desktop.qt.widgets.text_body import TextBody


class ThoughtFold(QWidget):
    """Shows thoughts, growing while they come; GUI thread. Signals: ``unfolded(bool)``."""

    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds: float | None = None
        self._text = ""
        self._head = QToolButton()
        self._head.setCheckable(True)
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.toggled.connect(self._unfold)
        self._body: TextBody | None = None
        self._column = column(theme.TIGHT)
        self.setLayout(self._column)
        self._column.addWidget(self._head, 0, Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    @property
    def is_unfolded(self) -> bool:
        return self._head.isChecked()

    def show_thought(self, text: str, seconds: float | None) -> None:
        """Show ``text``; ``seconds`` is how long the thinking took, None while it goes on."""
        if (text, seconds) != (self._text, self._seconds):
            self._text, self._seconds = text, seconds
            self.retranslate()
            self._write()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        if self._seconds is None:
            words = _("Thinking…")
        else:
            words = count(max(1, round(self._seconds)), N_("Thought for {n} second"), N_("Thought for {n} seconds"))
        self._head.setText(words)
        self._head.setAccessibleName(words)
        self._head.setToolTip(_("Hide the thoughts") if self.is_unfolded else _("Read the thoughts"))
        self._head.setIcon(theme.icon("chevron-down" if self.is_unfolded else "chevron-right", "text_muted"))
        if self._body is not None:
            self._body.setAccessibleName(_("Thoughts of the model"))

    def _unfold(self, unfolded: bool) -> None:
        if unfolded and self._body is None:
            self._body = TextBody()
            self._body.setProperty("muted", True)
            self._body.setContentsMargins(theme.WIDE, 0, 0, 0)
            self._column.addWidget(self._body)
        if self._body is not None:
            self._body.setVisible(unfolded)
        self._write()
        self.retranslate()
        self.unfolded.emit(unfolded)

    def _write(self) -> None:
        """Thoughts are plain text: nobody promised that they are Markdown."""
        if self._body is not None and self.is_unfolded:
            self._body.setPlainText(self._text.strip())
