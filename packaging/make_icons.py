"""Draws the program's icon in the sizes that desktops want, from resources/kotaemon-desktop.svg.

Run with: python packaging/make_icons.py FOLDER   (FOLDER/128x128/apps/kotaemon-desktop.png and so on)
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

NAME = "kotaemon-desktop"
SOURCE = Path(__file__).resolve().parents[1] / "resources" / f"{NAME}.svg"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def main() -> None:
    """Write the PNG files and, beside them, the drawing itself."""
    _application = QGuiApplication([])
    renderer = QSvgRenderer(str(SOURCE))
    folder = Path(sys.argv[1])
    for size in SIZES:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        image.save(str(_place(folder, f"{size}x{size}") / f"{NAME}.png"))
        if size == 256:  # what Windows and macOS read
            for suffix in ("ico", "icns"):
                image.save(str(folder / f"{NAME}.{suffix}"))
    shutil.copyfile(SOURCE, _place(folder, "scalable") / SOURCE.name)


def _place(folder: Path, size: str) -> Path:
    place = folder / size / "apps"
    place.mkdir(parents=True, exist_ok=True)
    return place


if __name__ == "__main__":
    main()
