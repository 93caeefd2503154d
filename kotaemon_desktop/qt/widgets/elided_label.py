"""A line of text that gives way: cut in the middle where there is no room, whole in its tip."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kotaemon_desktop.qt.tips import plain


class ElidedLabel(QLabel):
    """Shows plain text on one line and asks for no width. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:  # noqa: N802
        """Show ``text``."""
        super().setText(text)
        self.setToolTip(plain(text))

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Ask for a line's height only."""
        return QSize(0, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint what fits."""
        paint_cut(self)


def paint_cut(label: QLabel) -> None:
    """Paint as much of the text of ``label`` as fits on its line."""
    painter = QPainter(label)
    room = label.contentsRect()
    text = label.fontMetrics().elidedText(label.text(), Qt.TextElideMode.ElideMiddle, room.width())
    painter.drawText(room, label.alignment() | Qt.AlignmentFlag.AlignVCenter, text)
