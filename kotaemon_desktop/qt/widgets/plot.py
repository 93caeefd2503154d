"""A plot painted by hand: stacked areas over time, marks below, the values under the pointer or by arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.plot_data import PlotData

_AXIS = 8  # room below the areas for the marks
_SHADE = {1: 40, 2: 170}  # how dense an area is: alone, or on others (its colour has to tell it from them)
_JUMP = 10  # points that Page Up and Page Down go


class Plot(QWidget):
    """Draws a PlotData; nothing is computed while it is hidden. Lives in the GUI thread.

    The pointer or the arrow keys choose a moment, whose values come as a tip.
    Signals: ``pointed(object)``: the chosen moment (wall clock, seconds), None when there is none any more.
    """

    pointed = Signal(object)

    def __init__(self, height: int, *, marks: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height + (_AXIS if marks else 0)
        self._axis = _AXIS if marks else 1
        self._data: PlotData | None = None
        self._at: float | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)

    @property
    def data(self) -> PlotData | None:
        """What is drawn."""
        return self._data

    def sizeHint(self) -> QSize:  # noqa: N802
        """Return the height it was made for."""
        return QSize(160, self._height)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Return a width that still shows a line."""
        return QSize(72, self._height)

    def show_data(self, data: PlotData) -> None:
        """Draw ``data`` from now on."""
        self._data = data
        self.update()  # Qt drops it while the widget is hidden

    def point_at(self, at: float | None) -> None:
        """Draw a line at a moment, as other plots do at the same time; None takes it away."""
        if at != self._at:
            self._at = at
            self.update()

    # --- choosing a moment -----------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Choose the moment under the pointer."""
        data, room = self._data, self._room()
        if data is not None:
            self._choose(data.nearest(data.until - (room.right() - event.position().x()) / room.width() * data.seconds))

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802
        """Forget the moment when the pointer goes."""
        super().leaveEvent(event)
        self._choose(None)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Forget the moment when the keys go elsewhere."""
        super().focusOutEvent(event)
        self._choose(None)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """Show that the arrow keys work here."""
        super().focusInEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Go from point to point: Left and Right, Page Up and Page Down, Home and End; Escape forgets the moment."""
        data = self._data
        if data is None or not data.times:
            super().keyPressEvent(event)
            return
        last = len(data.times) - 1
        here = data.nearest(self._at) if self._at is not None else None
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: -_JUMP, Qt.Key.Key_PageDown: _JUMP}
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape and here is not None:
            self._choose(None)
        elif key in steps:
            self._choose(last if here is None else min(last, max(0, here + steps[key])))
        elif key in {Qt.Key.Key_Home, Qt.Key.Key_End}:
            self._choose(0 if key == Qt.Key.Key_Home else last)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int | None) -> None:
        data = self._data
        at = data.times[index] if data is not None and index is not None else None
        words = data.describe(index) if data is not None and index is not None else ""
        if at != self._at:
            self.pointed.emit(at)
        self.point_at(at)
        self.setAccessibleDescription(words)
        if data is None or at is None:
            QToolTip.hideText()
        else:
            where = QPoint(round(_across(data, self._room(), at)) + theme.GAP, self._height)
            QToolTip.showText(self.mapToGlobal(where), words, self)

    # --- painting --------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002, N802
        """Paint the ground, the areas, the marks, and the chosen moment."""
        look, room, data = theme.current(), self._room(), self._data
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.colour("surface_raised"))
        painter.setPen(QPen(look.colour("border"), 1))
        for share in (0.25, 0.5, 0.75):
            x = round(room.left() + room.width() * share) + 0.5
            painter.drawLine(QPointF(x, room.bottom()), QPointF(x, room.bottom() - 3))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        if data is not None and data.times:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if data.bars:
                _paint_bars(painter, data, room, look)
            else:
                _paint_areas(painter, data, room, look)
            _paint_ticks(painter, data, room, look)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            self._paint_scale(painter, data, look)
            if self._at is not None:
                x = _across(data, room, self._at)
                painter.setPen(QPen(look.colour("text"), 1))
                painter.drawLine(QPointF(x, room.top()), QPointF(x, room.bottom()))
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _paint_scale(self, painter: QPainter, data: PlotData, look: theme.Theme) -> None:
        """Write what the upper edge stands for, where there is room for it."""
        if self._axis != _AXIS:
            return
        words = data.words(data.top)
        place = self.fontMetrics().boundingRect(words).adjusted(-2, 0, 4, 0)
        place.moveTopLeft(QPoint(0, 0))
        ground = look.colour("surface_raised")
        ground.setAlpha(190)
        painter.fillRect(place, ground)
        painter.setPen(look.colour("text_muted"))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)

    def _room(self) -> QRectF:
        """Return where the areas are: above the marks, with room for the width of a line."""
        return QRectF(self.rect()).adjusted(1, 2, -2, -self._axis)


def _across(data: PlotData, room: QRectF, at: float) -> float:
    return room.right() - (data.until - min(at, data.until)) / data.seconds * room.width()


def _up(data: PlotData, room: QRectF, value: float) -> float:
    return room.bottom() - min(1.0, value / max(data.top, 1e-9)) * room.height()


def _paint_areas(painter: QPainter, data: PlotData, room: QRectF, look: theme.Theme) -> None:
    """Paint each layer on the one below, and where a step hides a higher value, that as a line."""
    painter.setClipRect(room.adjusted(0, -2, 1, 0))
    across = [_across(data, room, at) for at in data.times]
    shade = _SHADE[min(2, len(data.layers))]
    for run in data.runs():
        sums = [0.0] * len(data.times)
        below = [QPointF(across[run[0]], room.bottom()), QPointF(across[run[-1]], room.bottom())]
        for layer in data.layers:
            if not any(layer.values[index] for index in run):
                continue
            for index in run:
                sums[index] += layer.values[index]
            above = [QPointF(across[index], _up(data, room, sums[index])) for index in run]
            _paint_area(painter, above, below, look.colour(layer.colour), shade)
            below = above
        if data.peaks:
            peaks = QPolygonF([QPointF(across[index], _up(data, room, data.peaks[index])) for index in run])
            painter.setPen(QPen(look.colour("text_muted"), 1, Qt.PenStyle.DotLine))
            painter.drawPolyline(peaks)
    painter.setClipping(False)


def _paint_area(
    painter: QPainter, above: Sequence[QPointF], below: Sequence[QPointF], colour: QColor, shade: int
) -> None:
    painter.setPen(QPen(colour, 1.5))
    painter.drawPolyline(QPolygonF(above))
    colour.setAlpha(shade)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([*above, *reversed(below)]))


def _paint_bars(painter: QPainter, data: PlotData, room: QRectF, look: theme.Theme) -> None:
    for layer in data.layers:
        painter.setPen(QPen(look.colour(layer.colour), 3))
        for at, value in zip(data.times, layer.values, strict=True):
            x = _across(data, room, at)
            painter.drawLine(QPointF(x, room.bottom()), QPointF(x, _up(data, room, value)))


def _paint_ticks(painter: QPainter, data: PlotData, room: QRectF, look: theme.Theme) -> None:
    """Paint one triangle for each pixel and direction, however much happened within it."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("text_muted"))
    for x, up in {(round(_across(data, room, tick.at)), tick.up) for tick in data.ticks}:
        foot, tip = room.bottom() + 7, room.bottom() + 2
        if not up:
            foot, tip = tip, foot
        painter.drawPolygon(QPolygonF([QPointF(x - 3, foot), QPointF(x + 3, foot), QPointF(x, tip)]))
