"""What the window says of models elsewhere, and of the local server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

sys.path.append(str(Path(__file__).parents[2]))

from loopback_hub import keyring_of_the_test  # noqa: F401
from openai_server import running

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.panels.models import ModelsDialog
from kotaemon_desktop.qt.panels.settings import SettingsDialog
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase, footer
from kotaemon_desktop.qt.viewmodels.models import ModelsModel
from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
from kotaemon_desktop.qt.widgets.model_chip import ModelChip
from kotaemon_desktop.qt.widgets.server_line import ServerLine
from kotaemon_desktop.qt.workers import Lanes

PATIENCE = 60_000


@pytest.fixture
def port(engine: Engine) -> Iterator[int]:
    with running() as made:
        here = f"http://127.0.0.1:{made}/v1"
        engines = [{"url": here, "model": "good"}, {"url": "https://api.example/v1", "model": "big", "name": "Office"}]
        engine.change_setting("remote", "engines", engines)
        engine.change_setting("remote", "allowed", True)
        yield made


def words(widget: QWidget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.text()]


def button(widget: QWidget, text: str) -> QPushButton:
    return next(each for each in widget.findChildren(QPushButton) if each.text() == text and not each.isHidden())


def test_a_model_elsewhere_is_marked_tested_chosen_and_given_its_key(
    engine: Engine,
    lanes: Lanes,
    port: int,
    qtbot: QtBot,
    keyring_of_the_test: None,  # noqa: F811
) -> None:
    page = ModelsDialog(ModelsModel(engine, lanes))
    qtbot.addWidget(page)
    page.show()
    models, here = page.lists["generation"], f"good@127.0.0.1-{port}"
    qtbot.waitUntil(lambda: here in models.rows, timeout=PATIENCE)
    rows = models.rows
    assert {"Office", "leaves this machine"} <= set(words(rows["big@api.example"]))
    assert "another program here" in words(rows[here])
    assert all(each.isHidden() for each in rows[here].findChildren(QPushButton) if each.text() == "Remove")
    button(rows[here], "Test").click()
    qtbot.waitUntil(lambda: any("tokens a second" in each for each in words(rows[here])), timeout=PATIENCE)
    rows[here].radio.click()
    qtbot.waitUntil(lambda: engine.settings.answering.model == here, timeout=PATIENCE)
    button(rows[here], "Key…").click()
    [asked] = page.findChildren(QInputDialog)
    assert asked.textEchoMode() is QLineEdit.EchoMode.Password
    assert "An empty one forgets it." in asked.labelText()
    qtbot.keyClicks(asked.findChildren(QLineEdit)[0], "sesame")
    qtbot.keyClick(asked, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: engine.keychain.get(f"127.0.0.1:{port}") == "sesame", timeout=PATIENCE)
    qtbot.waitUntil(lambda: page.notices._text.text() == "Kept in the system's keyring.", timeout=PATIENCE)
    page._model.set_key(here, "")
    qtbot.waitUntil(lambda: page.notices._text.text() == "Forgotten.", timeout=PATIENCE)
    assert engine.keychain.get(f"127.0.0.1:{port}") is None
    page.close()
    qtbot.waitUntil(lambda: lanes.idle("models") and lanes.idle("browsing"), timeout=PATIENCE)
    lanes.close()


def test_the_chip_and_the_footer_say_what_left_this_machine(qtbot: QtBot) -> None:
    chip = ModelChip()
    qtbot.addWidget(chip)
    chip.show_answerer("big@api.example")
    assert "leave this machine" in chip.toolTip()
    chip.show_answerer("good@127.0.0.1-8000")
    assert "leave this machine" not in chip.toolTip()
    told = footer(Exchange(1, "?", phase=Phase.DONE, answer="x", model="big@api.example"))
    assert told == "big@api.example · left this machine"
    assert "left" not in footer(Exchange(1, "?", phase=Phase.DONE, answer="x", model="Qwen2.5-0.5B"))
    assert "left this machine" in footer(Exchange(1, "?", phase=Phase.DONE, answer="x", sent="api.example:8000"))


def test_the_settings_show_the_local_server_and_copy_its_key(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    model = SettingsModel(engine, lanes)
    page = SettingsDialog(model)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.is_complete)
    [line] = page.findChildren(ServerLine)
    assert line.state.text() == "Nothing is served."
    assert line.key.isHidden()
    engine.server.serve_always(0)
    model.changed.emit()
    assert line.state.text() == f"{engine.server.serving().url} · 0 answered now, 0 waiting"
    with qtbot.waitSignal(model.key_known, timeout=PATIENCE):
        line.key.click()
    before = engine.server.key.get()
    assert QGuiApplication.clipboard().text() == before
    with qtbot.waitSignal(model.key_known, timeout=PATIENCE):
        line.renew.click()
    assert QGuiApplication.clipboard().text() == engine.server.key.get() != before
    line.address.click()
    assert QGuiApplication.clipboard().text() == engine.server.serving().url
    assert [timer.isActive() for timer in line.findChildren(QTimer)] == [True]
    page.close()
    assert [timer.isActive() for timer in line.findChildren(QTimer)] == [False]
    lanes.close()
