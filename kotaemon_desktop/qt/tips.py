"""Tips that show what others wrote."""

from __future__ import annotations

from PySide6.QtCore import Qt as Core
from PySide6.QtGui import Qt


def plain(text: str) -> str:
    """Return a tip that shows ``text`` to the letter: one with a tag in it Qt reads as HTML, and loads its images."""
    return Qt.convertFromPlainText(text, Core.WhiteSpaceMode.WhiteSpaceNormal) if Qt.mightBeRichText(text) else text
