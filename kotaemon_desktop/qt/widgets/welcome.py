"""What an empty conversation shows: the first steps while the library is empty, then questions to try."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.qt import theme

if TYPE_CHECKING:
    from kotaemon_desktop.qt.widgets.first_steps import FirstSteps

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
        self._first: FirstSteps | None = None
        self._questions: Sequence[str] = ()
        self._examples = [QPushButton() for _each in _EXAMPLES]
        column = QWidget()
        column.setMaximumWidth(_TEXT_WIDTH)
        inside = self._inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.GAP)
        for label in (self._title, self._steps, self._try):
            inside.addWidget(label)
        inside.insertSpacing(2, theme.WIDE)
        for place, button in enumerate(self._examples):
            button.clicked.connect(partial(self._choose, place))
            inside.addWidget(button)
        across = QHBoxLayout()
        across.addWidget(column)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE)
        layout.addStretch(2)
        layout.addLayout(across)
        layout.addStretch(3)
        self.retranslate()

    def show_steps(self, steps: FirstSteps | None) -> None:
        """Offer the first ``steps`` in place of questions, or none of them any more."""
        if steps is not None and self._first is None:
            self._inside.addWidget(steps)
        self._first = steps or self._first
        if self._first is not None:
            self._first.setVisible(steps is not None)
        for widget in (self._try, *self._examples):
            widget.setVisible(steps is None)

    def show_questions(self, questions: Sequence[str]) -> None:
        """Offer these ``questions``; with none of them the usual examples."""
        self._questions = questions
        self._say_examples()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Empty conversation"))
        self._title.setText(_("Answers with the page they rest on"))
        self._steps.setText(
            _("First drop files or a folder on this window. Then ask; you need not wait until they are all read.")
        )
        if self._first is not None:
            self._first.retranslate()
        self._say_examples()

    def _say_examples(self) -> None:
        self._try.setText(_("The samples answer, for example:") if self._questions else _("For example:"))
        for place, button in enumerate(self._examples):
            button.setText(self._example(place))
            button.setAccessibleName(_("Example question: {text}").format(text=button.text()))

    def _example(self, place: int) -> str:
        return self._questions[place] if self._questions else _(_EXAMPLES[place])

    def _choose(self, place: int) -> None:
        self.example_chosen.emit(self._example(place))


def _paragraph() -> QLabel:
    label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("muted", True)
    return label
