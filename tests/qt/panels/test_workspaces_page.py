"""The workspaces page over a real data folder, and the program that goes from one workspace to another."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.workspaces import Workspaces
from kotaemon_desktop.qt.panels.workspaces import WorkspacesDialog
from kotaemon_desktop.qt.viewmodels.workspaces import WorkspacesModel
from kotaemon_desktop.qt.workers import Lanes

ROOT = Path(__file__).parents[3]


def shown(engine: Engine, lanes: Lanes, qtbot: QtBot) -> WorkspacesDialog:
    model = WorkspacesModel(engine, lanes)
    page = WorkspacesDialog(model)
    model.setParent(page)
    qtbot.addWidget(page)
    with qtbot.waitSignal(model.changed):
        page.show()
    return page


def lines(page: WorkspacesDialog) -> list[str]:
    held = page.findChildren(QTreeWidget)[0]
    return [held.topLevelItem(place).text(0) for place in range(held.topLevelItemCount())]


def choose(page: WorkspacesDialog, name: str) -> None:
    held = page.findChildren(QTreeWidget)[0]
    held.setCurrentItem(held.findItems(name, Qt.MatchFlag.MatchExactly)[0])


def press(page: WorkspacesDialog, words: str, qtbot: QtBot) -> None:
    [button] = [each for each in page.findChildren(QPushButton) if each.text() == words]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_one_is_made_exported_removed_and_brought_back(
    engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = shown(engine, lanes, qtbot)
    assert lines(page) == ["Default (open)"]
    press(page, "New…", qtbot)
    asked = page.findChildren(QInputDialog)[0]
    assert asked.okButtonText() == "Create"
    asked.setTextValue("Research")
    with qtbot.waitSignal(page._model.changed):
        asked.accept()
    assert lines(page) == ["Default (open)", "Research"]
    with qtbot.waitSignal(page._model.exported):
        page._model.export("Research", tmp_path / "Research.kotaemon.zip")
    choose(page, "Research")
    press(page, "Remove…", qtbot)
    [really] = [each for box in page.findChildren(QMessageBox) for each in box.buttons() if each.text() == "Remove"]
    really.click()
    qtbot.waitUntil(lambda: lines(page) == ["Default (open)"])
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(tmp_path / "Research.kotaemon.zip"), ""))
    press(page, "Import…", qtbot)
    asked = page.findChildren(QInputDialog)[-1]
    assert (asked.okButtonText(), asked.textValue()) == ("Import", "Research")
    with qtbot.waitSignal(page._model.changed):
        asked.accept()
    assert lines(page) == ["Default (open)", "Research"]


def test_what_cannot_be_is_said_and_the_open_one_stays(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    page = shown(engine, lanes, qtbot)
    assert not [
        each for each in page.findChildren(QPushButton) if each.text() in {"Open", "Remove…"} and each.isEnabled()
    ]
    with qtbot.waitSignal(page._model.failed):
        page._model.create("a/b")
    assert "no plain folder name" in page._told.text()


def test_an_export_is_told_and_holds_up_nothing_else(
    engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, goes_on = shown(engine, lanes, qtbot), Event()
    monkeypatch.setattr(Workspaces, "export", lambda *_args: goes_on.wait(20))
    with qtbot.waitSignal(page._model.failed):
        page._model.create("a/b")
    page._model.export("default", tmp_path / "all.zip")
    assert page._told.text() == "Exporting…"
    assert {each.text() for each in page.findChildren(QPushButton) if each.isEnabled()} == {"Close"}
    seen: list[str] = []
    lanes.call("browsing", lambda: "a page", on_result=seen.append)
    qtbot.waitUntil(lambda: seen == ["a page"])
    page.hide()
    page.show()
    assert page._told.text() == "Exporting…"
    with qtbot.waitSignal(page._model.exported):
        goes_on.set()
    assert page._told.text() == f"Saved: {tmp_path / 'all.zip'}"
    assert page._new.isEnabled()
    page._model.create("Research")
    qtbot.waitUntil(lambda: "Research" in lines(page) and lanes.idle("workspaces"))
    assert page._told.text() == ""


def test_enter_opens_the_chosen_one(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    Workspaces(engine.folder.root).create("研究", engine.folder)
    page = shown(engine, lanes, qtbot)
    choose(page, "研究")
    with qtbot.waitSignal(page.open_wanted) as asked:
        qtbot.keyClick(page.findChildren(QTreeWidget)[0], Qt.Key.Key_Return)
    assert asked.args == ["研究"]


SWITCHING = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtWidgets import QApplication
from kotaemon_desktop import app
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.qt.window import MainWindow

def windows():
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow) and each.isVisible()]

def started(window, lanes):
    seen = []
    def look():
        for each in windows():
            title = each.windowTitle()
            if title not in seen and each.chat_if_there() is not None:
                seen.append(title)
                print(title, flush=True)
                if title.startswith("research"):
                    each.quit()
                else:
                    each.change_workspace("research")
    timer = QTimer(QCoreApplication.instance(), interval=50, timeout=look)
    timer.start()

sys.exit(app._run(DataFolder(Path(sys.argv[1])), (), started))
"""


def test_the_program_goes_from_one_workspace_to_another(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    folder.create()
    Workspaces(tmp_path).create("research", folder)
    done = subprocess.run(
        [sys.executable, "-c", SWITCHING, str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=100, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (done.returncode, done.stdout.splitlines()) == (0, ["Kotaemon Desktop", "research — Kotaemon Desktop"])
    assert "Traceback" not in done.stderr
    assert folder.opened_last().workspace == "research"
