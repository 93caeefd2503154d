"""What the answer's text draws beside the words."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.markdown import MarkdownWriter
from kotaemon_desktop.qt.widgets.answer_body import AnswerBody


def test_a_line_stands_beside_each_quote_and_beside_nothing_else(qtbot: QtBot) -> None:
    body = AnswerBody()
    qtbot.addWidget(body)
    body.setStyleSheet("padding: 0; border: none")
    MarkdownWriter(body.document()).write("> Quoted words. [1]\n\nPlain words.\n\n> > Quoted in a quote.", numbers={1})
    body.resize(400, 200)
    body.show()
    drawn = body.viewport().grab().toImage()

    def lines(words: str) -> list[int]:
        """Where lines stand, from the left, at the height of the block that says ``words``."""
        block = body.document().find(words).block()
        place: QRectF = body.document().documentLayout().blockBoundingRect(block)
        colours = [drawn.pixelColor(x, int(place.center().y())) for x in range(2 * theme.WIDE)]
        lit = [x for x, colour in enumerate(colours) if colour == theme.current().colour("border")]
        return [x for x in lit if x - 1 not in lit]

    assert lines("Quoted words") == [0]
    assert lines("Plain words") == []
    assert lines("Quoted in a quote") == [0, theme.WIDE]
