"""Around the window: a second start's wishes, messages for those elsewhere, closing into the tray, the tray's menu."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Imported
from kotaemon_desktop.core.handover import Request
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.monitoring.notices import Notice, Severity
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.qt.attention import Attention
from kotaemon_desktop.qt.surroundings import Surroundings
from kotaemon_desktop.qt.tray import Tray
from kotaemon_desktop.qt.window import MainWindow

PATIENCE_MS = 30_000
ROOT = Path(__file__).parents[2]


@pytest.fixture
def surroundings(window: MainWindow, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Surroundings]:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    made = Surroundings(window)
    made.start()
    yield made
    made.close()


@pytest.fixture
def with_tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop that has a tray: offscreen there is none, but its icon and menu are real."""
    monkeypatch.setattr(Tray, "is_available", staticmethod(lambda: True))


def status(name: str, state: ComponentState, bytes_: int) -> ComponentStatus:
    return ComponentStatus(name=name, state=state, bytes=bytes_)


def test_a_second_start_gives_its_files_to_the_window(
    surroundings: Surroundings, window: MainWindow, engine: Engine, qtbot: QtBot, tmp_path: Path
) -> None:
    file = tmp_path / "leave.md"
    file.write_text("# Leave\n\nEvery employee has 27 days of paid leave a year.\n", encoding="utf-8")
    window.showMinimized()
    command = [sys.executable, "-m", "kotaemon_desktop", "--data-dir", str(engine.folder.root), str(file)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as second:
        with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE_MS):
            pass
        _out, errors = second.communicate(timeout=30)
    assert (second.returncode, errors) == (0, "")
    assert not window.isMinimized()
    assert engine.library.counts()[0] == 1


def test_a_second_start_in_the_background_leaves_the_window_where_it_is(
    surroundings: Surroundings, window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    window.showMinimized()
    command = [sys.executable, "-m", "kotaemon_desktop", "--data-dir", str(engine.folder.root), "--minimised"]
    assert surroundings._doorbell is not None
    with (
        subprocess.Popen(command, cwd=ROOT) as second,
        qtbot.waitSignal(surroundings._doorbell.rung, timeout=PATIENCE_MS),
    ):
        pass
    assert second.wait(30) == 0
    assert window.isMinimized()


def test_without_a_tray_closing_quits_whatever_the_setting(
    surroundings: Surroundings, window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    engine.change_setting("window", "close", "tray")
    window.settings_model.follow()
    with qtbot.waitSignal(window.closed):
        window.close()


def test_closing_goes_to_the_tray_only_when_asked_and_quit_always_quits(
    with_tray: None, surroundings: Surroundings, window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    assert not surroundings.goes_on_when_closed()
    engine.change_setting("window", "close", "tray")
    window.settings_model.follow()
    with qtbot.assertNotEmitted(window.closed):
        window.close()
    assert not window.isVisible()
    assert surroundings._tray is not None
    surroundings._tray.opened.emit()
    assert window.isVisible()
    window.close()
    engine.change_setting("window", "tray", False)  # nothing else would bring the window back
    window.settings_model.follow()
    assert window.isVisible()
    assert surroundings._tray is None
    engine.change_setting("window", "tray", True)
    window.settings_model.follow()
    window.close()
    assert surroundings._tray is not None
    with qtbot.waitSignal(window.closed):
        surroundings._tray.quit_asked.emit()


def test_a_minimised_start_waits_in_the_tray_if_that_is_where_it_lives(
    with_tray: None, window: MainWindow, engine: Engine
) -> None:
    engine.change_setting("window", "close", "tray")
    window.settings_model.follow()
    window.showMinimized()
    made = Surroundings(window, minimised=True)
    made.start()
    assert window.isHidden()
    made.answer(Request())
    assert window.isVisible()
    assert not window.isMinimized()
    made.close()


def test_the_tray_tells_what_is_in_memory_and_unloads_it(qtbot: QtBot, qapp: QApplication) -> None:
    components = [
        status("retrieval", ComponentState.IDLE, 300 << 20),
        status("generator", ComponentState.ABSENT, 0),
    ]
    tray = Tray("Kotaemon Desktop", lambda: components)
    texts = {action.text(): action for action in tray._menu.actions()}
    assert any(text.startswith("Index and embedder: 300 MB") for text in texts)
    assert not any(text.startswith("Language model") for text in texts)
    with qtbot.waitSignal(tray.unload_all_asked):
        texts["Unload all"].trigger()
    components[0] = status("retrieval", ComponentState.ABSENT, 0)
    tray.refresh()
    assert "Nothing in memory" in tray._icon.toolTip()
    texts = {action.text(): action for action in tray._menu.actions()}
    assert not texts["Unload all"].isEnabled()
    use_language("zh_CN")
    tray._menu.aboutToShow.emit()
    assert "退出" in {action.text() for action in tray._menu.actions()}
    tray.close()


def test_messages_come_only_while_somebody_is_away() -> None:
    said: list[tuple[str, str]] = []
    away = [False]
    attention = Attention(lambda: away[0], lambda title, text: said.append((title, text)))
    disk = Notice("disk", Severity.WARNING, "The disk is full.", "Make room.")
    imported = Imported(documents=2, passages=9, failed=(("a.pdf", "empty"),), skipped=0, seconds=1.0)
    attention.note_imported(imported)
    attention.note_answered("How many?")
    attention.note_notices([disk])
    assert said == []
    away[0] = True
    attention.note_imported(imported)
    attention.note_imported(Imported(documents=0, passages=0, failed=(), skipped=3, seconds=1.0))
    attention.note_answered("How many?")
    for notices in ([disk], [disk], [], [disk]):
        attention.note_notices(notices)
    assert said == [
        ("Import done", "2 documents can be asked · 1 file could not be read"),
        ("Your answer is ready", "How many?"),
        ("The disk is full.", "Make room."),
        ("The disk is full.", "Make room."),
    ]
