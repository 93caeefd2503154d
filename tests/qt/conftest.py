"""Real widgets on a real engine in a throw-away data folder; what a test leaves behind makes it fail."""

from __future__ import annotations

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"  # before the first import of PySide6
os.environ["LC_ALL"] = "C.UTF-8"  # English, whoever runs the tests

import gc
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000  # for what child processes do on a busy machine


@pytest.fixture(scope="module", autouse=True)
def _old_objects_apart() -> None:
    """Spare each test's look for leftovers the half million objects that were there before: half a second a test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _old_objects_back() -> Iterator[None]:
    """Give them back at the end, when modules look for what was left over."""
    yield
    gc.unfreeze()


@pytest.fixture(autouse=True)
def _nothing_left_over(qapp: QApplication) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a child process behind."""
    threads = set(threading.enumerate())
    children = set(psutil.Process().children(recursive=True))
    theme.apply(qapp, "light")
    use_language("en")
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    until = time.monotonic() + 30
    while time.monotonic() < until and (_threads(threads) or _children(children)):
        time.sleep(0.02)
    assert not _threads(threads), "threads left over"
    assert not _children(children), "child processes left over"
    assert not _timers(), "timers left running"


def _threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before and thread.is_alive()]


def _children(before: set[psutil.Process]) -> list[psutil.Process]:
    now = psutil.Process().children(recursive=True)
    # multiprocessing keeps its one resource tracker as long as the program lives
    return [child for child in now if child not in before and not _is_tracker(child)]


def _is_tracker(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE or "resource_tracker" in " ".join(process.cmdline())
    except psutil.Error:
        return True


def _timers() -> list[QTimer]:
    timers = [each for each in gc.get_objects() if isinstance(each, QTimer)]
    return [timer for timer in timers if shiboken6.isValid(timer) and timer.isActive()]


@pytest.fixture
def qtbot(qtbot: QtBot) -> QtBot:
    """The robot, which waits as long as a busy machine may take where a test does not say how long."""
    for name in ("waitUntil", "waitSignal", "waitSignals", "waitExposed"):
        setattr(qtbot, name, partial(getattr(qtbot, name), timeout=PATIENCE_MS))
    return qtbot


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A real engine on an empty data folder."""
    opened = Engine.open(DataFolder(tmp_path / "data"))
    yield opened
    opened.close()


@pytest.fixture
def lanes(qapp: QApplication) -> Iterator[Lanes]:
    """Lanes that are closed at the end."""
    made = Lanes()
    yield made
    made.close()


@pytest.fixture
def window(engine: Engine, lanes: Lanes, qtbot: QtBot) -> Iterator[MainWindow]:
    """The whole window, shown and started."""
    made = MainWindow(engine.folder.section / "window.json", lanes)
    qtbot.addWidget(made)
    made.show()
    made.start(engine)
    qtbot.waitUntil(lambda: lanes.idle("browsing") and lanes.idle("importing"), timeout=PATIENCE_MS)
    yield made
    lanes.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a Markdown file, a text file and one that cannot be read."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "leave.md").write_text("# Leave\n\nEvery employee has 27 days of paid leave a year.\n", encoding="utf-8")
    (folder / "travel.txt").write_text("Train tickets are paid up to 300 euros a trip.\n", encoding="utf-8")
    (folder / "empty.pdf").write_bytes(b"")
    return folder
