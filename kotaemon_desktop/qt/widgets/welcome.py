"""What an empty conversation shows: the first step, and questions to try."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.qt import theme

_EXAMPLES = (
    N_("How many days of leave are there in a year?"),
    N_("Which costs are covered, and up to what amount?"),
    N_("What has to be done before the deadline?"),
)
_TEXT_WIDTH = 420


class Welcome(QWidget):
    """The empty state of the chat. GUI thread. Signals: ``example_chosen(str)``."""

    example_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self._title = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        font = self._title.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        self._title.setFont(font)
        self._title.setProperty("heading", True)
        self._steps = _paragraph()
        self._try = _paragraph()
        self._examples = [QPushButton() for _each in _EXAMPLES]
        column = QWidget()
        column.setMaximumWidth(_TEXT_WIDTH)
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.GAP)
        for label in (self._title, self._steps, self._try):
            inside.addWidget(label)
        inside.insertSpacing(2, theme.WIDE)
        for button, example in zip(self._examples, _EXAMPLES, strict=True):
            button.clicked.connect(partial(self._choose, example))
            inside.addWidget(button)
        across = QHBoxLayout()
        across.addWidget(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Empty conversation"))
        self._title.setText(_("Answers with the page they rest on"))
        self._steps.setText(
            _("First drop files or a folder on this window. Then ask; you need not wait until they are all read.")
        )
        self._try.setText(_("For example:"))
        for button, example in zip(self._examples, _EXAMPLES, strict=True):
            button.setText(_(example))
            button.setAccessibleName(_("Example question: {text}").format(text=_(example)))

    def _choose(self, example: str) -> None:
        self.example_chosen.emit(_(example))


def _paragraph() -> QLabel:
    label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("muted", True)
    return label
