"""A report of a crash is offered once: to be read, copied, found, deleted; never sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.crash_notice import CrashNotice
from kotaemon_desktop.qt.panels.crash import CrashDialog
from kotaemon_desktop.qt.window import MainWindow


def test_no_crash_says_nothing(window: MainWindow, qtbot: QtBot) -> None:
    CrashNotice(window)
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    assert window.notices.notice is None


def test_a_crash_is_told_once(
    window: MainWindow, engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    engine.folder.crashes.mkdir()
    (engine.folder.crashes / "20261121-100000-window-1.new").write_text("Fatal Python error: Aborted", "utf-8")

    CrashNotice(window)
    qtbot.waitUntil(lambda: window.notices.notice is not None)
    notice = window.notices.notice
    assert notice is not None
    assert "stopped unexpectedly" in notice.text()
    assert notice.do is not None
    notice.do()
    dialog = window.findChild(CrashDialog)
    assert dialog is not None

    def press(name: str) -> None:
        next(button for button in dialog.findChildren(QPushButton) if button.text() == name).click()

    press("Copy")
    assert QGuiApplication.clipboard().text() == "Fatal Python error: Aborted"
    press("Open folder")
    assert list(map(Path, opened)) == [engine.folder.crashes]
    press("Delete")
    assert list(engine.folder.crashes.iterdir()) == []
    assert not dialog.isVisible()

    window.notices.clear()
    CrashNotice(window)
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    assert window.notices.notice is None
