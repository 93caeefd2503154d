"""Whatever a document or a model writes, the window fetches nothing, runs nothing, and shows where a link leads."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument

from kotaemon_desktop.core.answering.extract import as_markdown
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt.links import ask_and_open
from kotaemon_desktop.qt.markdown import MarkdownWriter
from kotaemon_desktop.qt.markdown_format import CITATION
from kotaemon_desktop.qt.widgets.text_body import TextBody

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hostile_texts

SLOWEST_SECONDS = 2.0  # of this process' own time: ten times what the slowest takes


class Body(TextBody):
    """The widget of an answer, which notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[str] = []

    def loadResource(self, kind: int, name: QUrl | str) -> None:  # noqa: N802
        self.wanted.append(str(name))
        return super().loadResource(kind, name)


def links(document: QTextDocument) -> set[str]:
    """Return the addresses of all links in ``document``."""
    found: set[str] = set()
    block = document.begin()
    while block.isValid():
        pieces = block.begin()
        while not pieces.atEnd():
            found.add(pieces.fragment().charFormat().anchorHref())
            pieces += 1
        block = block.next()
    return found - {""}


@pytest.mark.parametrize("number", range(len(hostile_texts.PAYLOADS)))
def test_an_answer_shows_it_and_nothing_else(qtbot, number: int) -> None:
    body = Body()
    qtbot.addWidget(body)
    body.resize(600, 400)
    body.show()
    started = time.process_time()
    MarkdownWriter(body.document()).write(hostile_texts.text(number), numbers={1})
    body.grab()

    assert time.process_time() - started < SLOWEST_SECONDS
    assert not [each for each in body.document().allFormats() if each.isImageFormat()]
    assert f"{number + 100} grams" in body.toPlainText()
    for target in links(body.document()) - {f"{CITATION}1"}:
        box = ask_and_open(body, QUrl(target))
        if box is not None:
            assert QUrl(target).scheme() in {"http", "https"}
            assert QUrl(target).host() in box.text()
            box.reject()


@pytest.mark.parametrize("number", range(len(hostile_texts.PAYLOADS)))
def test_a_quote_is_only_text(qtbot, number: int) -> None:
    quote = f"{hostile_texts.fact(number)} {hostile_texts.PAYLOADS[number]}"[:600]
    citation = Citation(1, 1, 1, "part.txt", "part.txt", None, 0, len(quote), quote)
    body = Body()
    qtbot.addWidget(body)
    MarkdownWriter(body.document()).write(as_markdown([citation]), numbers={1})

    assert links(body.document()) <= {f"{CITATION}1"}
    assert not [each for each in body.document().allFormats() if each.isImageFormat()]
