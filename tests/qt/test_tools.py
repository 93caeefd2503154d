"""Tools in the real window: the bar that asks, the answer that waits, and the result in the preview."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.records import Consent
from kotaemon_desktop.core.settings.tools import HttpTool
from kotaemon_desktop.qt.viewmodels.exchange import Exchange, Phase
from kotaemon_desktop.qt.widgets.consent_bar import ConsentBar
from kotaemon_desktop.qt.widgets.text_preview import TextPreview
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

from .conftest import PATIENCE_MS

SHOP = Path(__file__).parents[1] / "core" / "tools" / "shop_server.py"
QUESTION = "Where is my order #12345?"


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    server = subprocess.Popen([sys.executable, str(SHOP)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    yield f"127.0.0.1:{server.stdout.readline().strip()}"
    server.kill()
    server.wait()
    server.stdout.close()


@pytest.fixture
def asking(shop: str, engine: Engine, window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    """The window with a tool that has just asked for consent."""
    monkeypatch.setattr(embedded, "available", lambda: False)
    tool = HttpTool(
        name="order",
        title="Order status",
        match=(r"order #(?P<id>\d+)",),
        url=f"http://{shop}/orders/{{id}}",
        show=("order.status", "order.eta"),
    )
    engine.change_setting("tools", "http", (tool,))
    assert window.chat_model.ask(QUESTION)
    qtbot.waitUntil(lambda: window.chat_model.asking is not None, timeout=PATIENCE_MS)
    return window


def last(window: MainWindow) -> Exchange:
    found = window.chat_model.last()
    assert found is not None
    return found


def bar(window: MainWindow) -> ConsentBar:
    return window.chat.findChild(ConsentBar)


def press(window: MainWindow, words: str, qtbot: QtBot) -> None:
    (button,) = [each for each in bar(window).findChildren(QPushButton) if each.text() == words]
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: last(window).phase is Phase.DONE, timeout=PATIENCE_MS)


def test_the_bar_says_what_is_sent_and_where_and_the_answer_cites_the_result(
    asking: MainWindow, shop: str, lanes: Lanes, qtbot: QtBot
) -> None:
    assert bar(asking).isVisible()
    said = [each.text() for each in bar(asking).findChildren(QLabel)]
    assert said[:2] == [f"To answer this, “Order status” would ask {shop}.", "It sends: id = 12345"]
    assert bar(asking).accessibleName() == said[0]
    use_language("zh_CN")
    asking.chat.retranslate()
    assert bar(asking).findChildren(QLabel)[1].text() == "它会发送：id = 12345"
    use_language("en")
    asking.chat.retranslate()
    press(asking, "Allow once", qtbot)
    assert not bar(asking).isVisible()
    assert "| shipped | 2026-11-24 | [1] |" in last(asking).answer
    asking.chat_model.sources.activate_citation(last(asking).number, 1)
    qtbot.waitUntil(lambda: asking.findChild(TextPreview) is not None, timeout=PATIENCE_MS)
    shown = asking.findChild(TextPreview)
    qtbot.waitUntil(lambda: "| shipped | 2026-11-24 |" in shown.toPlainText(), timeout=PATIENCE_MS)
    told = [each.text() for each in asking.findChildren(QLabel) if each.isVisible()]
    assert any(f"A tool's result, no document. Asked http://{shop}/orders/12345 on" in each for each in told)


def test_always_is_kept_in_the_settings_and_no_leaves_the_documents(
    asking: MainWindow, engine: Engine, shop: str, qtbot: QtBot
) -> None:
    press(asking, "No", qtbot)
    assert "nobody has allowed it" in str(last(asking).error)
    assert engine.settings.tools.allowed == ()
    asking.chat_model.ask(QUESTION)
    qtbot.waitUntil(lambda: asking.chat_model.asking is not None, timeout=PATIENCE_MS)
    press(asking, "Always", qtbot)
    assert engine.settings.tools.allowed == (f"order: {shop}",)
    asking.chat_model.ask(QUESTION)
    qtbot.waitUntil(lambda: last(asking).phase is Phase.DONE, timeout=PATIENCE_MS)
    assert "shipped" in last(asking).answer


def test_stopping_frees_the_answer_that_waits(asking: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    asking.chat_model.stop()
    assert not bar(asking).isVisible()
    qtbot.waitUntil(lambda: lanes.idle("answering"), timeout=5_000)
    assert last(asking).phase is Phase.STOPPED
    asking.chat_model.consent(Consent.ALWAYS)  # too late
    assert asking.chat_model.asking is None


def test_closing_the_window_frees_the_answer_that_waits(asking: MainWindow, lanes: Lanes) -> None:
    lanes.close()
    assert lanes.idle("answering")
