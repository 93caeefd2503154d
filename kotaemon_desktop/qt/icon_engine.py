"""Draws the program's icons, each in a colour that it asks for when it paints."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap, QPixmapCache

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.qt.line_art import LineArt


class IconEngine(QIconEngine):
    """Draws one SVG in the colour, ``#rrggbb``, that ``colour`` says when it paints; lives in the GUI thread."""

    def __init__(self, name: str, colour: Callable[[QIcon.Mode], str]) -> None:
        super().__init__()
        self._name = name
        self._colour = colour
        self._drawn: dict[tuple[str, int, int, int], QPixmap] = {}

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draw into ``rect``, centred, as sharp as the device allows."""
        ratio = painter.deviceTransform().m11()
        side = min(rect.width(), rect.height())
        pixmap = self.scaledPixmap(QSize(side, side), mode, state, ratio)
        painter.drawPixmap(rect.center() - QPoint((side - 1) // 2, (side - 1) // 2), pixmap)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon in ``size`` device pixels."""
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: ARG002, N802
        """Return the icon in ``size`` pixels for a screen of ``scale`` device pixels to a pixel (so since Qt 6.8).

        It stands at the left of a size that is wider than high: room before a button's words; Qt leaves little.
        """
        colour = self._colour(mode)
        side, width = (round(each * scale) for each in (min(size.width(), size.height()), size.width()))
        if side <= 0:  # a button that has not been laid out yet
            return QPixmap()
        key = (colour, side, width, int(scale * 100))
        if key not in self._drawn:
            self._drawn[key] = self._shared(f"{self._name} {key}", colour, side, width, scale)
        return self._drawn[key]

    def clone(self) -> QIconEngine:
        return IconEngine(self._name, self._colour)

    def _shared(self, key: str, colour: str, side: int, width: int, scale: float) -> QPixmap:
        """Return the one drawing that all buttons with this icon share: the settings page alone has a hundred."""
        drawn = QPixmap()
        if not QPixmapCache.find(key, drawn):
            drawn = self._draw(colour, side, width, scale)
            QPixmapCache.insert(key, drawn)
        return drawn

    def _draw(self, colour: str, side: int, width: int, scale: float) -> QPixmap:
        pixmap = QPixmap(width, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        LineArt(resource(f"icons/{self._name}.svg")).draw(painter, side, QColor(colour))
        painter.end()
        pixmap.setDevicePixelRatio(scale)
        return pixmap
