"""A damaged library is mended by whoever opens the window: saved, restored, or left as it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage.backup import backup, backup_section
from kotaemon_desktop.qt.panels.damaged import _restored

ROOT = Path(__file__).parents[3]
PAGE = 4096
PATIENCE = 110

# Presses the buttons that are named, one after the other, and tells what the window then shows.
DRIVER = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton
from kotaemon_desktop import app
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.qt.panels.damaged import DamagedDialog

folder, workspace, chosen, *presses = sys.argv[1:]
said = []
QFileDialog.getOpenFileName = staticmethod(lambda *_: (chosen, ""))

def press():
    QTimer.singleShot(20, press)
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, DamagedDialog) and presses:
            button = next(each for each in dialog.findChildren(QPushButton) if each.text() == presses[0])
            if button.isVisible() and button.isEnabled():
                said.append(dialog._said.text())
                presses.pop(0)
                button.click()

def tell(window, lanes):
    if not (lanes.idle("importing") and lanes.idle("browsing")):
        QTimer.singleShot(20, lambda: tell(window, lanes))
        return
    documents = sorted(Path(each.path).name for each in window.engine.library.documents() if each.passages)
    notice = window.notices.notice
    print(json.dumps({"documents": documents, "notice": notice.text() if notice else "", "said": said}))
    window.quit()

def started(window, lanes):
    QTimer.singleShot(100, lambda: tell(window, lanes))

if __name__ == "__main__":
    embedded.available = lambda: False  # nothing here is found by meaning
    show = app._show
    def watched(*arguments):
        QTimer.singleShot(20, press)
        return show(*arguments)
    app._show = watched
    sys.exit(app._run(DataFolder(Path(folder), workspace), (), started))
"""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with two documents and a data folder that holds them."""
    place = tmp_path_factory.mktemp("sound")
    texts = {"leave.md": "# Leave\n\nEvery employee has 27 days.\n", "travel.txt": "Train tickets are paid.\n"}
    for name, text in texts.items():
        (place / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, closing(Engine.open(DataFolder(place / "data"))) as engine:
        patch.setattr("kotaemon_desktop.core.models.embedded.available", lambda: False)
        list(engine.imports.run([place / name for name in texts]))
    return place


@pytest.fixture
def folder(tmp_path: Path, sound: Path) -> DataFolder:
    """A folder with two documents, of which there is a backup, and whose library is damaged since then."""
    folder = DataFolder(tmp_path / "data")
    shutil.copytree(sound / "data", folder.root)
    backup(folder, tmp_path / "backup.zip")
    damage(folder)
    return folder


def damage(folder: DataFolder) -> None:
    """Overwrite a page of the library."""
    with closing(sqlite3.connect(folder.database)) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'passages'").fetchone()[0]
    content = bytearray(folder.database.read_bytes())
    content[(page - 1) * PAGE : page * PAGE] = b"\xff" * PAGE
    folder.database.write_bytes(content)
    folder.database.with_name("library.sqlite3-wal").write_bytes(bytes(32))  # as a kill leaves it: then the start looks


def drive(folder: DataFolder, chosen: Path, *presses: str) -> tuple[int, dict[str, Any], str]:
    """Open the window, press these buttons of the dialog; return the status, what is shown then, and the errors."""
    program = folder.root.parent / "driver.py"  # a file, so that hosts can be spawned from it
    program.write_text(DRIVER, encoding="utf-8")
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(program), str(folder.root), folder.workspace, str(chosen), *presses]
    done = subprocess.run(
        command, check=False, capture_output=True, encoding="utf-8", env=environment, timeout=PATIENCE
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_what_can_be_read_is_saved_and_the_window_opens(folder: DataFolder, sound: Path) -> None:
    nonsense = sound / "travel.txt"
    status, shown, errors = drive(folder, nonsense, "Restore a backup…", "Save what can be read")
    assert status == 0
    assert "is damaged" in errors
    assert "is not a complete backup" in shown["said"][1]
    assert shown["documents"] == ["leave.md", "travel.txt"]
    assert "the damaged file is kept as" in shown["notice"]
    assert "read again" in shown["notice"]
    assert len(list(folder.section.glob("library.damaged-*.sqlite3"))) == 1


def test_a_backup_is_restored(folder: DataFolder, tmp_path: Path) -> None:
    damaged = folder.database.read_bytes()
    status, shown, _errors = drive(folder, tmp_path / "backup.zip", "Restore a backup…")
    assert status == 0
    assert shown["documents"] == ["leave.md", "travel.txt"]
    assert "restored" in shown["notice"]
    assert [file.read_bytes() for file in folder.root.glob("before-restore-*/library.sqlite3")] == [damaged]


def test_only_the_workspace_that_is_damaged_is_restored(tmp_path: Path, sound: Path) -> None:
    root = tmp_path / "data"
    for workspace in ("default", "home", "research"):
        shutil.copytree(sound / "data", DataFolder(root, workspace).section, dirs_exist_ok=True)
    research = DataFolder(root, "research")
    backup_section(research, tmp_path / "backup.zip")
    libraries = [DataFolder(root, each).database for each in ("default", "home")]
    before = [file.read_bytes() for file in libraries]
    damage(research)
    status, shown, _errors = drive(research, tmp_path / "backup.zip", "Restore a backup…")
    assert status == 0
    assert shown["documents"] == ["leave.md", "travel.txt"]
    assert str(research.section) in shown["notice"]
    assert [file.read_bytes() for file in libraries] == before
    assert not list(root.glob("before-restore-*"))
    assert len(list(research.section.glob("before-restore-*/library.sqlite3"))) == 1


def test_a_restore_that_is_given_up_changes_nothing(folder: DataFolder, tmp_path: Path) -> None:
    """What runs in the lane stops at any of its steps: Quit closes it there."""
    damaged = folder.database.read_bytes()
    for steps in (1, 2):
        work = _restored(tmp_path / "backup.zip", folder)
        assert [type(next(work)) for _step in range(steps)] == [int] * steps
        work.close()
        assert folder.database.read_bytes() == damaged
        assert not list(folder.root.glob("*restore*"))


def test_quitting_leaves_it_alone(folder: DataFolder, tmp_path: Path) -> None:
    damaged = folder.database.read_bytes()
    status, shown, _errors = drive(folder, tmp_path, "Quit")
    assert (status, shown) == (1, {})
    assert folder.database.read_bytes() == damaged
