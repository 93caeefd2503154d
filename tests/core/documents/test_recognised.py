"""Where the words of a recognised page stand."""

import pytest

from kotaemon_desktop.core.documents.recognised import boxes
from kotaemon_desktop.core.records import Box, RecognisedLine

TEXT = "Paid by day\nand night"
LINES = (
    RecognisedLine(0, 11, Box(0.1, 0.2, 0.5, 0.25), (0, 100, 200, 300, 400, 450, 500, 600, 600, 750, 900)),
    RecognisedLine(12, 21, Box(0.1, 0.3, 0.4, 0.35)),
)


def sides(start: int, end: int) -> list[tuple[float, float]]:
    return [(pytest.approx(box.left), pytest.approx(box.right)) for box in boxes(LINES, start, end)]


def test_a_part_of_a_line_stands_between_its_edges() -> None:
    assert TEXT[5:7] == "by"
    assert sides(5, 7) == [(0.1 + 0.4 * 0.45, 0.1 + 0.4 * 0.6)]
    assert sides(8, 11) == [(0.1 + 0.4 * 0.6, 0.5)]
    (box,) = boxes(LINES, 5, 7)
    assert (box.top, box.bottom) == (0.2, 0.25)


def test_every_line_has_a_box() -> None:
    assert sides(0, len(TEXT)) == [(0.1, 0.5), (0.1, 0.4)]
    assert sides(8, 15) == [(0.1 + 0.4 * 0.6, 0.5), (0.1, 0.2)]  # the second line knows no edges: all alike
    assert sides(11, 12) == []
    assert sides(30, 40) == []
