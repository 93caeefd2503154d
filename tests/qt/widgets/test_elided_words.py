"""Words for which there is no room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt.widgets.exchange_line import ExchangeLine
from kotaemon_desktop.qt.widgets.parts import label

LONG = "Quoted from your documents, and no language model was asked for anything of it"


@pytest.mark.parametrize("where", ["a part that shrinks", "the line below an answer"])
def test_words_without_room_are_cut_with_a_sign(where: str, qtbot: QtBot) -> None:
    line = ExchangeLine()
    qtbot.addWidget(line)
    words: QLabel = line._words if "answer" in where else label("muted", shrinks=True)
    qtbot.addWidget(words)
    words.resize(160, 28)

    def drawn(text: str) -> QImage:
        words.setText(text)
        return words.grab().toImage()

    cut = words.fontMetrics().elidedText(LONG, Qt.TextElideMode.ElideMiddle, 160)
    assert "…" in cut
    assert drawn(LONG) == drawn(cut) != drawn("")


def test_a_part_that_shrinks_says_all_of_it_in_its_tip() -> None:
    words = label("muted", shrinks=True)
    words.setText(LONG)
    assert words.toolTip() == LONG
    words.clear()
    assert words.toolTip() == ""
