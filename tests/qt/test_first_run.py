"""The first minute: from an empty library over the samples to a cited answer; who adds a file has skipped it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt.first_run import SAMPLE_QUESTIONS, FirstRun
from kotaemon_desktop.qt.widgets.first_steps import FirstSteps
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


@pytest.fixture(autouse=True)
def _without_embedder(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)


def steps(window: MainWindow) -> FirstSteps:
    found = window.findChild(FirstSteps)
    assert found is not None
    return found


def button(window: MainWindow, words: str) -> QPushButton:
    return next(each for each in window.chat.welcome.findChildren(QPushButton) if words in each.text())


def settle(lanes: Lanes, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: all(map(lanes.idle, ("importing", "answering", "browsing"))), timeout=PATIENCE_MS)


def test_samples_are_three_clicks_from_a_cited_answer(window: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    assert steps(window).isVisible()
    qtbot.mouseClick(button(window, "Try the sample documents"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not steps(window).isVisible(), timeout=PATIENCE_MS)
    settle(lanes, qtbot)
    qtbot.mouseClick(button(window, "How many days of paid holiday"), Qt.MouseButton.LeftButton)
    box = window.chat.findChild(QPlainTextEdit)
    assert box is not None
    with qtbot.waitSignal(window.chat_model.cited, timeout=PATIENCE_MS) as cited:
        qtbot.keyClick(box, Qt.Key.Key_Return)
    citation: Citation = (cited.args or [])[0][0]
    assert (citation.name, citation.page) == ("Employee Handbook.pdf", 2)
    settle(lanes, qtbot)


def test_language_and_theme_are_chosen_there_and_the_steps_follow(
    window: MainWindow, engine: Engine, lanes: Lanes, qtbot: QtBot
) -> None:
    language, theme = steps(window).findChildren(QComboBox)
    assert (language.accessibleName(), theme.accessibleName()) == ("Language", "Theme")
    qtbot.keyClick(language, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: theme.accessibleName() == "主题", timeout=PATIENCE_MS)
    assert engine.settings.appearance.language == "zh_CN"
    assert button(window, "试试示例文档").isVisible()
    assert language.currentData() == "zh_CN"
    settle(lanes, qtbot)


def test_who_adds_a_file_has_skipped_it(window: MainWindow, lanes: Lanes, qtbot: QtBot, files: Path) -> None:
    window.library_model.import_([files / "leave.md"])
    settle(lanes, qtbot)
    assert not steps(window).isVisible()
    assert button(window, "How many days of leave").isVisible()
    window.library_model.remove(window.library_model.documents.entries)
    qtbot.waitUntil(lambda: steps(window).isVisible(), timeout=PATIENCE_MS)
    settle(lanes, qtbot)


def test_it_says_where_everything_is_and_that_nothing_is_downloaded_unasked(window: MainWindow, engine: Engine) -> None:
    assert str(engine.folder.root) in steps(window)._folder.text()
    assert "nothing is downloaded unasked" in steps(window)._answers.text()
    steps(window).show_model("tiny")
    assert "tiny writes the answers" in steps(window)._answers.text()


def test_another_folder_is_used_from_the_next_start_on(
    engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kotaemon_desktop.core.paths._usual_place", lambda: engine.folder.root)
    monkeypatch.delenv("KOTAEMON_DESKTOP_HOME", raising=False)
    window = MainWindow(engine.folder.section / "window.json", lanes)
    qtbot.addWidget(window)
    window.show()
    window.start(engine)
    settle(lanes, qtbot)
    assert button(window, "Change…").isVisible()
    drive = tmp_path / "drive"
    drive.mkdir()
    first_run = window.findChild(FirstRun)
    assert first_run is not None
    first_run.move_to(drive)
    qtbot.waitUntil(window.notices.isVisible, timeout=PATIENCE_MS)
    assert str(drive) in window.notices._text.text()
    assert DataFolder.find().root == drive
    with qtbot.waitSignal(window.closed):
        window.notices._action.click()


def test_a_folder_that_was_named_cannot_be_changed_there(window: MainWindow) -> None:
    assert not button(window, "Change…").isVisible()


@pytest.mark.parametrize("language", sorted(SAMPLE_QUESTIONS))
def test_the_samples_hold_the_answers_to_what_is_proposed(language: str) -> None:
    known = json.loads((resource("samples") / "questions.json").read_bytes())
    answerable = {each["question"] for each in known if each["answerable"]}
    assert set(SAMPLE_QUESTIONS[language]) <= answerable
