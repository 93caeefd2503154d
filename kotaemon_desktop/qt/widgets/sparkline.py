"""A small line over the last two minutes, painted by hand: no chart library, no work while it is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kotaemon_desktop.qt import theme

_HEIGHT = 34
_AXIS = 8  # room below the line for the marks


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that happened at ``at`` (same clock as the points): ``up`` points up, else down."""

    at: float
    up: bool


class Sparkline(QWidget):
    """Draws (time, value) points of the last ``seconds``; its height stands for ``top``. Lives in the GUI thread."""

    def __init__(self, seconds: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds = seconds
        self._points: Sequence[tuple[float, float]] = ()
        self._ticks: Sequence[Tick] = ()
        self._top = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height that all sparklines share."""
        return QSize(160, _HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a width that still shows a line."""
        return QSize(80, _HEIGHT)

    def show_points(self, points: Sequence[tuple[float, float]], top: float, ticks: Sequence[Tick] = ()) -> None:
        """Draw ``points``, oldest first, up to a height of ``top`` (0 is the bottom)."""
        self._points, self._top, self._ticks = points, max(top, 1e-9), ticks
        self.update()  # Qt drops it while the widget is hidden

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the ground, the line with the area below it, and the marks."""
        look = theme.current()
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("surface_raised"))
        plot = QRectF(self.rect()).adjusted(0, 2, -1, -_AXIS)
        painter.setPen(QPen(look.colour("border"), 1))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        if not self._points:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = self._points[-1][0]
        line = QPolygonF([self._place(plot, now, at, value) for at, value in self._points])
        accent = look.colour("accent")
        area = QPolygonF(line)
        area.append(QPointF(line.last().x(), plot.bottom()))
        area.append(QPointF(line.first().x(), plot.bottom()))
        shade = QColor(accent)
        shade.setAlpha(40)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawPolygon(area)
        painter.setPen(QPen(accent, 1.5))
        painter.drawPolyline(line)
        self._paint_ticks(painter, plot, now, look)

    def _paint_ticks(self, painter: QPainter, plot: QRectF, now: float, look: theme.Theme) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("text_muted"))
        for tick in self._ticks:
            if now - tick.at > self._seconds:
                continue
            x = self._place(plot, now, min(tick.at, now), 0).x()
            foot, tip = plot.bottom() + 7, plot.bottom() + 2
            if not tick.up:
                foot, tip = tip, foot
            painter.drawPolygon(QPolygonF([QPointF(x - 3, foot), QPointF(x + 3, foot), QPointF(x, tip)]))

    def _place(self, plot: QRectF, now: float, at: float, value: float) -> QPointF:
        x = plot.right() - (now - at) / self._seconds * plot.width()
        return QPointF(x, plot.bottom() - min(1.0, value / self._top) * plot.height())


def round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10, 20, 50 ... that is not below ``value``: a scale that does not jump about."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (ceil(log10(value)) - 1)
    return next(power * step for step in (1, 2, 5, 10) if power * step >= value * 0.999999)
