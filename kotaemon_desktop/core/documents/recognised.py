"""What the window process knows of text recognition: whether it is installed, and where its words stand on a page."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from kotaemon_desktop.core.records import Box, RecognisedLine

EDGE = 1000  # RecognisedLine.edges count in this part of a line's width


def installed() -> bool:
    """Tell whether text recognition is installed, without loading it."""
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "PIL"))


def boxes(lines: Sequence[RecognisedLine], start: int, end: int) -> tuple[Box, ...]:
    """Return where ``page_text[start:end]`` stands on the page, a box a line."""
    found: list[Box] = []
    for line in lines:
        first, last = max(start, line.start) - line.start, min(end, line.end) - line.start
        if first < last:
            width = line.box.right - line.box.left
            left = line.box.left + width * _edge(line, first)
            found.append(Box(left, line.box.top, line.box.left + width * _edge(line, last), line.box.bottom))
    return tuple(found)


def _edge(line: RecognisedLine, character: int) -> float:
    """Return how far into its line, 0..1, a character begins; the one after the last: where the line ends."""
    length = line.end - line.start
    if character >= length:
        return 1.0
    return line.edges[character] / EDGE if line.edges else character / length
