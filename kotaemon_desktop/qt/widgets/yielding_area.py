"""A part that is as high as its content where there is room, and scrolls where there is not."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QWidget


class YieldingArea(QScrollArea):
    """Holds one widget and shrinks down to ``least`` pixels of height before others have to. GUI thread."""

    def __init__(self, content: QWidget, least: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self._least = least
        self.setWidget(content)
        content.setAutoFillBackground(False)  # the area has the colour of a panel; Qt would paint the window's on it
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its parts have the focus, and it scrolls to them

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return what the content wants, and the frame; Qt would stop at 24 lines."""
        return self._with_frame(self._content.sizeHint())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return the content's least width and a height that still shows a part of it."""
        least = self._with_frame(self._content.minimumSizeHint())
        return QSize(least.width(), min(self._least, least.height()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Ask for another size when the content does; the scroll area watches it anyway."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self._content:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _with_frame(self, size: QSize) -> QSize:
        border = 2 * self.frameWidth()
        return size + QSize(border, border)
