"""Whatever a document or a model writes, the window fetches nothing, runs nothing, and shows where a link leads."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt, QUrl
from PySide6.QtGui import QTextDocument, QTextDocumentFragment
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from kotaemon_desktop.core.answering.extract import as_markdown
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.qt.links import ask_and_open
from kotaemon_desktop.qt.markdown import MarkdownWriter
from kotaemon_desktop.qt.markdown_format import CITATION
from kotaemon_desktop.qt.viewmodels import conversations as conversation_model
from kotaemon_desktop.qt.viewmodels.documents import DocumentList
from kotaemon_desktop.qt.viewmodels.entry import Entry
from kotaemon_desktop.qt.viewmodels.places import Place, PlaceKind
from kotaemon_desktop.qt.viewmodels.preview import Target
from kotaemon_desktop.qt.viewmodels.snippet import Snippet
from kotaemon_desktop.qt.viewmodels.sources import Source
from kotaemon_desktop.qt.widgets.conversation_list import ConversationListModel
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.follow_ups import FollowUps
from kotaemon_desktop.qt.widgets.model_chip import ModelChip
from kotaemon_desktop.qt.widgets.place_list import PlaceList
from kotaemon_desktop.qt.widgets.scope_chip import ScopeChip
from kotaemon_desktop.qt.widgets.source_list import SourceListModel
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


NAME = '<img src="http://127.0.0.1:9/seen.png"> & <b>name</b>'


def tips(widget: QWidget) -> list[str]:
    """Return all tips of ``widget``, its parts and the rows of its lists."""
    widgets = [widget, *widget.findChildren(QWidget)]
    models: list[QAbstractItemModel] = [each.model() for each in widgets if isinstance(each, QAbstractItemView)]
    indexes = [model.index(row, 0) for model in models for row in range(model.rowCount())]
    rows = [index.data(Qt.ItemDataRole.ToolTipRole) for index in indexes]
    return [tip for tip in (*(each.toolTip() for each in widgets), *rows) if tip]


def elided() -> QWidget:
    made = ElidedLabel()
    made.setText(NAME)
    return made


def topics() -> QWidget:
    made = FollowUps()
    made.show_topics((NAME,))
    return made


def answerer() -> QWidget:
    made = ModelChip()
    made.show_answerer(NAME)
    return made


def scope() -> QWidget:
    made = ScopeChip()
    made.show_scope(Scope(collections=(NAME,)))
    return made


def places() -> QWidget:
    made, place = PlaceList(), Place(PlaceKind.COLLECTION, 1, NAME)
    made.show_places([place], place)
    return made


def conversations() -> QWidget:
    made = QListView()
    model = ConversationListModel(made)
    model.show_entries([conversation_model.Entry(1, NAME, 0.0)])
    made.setModel(model)
    return made


def documents() -> QWidget:
    made = QListView()
    model = DocumentList(made)
    model.insert(0, [Entry(f"/tmp/{NAME}")])
    made.setModel(model)
    return made


def sources() -> QWidget:
    made = QListView()
    model = SourceListModel(made)
    model.show_sources((Source(1, Target(1, NAME, None), Snippet("", ()), None),))
    made.setModel(model)
    return made


@pytest.mark.parametrize("made", [elided, topics, answerer, scope, places, conversations, documents, sources])
def test_a_tip_shows_it_to_the_letter(qtbot, made: Callable[[], QWidget]) -> None:
    widget = made()
    qtbot.addWidget(widget)
    [tip] = [each for each in tips(widget) if "127.0.0.1" in each]
    assert "<img" not in tip
    assert NAME in QTextDocumentFragment.fromHtml(tip).toPlainText()
