"""A question of the conversation while it is being changed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, push_button, row
from kotaemon_desktop.qt.widgets.question_box import QuestionEdit


class QuestionEditor(QWidget):
    """The text with two buttons; Enter asks, Escape leaves it as it was. GUI thread.

    Signals: ``sent(str)``, ``left()``.
    """

    sent = Signal(str)
    left = Signal()

    def __init__(self, question: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.edit = QuestionEdit(self)
        self.edit.setFrameShape(QFrame.Shape.NoFrame)
        self.edit.setStyleSheet("QPlainTextEdit { border: none; background: transparent; padding: 0 }")
        self.edit.setPlainText(question)
        self.edit.moveCursor(self.edit.textCursor().MoveOperation.End)
        self.edit.entered.connect(self._send)
        self._ask = push_button("primary")
        self._ask.clicked.connect(self._send)
        self._cancel = push_button("flat")
        self._cancel.clicked.connect(self.left)
        buttons = row(theme.GAP)
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._ask)
        layout = column(theme.GAP)
        self.setLayout(layout)
        field = QFrame()
        field.setProperty("panel", True)
        inside = column(0, (theme.GAP, theme.TIGHT, theme.GAP, theme.TIGHT))
        field.setLayout(inside)
        inside.addWidget(self.edit)
        layout.addWidget(field)
        layout.addLayout(buttons)
        self.setFocusProxy(self.edit)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Change the question"))
        self.edit.setAccessibleName(_("Question"))
        self._ask.setText(_("Ask again"))
        self._cancel.setText(_("Cancel"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Leave with Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def _send(self) -> None:
        if text := self.edit.toPlainText().strip():
            self.sent.emit(text)
