"""Lays out a snippet in a few lines for lists that paint their own rows."""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from kotaemon_desktop.qt.viewmodels.snippet import Snippet


def snippet_layout(snippet: Snippet, font: QFont, width: int, lines: int) -> QTextLayout:
    """Return the snippet laid out in up to ``lines`` lines, the last one cut to fit, its marked words in bold."""
    layout = QTextLayout(snippet.text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    bold = QTextCharFormat()
    bold.setFontWeight(QFont.Weight.Bold)
    layout.setFormats([_range(start, end, bold) for start, end in snippet.marked])
    layout.beginLayout()
    top, end = 0.0, 0
    for _number in range(lines):
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
        end = line.textStart() + line.textLength()
    layout.endLayout()
    if end < len(snippet.text) and end > 2:
        shorter = snippet.text[: end - 2].rstrip() + "…"
        return snippet_layout(
            Snippet(shorter, tuple(m for m in snippet.marked if m[1] < len(shorter))), font, width, lines
        )
    return layout


def _range(start: int, end: int, look: QTextCharFormat) -> QTextLayout.FormatRange:
    span = QTextLayout.FormatRange()
    span.start, span.length, span.format = start, end - start, look  # pyright: ignore[reportAttributeAccessIssue]
    return span
