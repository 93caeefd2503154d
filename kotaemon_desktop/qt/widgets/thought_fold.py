"""What a reasoning model thought before its answer, folded to one line until somebody wants to read it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QToolButton, QWidget

from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, row
from kotaemon_desktop.qt.widgets.text_body import TextBody


class ThoughtFold(QWidget):
    """Shows thoughts, growing while they come; GUI thread. Signals: ``unfolded(bool)``."""

    unfolded = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds: float | None = None
        self._text = ""
        self._head = QToolButton()
        self._head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._head.clicked.connect(self._fold_or_unfold)
        self._body: _Thoughts | None = None
        self._is_unfolded = False
        self._column = column(theme.TIGHT)
        self.setLayout(self._column)
        self._column.addWidget(self._head, 0, Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    @property
    def is_unfolded(self) -> bool:
        return self._is_unfolded

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

    def _fold_or_unfold(self) -> None:
        self._is_unfolded = not self._is_unfolded
        if self._body is None:
            self._body = _Thoughts()
            indented = row(margins=(theme.WIDE, 0, 0, theme.GAP))
            indented.addWidget(self._body)
            self._column.addLayout(indented)
        self._body.setVisible(self._is_unfolded)
        self._write()
        self.retranslate()
        self.unfolded.emit(self._is_unfolded)

    def _write(self) -> None:
        """Thoughts are plain text: nobody promised that they are Markdown."""
        if self._body is not None and self.is_unfolded:
            self._body.setPlainText(self._text.strip())


class _Thoughts(TextBody):
    """Text in the muted colour of the theme, also after the theme has changed."""

    def __init__(self) -> None:
        super().__init__()
        self._dress()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colour of the new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        palette, muted = self.palette(), theme.current().colour("text_muted")
        if palette.color(QPalette.ColorRole.Text) != muted:  # setting it tells of a change once more
            palette.setColor(QPalette.ColorRole.Text, muted)
            self.setPalette(palette)
