"""Asking within a collection, in the real window: the chip, the answer's line, what a conversation remembers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.qt.viewmodels.exchange import Phase
from kotaemon_desktop.qt.widgets.exchange_line import ExchangeLine
from kotaemon_desktop.qt.widgets.exchange_view import ExchangeView
from kotaemon_desktop.qt.widgets.scope_chip import ScopeChip
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

from .conftest import PATIENCE_MS

QUESTION = "How many leave days does an employee have?"  # no word of it is in travel.txt
TRAVEL = Scope(collections=("Travel",))


@pytest.fixture
def travelling(
    engine: Engine, window: MainWindow, lanes: Lanes, qtbot: QtBot, files: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    """The window with two documents, one of them in the collection “Travel”."""
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    chip = window.chat.findChild(ScopeChip)
    assert not chip.isVisible(), "there is nothing to choose yet"
    window.library_model.import_([files / "leave.md", files / "travel.txt"])
    settle(lanes, qtbot)
    ids = [entry.document.id for entry in window.library_model.documents.entries if entry.name == "travel.txt"]
    window.library_model.places.create("Travel", ids)
    settle(lanes, qtbot)
    yield window
    lanes.close()


def settle(lanes: Lanes, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: all(lanes.idle(lane) for lane in ("importing", "browsing", "answering")), timeout=PATIENCE_MS
    )


def choose(window: MainWindow, words: str) -> None:
    chip = window.chat.findChild(ScopeChip)
    assert chip.isVisible()
    chip.menu().aboutToShow.emit()
    next(action for action in chip.menu().actions() if action.text() == words).trigger()


def last_line(window: MainWindow) -> ExchangeLine:
    """The line below the last answer."""
    last = max(window.chat.findChildren(ExchangeView), key=lambda view: view.exchange.number)
    line = last.findChild(ExchangeLine)
    assert line is not None
    return line


def test_a_scope_is_chosen_told_and_given_up(travelling: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    model = travelling.chat_model
    choose(travelling, "Travel")
    assert travelling.chat.findChild(ScopeChip).text() == "Travel"
    assert model.ask(QUESTION)
    settle(lanes, qtbot)
    last = model.last()
    assert (last.phase, last.answered, last.scope) == (Phase.DONE, False, TRAVEL)
    line = last_line(travelling)
    assert "Not in Travel" in line.text
    [widen] = [b for b in line.findChildren(QPushButton) if b.isVisible()]
    assert widen.text() == "Ask all documents"
    qtbot.mouseClick(widen, Qt.MouseButton.LeftButton)
    settle(lanes, qtbot)
    last = model.last()
    assert last.answered
    assert "27 days" in last.answer
    assert model.scope.current == ALL
    assert travelling.chat.findChild(ScopeChip).text() == "All documents"


def test_a_conversation_remembers_what_it_asks(travelling: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    model = travelling.chat_model
    choose(travelling, "Travel")
    model.ask("What is paid for train tickets?")
    settle(lanes, qtbot)
    assert model.last().answered
    assert "only Travel" in last_line(travelling).text
    conversation = model.conversation
    travelling.chat.begin_anew()
    assert model.scope.current == ALL
    [travel] = travelling.library_model.places.collections
    travelling.library_model.places.rename(travel, "Trips & tickets")
    model.open_conversation(conversation)
    settle(lanes, qtbot)
    assert model.scope.current == Scope(collections=("Trips & tickets",))
    assert travelling.chat.findChild(ScopeChip).text() == "Trips && tickets"
    choose(travelling, "All documents")
    settle(lanes, qtbot)
    assert travelling._engine.history.scope(conversation) == ALL


def test_selected_documents_are_asked_alone(travelling: MainWindow, lanes: Lanes, qtbot: QtBot, files: Path) -> None:
    view = travelling.library._list
    view.selectAll()
    next(action for action in view.actions() if action.text() == "Ask these documents only").trigger()
    assert travelling.chat.findChild(ScopeChip).text() == "2 documents"
    travelling.chat_model.ask(f"{QUESTION} file:travel")
    settle(lanes, qtbot)
    assert not travelling.chat_model.last().answered
    assert travelling.chat_model.last().scope.names == ("travel",)
    assert travelling.chat_model.scope.current.paths
