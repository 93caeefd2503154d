"""The window hears of a newer version where that is wished for, says it once, and opens its page only after asking."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.updates import manifest
from kotaemon_desktop.core.updates.updates import Updates
from kotaemon_desktop.qt.panels.about import AboutDialog
from kotaemon_desktop.qt.update_watch import UpdateWatch
from kotaemon_desktop.qt.widgets.update_line import UpdateLine
from kotaemon_desktop.qt.window import MainWindow
from tests.qt.conftest import PATIENCE_MS
from tests.signed_updates import KEY, Publisher, publishing, sealed


@pytest.fixture
def publisher(engine: Engine) -> Iterator[Publisher]:
    with publishing() as server:
        engine.change_setting("updates", "address", server.address)
        engine.updates = updates_of(engine)
        yield server


def updates_of(engine: Engine) -> Updates:
    file = engine.folder.update_check
    return Updates(engine.keeper, lambda: engine.settings, engine.outgoing, file, engine.clock, lambda: KEY)


@pytest.fixture
def watch(window: MainWindow) -> Iterator[UpdateWatch]:
    made = UpdateWatch(window)
    yield made
    made.stop()


def buttons(page: AboutDialog) -> dict[str, QPushButton]:
    line = page.findChild(UpdateLine)
    assert line is not None
    return {each.text(): each for each in line.findChildren(QPushButton)}


def words(page: AboutDialog) -> str:
    line = page.findChild(UpdateLine)
    assert line is not None
    return line._words.text()


def test_it_is_off_until_it_is_wished_for_and_then_says_it_once(
    publisher: Publisher, window: MainWindow, engine: Engine, watch: UpdateWatch, qtbot: QtBot
) -> None:
    watch.look()
    assert window.lanes.idle("updates")
    assert publisher.heard == []

    engine.change_setting("updates", "check", True)
    watch.look()
    qtbot.waitUntil(lambda: window.notices.notice is not None, timeout=PATIENCE_MS)
    notice = window.notices.notice
    assert notice is not None
    assert notice.text() == "Version 9.1 is there."
    window.notices.clear()
    watch.look()
    assert len(publisher.heard) == 1
    assert window.notices.notice is None

    assert notice.do is not None
    notice.do()
    page = window.findChild(AboutDialog)
    assert page is not None
    assert words(page) == "Version 9.1 of 2027-01-31 is there."
    qtbot.waitUntil(lambda: window.lanes.idle("browsing") and page._works.topLevelItemCount() > 0)
    qtbot.waitUntil(lambda: bool(page._text.toPlainText()) and window.lanes.idle("browsing"))  # the first licence
    [news] = [each for each in page.findChildren(QPlainTextEdit) if each.accessibleName() == "What is new"]
    assert news.isVisible()
    assert "Faster." in news.toPlainText()
    assert "ab" * 32 in news.toPlainText()
    assert "Faster." not in page._text.toPlainText()

    buttons(page)["Open its page…"].click()
    box = page.findChild(QMessageBox)
    assert box is not None
    assert "kotaemon.example" in box.text()
    box.reject()
    page.close()


def test_what_was_found_today_is_said_after_a_restart_without_another_look(
    publisher: Publisher, window: MainWindow, engine: Engine, watch: UpdateWatch
) -> None:
    engine.updates.look()
    engine.change_setting("updates", "check", True)
    engine.updates = updates_of(engine)
    watch.look()
    assert window.notices.notice is not None
    assert window.notices.notice.text() == "Version 9.1 is there."
    assert len(publisher.heard) == 1


def test_a_failure_that_nobody_waits_for_is_not_told(
    publisher: Publisher, window: MainWindow, engine: Engine, watch: UpdateWatch, qtbot: QtBot
) -> None:
    engine.change_setting("updates", "check", True)
    publisher.status = 500
    watch.look()
    qtbot.waitUntil(lambda: window.lanes.idle("updates"), timeout=PATIENCE_MS)
    assert len(publisher.heard) == 1
    assert window.notices.notice is None


def test_an_open_about_page_hears_what_the_watch_finds(
    publisher: Publisher, window: MainWindow, engine: Engine, watch: UpdateWatch, qtbot: QtBot
) -> None:
    page = window.page("about")
    assert isinstance(page, AboutDialog)
    assert words(page) == "Nobody has looked for a newer version yet."
    engine.change_setting("updates", "check", True)
    publisher.body = sealed(version="0.0.1")
    watch.look()
    qtbot.waitUntil(lambda: words(page).startswith("This is the newest version"), timeout=PATIENCE_MS)

    publisher.body = sealed()
    window.updates_model.look()
    qtbot.waitUntil(lambda: words(page).startswith("Version 9.1"), timeout=PATIENCE_MS)
    assert page._news.isVisible()
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    page.close()


def test_the_about_page_asks_when_its_button_is_pressed(publisher: Publisher, window: MainWindow, qtbot: QtBot) -> None:
    page = window.page("about")
    assert isinstance(page, AboutDialog)
    check = buttons(page)["Check now"]
    assert check.isVisible()
    publisher.body = sealed(version="0.0.1")
    check.click()
    assert not check.isEnabled()
    qtbot.waitUntil(check.isEnabled, timeout=PATIENCE_MS)
    assert re.fullmatch(r"This is the newest version \(checked: \d\d:\d\d\)\.", words(page))

    publisher.body = b"<html>"
    check.click()
    qtbot.waitUntil(check.isEnabled, timeout=PATIENCE_MS)
    assert "not believed" in words(page)
    assert not buttons(page)["Open its page…"].isVisible()
    use_language("zh_CN")
    page.retranslate()
    assert "不可信" in words(page)
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    page.close()


def test_an_error_that_nobody_foresaw_is_told_with_its_kind(
    publisher: Publisher, window: MainWindow, engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look() -> None:
        raise RuntimeError

    monkeypatch.setattr(engine.updates, "look", look)
    page = window.page("about")
    assert isinstance(page, AboutDialog)
    buttons(page)["Check now"].click()
    qtbot.waitUntil(lambda: words(page).startswith("RuntimeError"), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    page.close()


def test_a_build_without_a_key_says_so(window: MainWindow, engine: Engine, qtbot: QtBot) -> None:
    if manifest.public_key() is not None:
        pytest.skip("this build has a key")
    engine.change_setting("updates", "address", "https://updates.invalid/")
    page = window.page("about")
    assert isinstance(page, AboutDialog)
    assert "no key" in words(page)
    assert not buttons(page)["Check now"].isVisible()
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    page.close()
