"""The window says that the data folder has gone while it is open, writes nothing in its place, and goes on later."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt.window import MainWindow

from .conftest import PATIENCE_MS


def test_an_import_and_a_question_while_the_folder_is_away(window: MainWindow, files: Path, qtbot: QtBot) -> None:
    folder = window.engine.folder.root
    elsewhere = folder.with_name("elsewhere")
    window.library_model.import_([files / "leave.md"])
    qtbot.waitUntil(lambda: window.lanes.idle("importing"), timeout=PATIENCE_MS)
    window.notices.clear()
    folder.rename(elsewhere)
    folder.mkdir()  # as an empty mount point

    window.library_model.import_([files / "travel.txt"])
    qtbot.waitUntil(lambda: window.notices.notice is not None, timeout=PATIENCE_MS)
    notice = window.notices.notice
    assert notice is not None
    assert "The library is not in" in notice.text()
    assert window.chat_model.ask("How many days of paid leave?")
    qtbot.waitUntil(lambda: window.lanes.idle("answering"), timeout=PATIENCE_MS)
    assert [path.name for path in folder.rglob("*")] == []

    folder.rmdir()
    elsewhere.rename(folder)
    window.library_model.import_([files / "travel.txt"])
    qtbot.waitUntil(lambda: window.lanes.idle("importing"), timeout=PATIENCE_MS)
    assert {Path(each.path).name for each in window.engine.library.documents()} == {"leave.md", "travel.txt"}
    assert window.chat_model.ask("How many days of paid leave?")
    qtbot.waitUntil(lambda: window.lanes.idle("answering"), timeout=PATIENCE_MS)
    last = window.chat_model.last()
    assert last is not None
    assert "27 days" in last.answer
