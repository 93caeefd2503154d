"""Draws the icons: lines, curves, circles and boxes, the part of SVG that they are made of.

QtSvg, which knows all of SVG, would take 0.9 MB of the window for it; a test compares with what it draws.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen

_GRID = 20  # units of a side: the view box of every icon
_WIDTH = "1.5"
_SHAPE = re.compile(r"<(path|circle|rect)\s([^>]*)>")
_ATTRIBUTE = re.compile(r'([a-z0-9-]+)="([^"]*)"')
_TOKEN = re.compile(r"[MLHVCZmlhvcz]|-?(?:\d*\.\d+|\d+)")
_NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Z": 0}


@dataclass(frozen=True, slots=True)
class _Stroke:
    """One shape, in units of the grid, as wide as its pen; a filled one is filled too."""

    path: QPainterPath
    width: float
    filled: bool


class LineArt:
    """One icon, read from its SVG file. GUI thread."""

    def __init__(self, file: Path) -> None:
        self._strokes = [_stroke(*shape.groups()) for shape in _SHAPE.finditer(file.read_text("utf-8"))]

    def draw(self, painter: QPainter, side: float, colour: QColor) -> None:
        """Draw it into the square of ``side`` at the painter's origin."""
        pen = QPen()
        pen.setColor(colour)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(side / _GRID, side / _GRID)
        for stroke in self._strokes:
            pen.setWidthF(stroke.width)
            painter.setPen(pen)
            painter.setBrush(pen.brush() if stroke.filled else QBrush())
            painter.drawPath(stroke.path)
        painter.restore()


def _stroke(shape: str, attributes: str) -> _Stroke:
    told = dict(_ATTRIBUTE.findall(attributes))
    path = QPainterPath()
    if shape == "circle":
        radius = float(told["r"])
        path.addEllipse(QPointF(float(told["cx"]), float(told["cy"])), radius, radius)
    elif shape == "rect":
        corner = float(told.get("rx", "0"))
        box = QRectF(*(float(told[name]) for name in ("x", "y", "width", "height")))
        path.addRoundedRect(box, corner, corner)
    else:
        _follow(path, told["d"])
    return _Stroke(path, float(told.get("stroke-width", _WIDTH)), "fill" in told)


def _follow(path: QPainterPath, outline: str) -> None:
    """Add the lines and curves of a path's ``d`` to ``path``; small letters count from the point reached."""
    tokens = _TOKEN.findall(outline)[::-1]
    command = ""
    while tokens:
        if tokens[-1].isalpha():
            command = tokens.pop()
        numbers = [float(tokens.pop()) for _ in range(_NUMBERS[command.upper()])]
        here = path.currentPosition()
        base = here if command.islower() else QPointF(0, 0)
        points = [QPointF(x, y) + base for x, y in zip(numbers[::2], numbers[1::2], strict=False)]
        match command.upper():
            case "M":
                path.moveTo(points[0])
                command = "l" if command.islower() else "L"  # further points are lines
            case "L":
                path.lineTo(points[0])
            case "H":
                path.lineTo(numbers[0] + base.x(), here.y())
            case "V":
                path.lineTo(here.x(), numbers[0] + base.y())
            case "C":
                path.cubicTo(*points)
            case _:
                path.closeSubpath()
