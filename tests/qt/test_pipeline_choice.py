"""The menu's choice of a pipeline: it counts for the next question, stays, and the chip names it."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Chosen
from kotaemon_desktop.qt.window import MainWindow

PATIENCE = 20_000


def test_a_pipeline_is_chosen_in_the_menu_and_named_by_the_chip(
    window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    action, rule = window.action("pipeline thorough"), window.action("pipeline ")
    assert action is not None
    assert rule is not None
    assert rule.isChecked()
    chip = window.chat._chip
    action.trigger()
    qtbot.waitUntil(lambda: chip.text() == "Quotes only · Thorough", timeout=PATIENCE)
    assert action.isChecked()
    assert "Thorough" in chip.toolTip()
    chosen = next(event for event in engine.questions.answer("Why?") if isinstance(event, Chosen))
    assert chosen.pipeline == "thorough"
    rule.trigger()
    qtbot.waitUntil(lambda: chip.text() == "Quotes only", timeout=PATIENCE)
    assert engine.settings.pipelines.use == ""


def test_one_that_the_settings_file_names_is_shown_too(window: MainWindow, engine: Engine, qtbot: QtBot) -> None:
    engine.change_setting("pipelines", "own", [{"name": "mine"}])
    engine.change_setting("pipelines", "use", "mine")
    window.settings_model.follow()
    qtbot.waitUntil(lambda: window.chat._chip.text() == "Quotes only · mine", timeout=PATIENCE)
    names = ("", "standard", "quick", "thorough", "extractive")
    assert not any(action.isChecked() for name in names if (action := window.action(f"pipeline {name}")))
