"""The icons as the program draws them, against QtSvg, which knows the whole of SVG; and the picture of the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.qt.line_art import LineArt

SIDE = 60
ICONS = sorted(resource("icons").glob("*.svg"))


def empty(side: int = SIDE) -> QImage:
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    return image


def by_qt(file: Path, side: int = SIDE) -> QImage:
    image = empty(side)
    painter = QPainter(image)
    QSvgRenderer(str(file)).render(painter, QRectF(0, 0, side, side))
    painter.end()
    return image


def difference(one: QImage, other: QImage) -> float:
    """Return the mean difference of the pixels, 0 to 1, each counted by all of its four parts."""
    parts = [bytes(image.convertToFormat(QImage.Format.Format_ARGB32).constBits()) for image in (one, other)]
    return sum(abs(a - b) for a, b in zip(*parts, strict=True)) / len(parts[0]) / 255


@pytest.mark.parametrize("file", ICONS, ids=lambda file: file.stem)
def test_every_icon_looks_as_its_file_says(qtbot: QtBot, file: Path) -> None:
    ours = empty()
    painter = QPainter(ours)
    LineArt(file).draw(painter, SIDE, QColor(Qt.GlobalColor.black))
    painter.end()
    assert difference(ours, by_qt(file)) < 0.001
    assert difference(ours, empty()) > 0.005


def test_the_programs_picture_is_drawn_from_its_svg_file(qtbot: QtBot) -> None:
    """A PNG, because an SVG would bring QtSvg into every window."""
    picture = QImage(str(resource("kotaemon-desktop.png")))
    assert difference(picture, by_qt(resource("kotaemon-desktop.svg"), picture.width())) < 0.001
