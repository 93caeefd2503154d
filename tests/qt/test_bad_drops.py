"""What is no document, dropped on the real window: each line says why it was left alone, and the window goes on."""

from __future__ import annotations

import os
import socket
import sys
import time
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.widgets.question_box import QuestionEdit
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000
_FROZEN = 2.0  # seconds without a turn of the event loop: what anybody would call hanging, on a busy machine too


def drop(window: MainWindow, paths: list[Path]) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(window.rect().center(), action, mime, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(window.rect().center()), action, mime, left, none))


def test_files_are_pasted_wherever_the_focus_is(
    window: MainWindow, engine: Engine, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    box = window.chat.findChild(QuestionEdit)
    assert box is not None
    for place, name in ((box, "one.txt"), (window.library, "two.txt")):
        (tmp_path / name).write_text(f"The warehouse {name} opens at six.", "utf-8")
        copied = QMimeData()
        copied.setUrls([QUrl.fromLocalFile(str(tmp_path / name)), QUrl("https://example.invalid/three.txt")])
        copied.setText(str(tmp_path / name))  # as file managers do
        QApplication.clipboard().setMimeData(copied)
        qtbot.keyClick(place, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        qtbot.waitUntil(lambda name=name: any(each.name == name for each in engine.library.documents()))
    assert box.toPlainText() == ""
    QApplication.clipboard().setText("words")
    qtbot.keyClick(box, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert box.toPlainText() == "words"
    assert len(engine.library.documents()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such things in folders")
def test_what_is_no_document_is_named_and_the_window_goes_on(
    window: MainWindow, engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    monkeypatch.chdir(tmp_path)  # a socket's name has to be short
    os.mkfifo("pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "circle.txt").symlink_to("circle.txt")
    (tmp_path / "invoice\u202efdp.txt").write_text("The warehouse opens at six.", "utf-8")
    (tmp_path / "bomb.docx").write_bytes(b"PK\x05\x06" + bytes(18))
    turns = [time.monotonic()]
    pulse = QTimer(window, interval=20)
    pulse.timeout.connect(lambda: turns.append(time.monotonic()))
    pulse.start()
    with socket.socket(socket.AF_UNIX) as listener, (tmp_path / "huge.pdf").open("wb") as huge:
        listener.bind("socket.txt")
        huge.truncate(10_000_000_000)
        names = ["pipe.txt", "zero.txt", "circle.txt", "socket.txt", "huge.pdf", "bomb.docx", "invoice\u202efdp.txt"]
        drop(window, [tmp_path / name for name in names])
        qtbot.waitUntil(lambda: len(engine.library.documents()) == len(names), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)
    pulse.stop()
    assert max(after - before for before, after in pairwise(turns)) < _FROZEN
    reasons = {entry.name: entry.line()[0] for entry in window.library_model.documents.entries}
    assert reasons["pipe.txt"] == "is a pipe between programs, not a file, and was left alone."
    assert reasons["socket.txt"] == "is a socket of a program, not a file, and was left alone."
    assert reasons["zero.txt"] == "is a device, not a file, and was left alone."
    assert "levels of symbolic links" in reasons["circle.txt"]
    assert reasons["huge.pdf"].startswith("is too large: it holds more than 4000 MB.")
    assert reasons["invoice�fdp.txt"].endswith("1 passage")
    assert set(reasons) == {*names[:-1], "invoice�fdp.txt"}
