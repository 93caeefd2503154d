"""The page of the candidate, the thumbs below an answer, and the notice when a candidate is sent back."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.canary.canary import Canary
from kotaemon_desktop.core.canary.records import Way
from kotaemon_desktop.core.events import Stored
from kotaemon_desktop.qt.panels.canary import CanaryDialog
from kotaemon_desktop.qt.window import MainWindow

PATIENCE_MS = 60_000
QUESTION = "How many days of paid leave are there?"
WAY = Way("none", "extractive")


@pytest.fixture
def filled(window: MainWindow, files: Path) -> MainWindow:
    """The window over a library with one document."""
    importing = window.engine.imports.run([files / "leave.md"])
    while not isinstance(next(importing), Stored):
        pass
    importing.close()
    return window


def ask(window: MainWindow, qtbot: QtBot) -> int:
    """Ask in the open conversation and return the number of the exchange once it is stored."""
    model = window.chat_model
    with qtbot.waitSignal(model.answered, timeout=PATIENCE_MS):
        assert model.ask(QUESTION)
    qtbot.waitUntil(lambda: model.last().turn_id is not None, timeout=PATIENCE_MS)
    return model.last().number


def thumbs(window: MainWindow, number: int) -> dict[str, QToolButton]:
    view = window.chat._conversation.view(number)
    return {each.accessibleName(): each for each in view.findChildren(QToolButton) if "answer" in each.accessibleName()}


def page(window: MainWindow, qtbot: QtBot) -> CanaryDialog:
    window.page("canary")
    shown = window.page("canary")
    assert isinstance(shown, CanaryDialog)
    qtbot.waitUntil(lambda: shown._shown is not None, timeout=PATIENCE_MS)
    return shown


def cells(dialog: CanaryDialog) -> dict[str, tuple[str, str]]:
    table = dialog._table
    texts = [[table.item(line, place).text() for place in range(3)] for line in range(table.rowCount())]
    return {line[0]: (line[1], line[2]) for line in texts}


def test_a_thumb_is_given_shown_changed_and_taken_back(filled: MainWindow, qtbot: QtBot) -> None:
    number = ask(filled, qtbot)
    model = filled.chat_model
    turn = model.last().turn_id

    def stored() -> int:
        return filled.engine.history.turns(model.conversation)[-1].thumb

    up = thumbs(filled, number)["Good answer"]
    assert up.focusPolicy() & Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(model.ratings.kept, timeout=PATIENCE_MS):
        qtbot.mouseClick(up, Qt.MouseButton.LeftButton)
    assert (model.last().thumb, stored(), "Good answer, given" in thumbs(filled, number)) == (1, 1, True)
    with qtbot.waitSignal(model.ratings.kept, timeout=PATIENCE_MS):
        filled.action("bad answer").trigger()
    assert (stored(), set(thumbs(filled, number)) & {"Good answer", "Bad answer, given"}) == (
        -1, {"Good answer", "Bad answer, given"},
    )  # fmt: skip
    with qtbot.waitSignal(model.ratings.kept, timeout=PATIENCE_MS):
        filled.action("bad answer").trigger()
    assert (model.last().thumb, stored()) == (0, 0)
    filled.engine.canary.rate(turn, 1)
    with qtbot.waitSignal(model.opened, timeout=PATIENCE_MS):
        model.open_conversation(model.conversation)
    assert model.last().thumb == 1  # it comes back with the conversation


def test_a_candidate_is_tried_compared_and_promoted_from_the_page(filled: MainWindow, qtbot: QtBot) -> None:
    dialog = page(filled, qtbot)
    assert not dialog._start.isEnabled()
    assert (dialog._rows.isVisible(), dialog._nothing.isVisible()) == (False, True)
    dialog._pipeline.setCurrentIndex(dialog._pipeline.findData("extractive"))
    dialog._share.setCurrentIndex(dialog._share.findData(1.0))
    assert dialog._start.isEnabled()
    dialog._start.click()
    qtbot.waitUntil(dialog._stop.isVisible, timeout=PATIENCE_MS)
    assert not dialog._nothing.isVisible()
    assert "answers 100\u00a0% of the conversations" in dialog._standing.text()
    number = ask(filled, qtbot)
    with qtbot.waitSignal(filled.chat_model.ratings.kept, timeout=PATIENCE_MS):
        thumbs(filled, number)["Good answer"].click()
    qtbot.waitUntil(lambda: cells(dialog)["Thumbs up"][1].startswith("1 of 1"), timeout=PATIENCE_MS)
    assert cells(dialog)["Pipeline"] == ("By rule", "Quotes only")
    assert cells(dialog)["Questions"] == ("0", "1")
    assert cells(dialog)["Thumbs up"] == ("–", "1 of 1 (likely 21\u00a0% to 100\u00a0%)")
    assert dialog._certainty.text() == "Too few to tell: 0 of 20 questions on one side."
    dialog.retranslate()
    dialog._promote.click()
    qtbot.waitUntil(lambda: not dialog._promote.isVisible(), timeout=PATIENCE_MS)
    assert "was promoted" in dialog._standing.text()
    assert filled.engine.settings.pipelines.use == "extractive"
    for widget in (dialog._model, dialog._pipeline, dialog._share, dialog._table):
        assert widget.accessibleName()


def test_what_is_half_chosen_outlives_an_answer_and_an_error_does_not_outlive_a_success(
    filled: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = page(filled, qtbot)
    dialog._pipeline.setCurrentIndex(dialog._pipeline.findData("extractive"))
    dialog._share.setCurrentIndex(dialog._share.findData(0.5))
    with monkeypatch.context() as broken, qtbot.waitSignal(dialog._view_model.failed, timeout=PATIENCE_MS):
        broken.setattr(Canary, "start", lambda *_args: {}["nobody"])
        dialog._start.click()
    assert dialog._told.text() == "KeyError: 'nobody'"
    with qtbot.waitSignal(dialog._view_model.changed, timeout=PATIENCE_MS):
        ask(filled, qtbot)
    assert (dialog._pipeline.currentData(), dialog._share.currentData()) == ("extractive", 0.5)
    assert dialog._told.text() == ""
    dialog.close()
    seen: list[object] = []
    dialog._view_model.changed.connect(seen.append)
    ask(filled, qtbot)
    qtbot.waitUntil(lambda: filled.lanes.idle("browsing"), timeout=PATIENCE_MS)
    assert not seen  # nobody looks


def test_thumbs_down_in_a_row_are_followed_by_a_notice_that_says_why(filled: MainWindow, qtbot: QtBot) -> None:
    filled.engine.change_setting("canary", "thumbs", 2)
    filled.engine.canary.start(WAY, 1.0)
    for _time in range(2):
        ask(filled, qtbot)
        with qtbot.waitSignal(filled.chat_model.ratings.kept, timeout=PATIENCE_MS):
            filled.action("bad answer").trigger()
    assert filled.notices.isVisible()
    assert filled.notices._text.text() == (
        "2 answers of “Quotes, no language model · Quotes only” in a row were turned down: it was sent back. "
        "“Quotes, no language model” answers everything again."
    )
    assert filled.engine.settings.canary.share == 0
    assert filled.engine.canary.told is None  # said once
    dialog = page(filled, qtbot)
    qtbot.waitUntil(lambda: "turned down" in dialog._standing.text(), timeout=PATIENCE_MS)
    assert not dialog._stop.isVisible()
