"""Files dropped on the window: which of them are local, and the veil that says that they may be dropped."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme


def local_paths(data: QMimeData) -> list[Path]:
    """Return the files and folders that are dragged; addresses elsewhere are left out."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropVeil(QWidget):
    """Takes the files that are dropped on its parent, and covers it while they are dragged over it. GUI thread.

    Signals: ``dropped(paths)``: after the event, for the other program waits for its end.
    """

    dropped = Signal(list)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        parent.setAcceptDrops(True)
        parent.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Follow what is dragged over the parent; local files and folders are taken wherever they are dropped."""
        if isinstance(event, QDropEvent) and watched is self._parent:  # enters and moves are drop events too
            return self._follow(event)
        if event.type() == QEvent.Type.DragLeave:
            self.hide()
        elif event.type() == QEvent.Type.Resize:
            self.setGeometry(self._parent.rect())
        return super().eventFilter(watched, event)

    def _follow(self, event: QDropEvent) -> bool:
        paths = local_paths(event.mimeData())
        if not paths:
            return False
        if event.type() == QEvent.Type.Drop:
            self.hide()
            QTimer.singleShot(0, self, lambda: self.dropped.emit(paths))
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            self.lift()
        event.accept()
        return True

    def lift(self) -> None:
        """Show the words over the whole parent."""
        self.setGeometry(self._parent.rect())
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint a thin cloth, a frame and one line of words."""
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cloth = QColor(look.surface)
        cloth.setAlpha(225)
        painter.fillRect(self.rect(), cloth)
        painter.setPen(QPen(look.colour("accent"), 2, Qt.PenStyle.DashLine))
        frame = QRectF(self.rect()).adjusted(theme.WIDE, theme.WIDE, -theme.WIDE, -theme.WIDE)
        painter.drawRoundedRect(frame, 8, 8)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.4)
        painter.setFont(font)
        painter.setPen(look.colour("text"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, _("Drop to add to the library"))
