"""The usage page on a real engine whose library holds hours of measured use."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QPushButton, QTableWidget, QToolTip
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import ComponentChanged
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.usage import Usage
from kotaemon_desktop.core.storage.usage_report import Period
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.panels.usage import UsageDialog
from kotaemon_desktop.qt.viewmodels.usage import UsageModel
from kotaemon_desktop.qt.widgets.usage_bars import Bar, UsageBars
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

GB = 1 << 30
HOUR = 3600.0
IDLE, ABSENT, WAKING = ComponentState.IDLE, ComponentState.ABSENT, ComponentState.WAKING


class Wall:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def used(tmp_path: Path) -> Iterator[Engine]:
    """An engine whose program ran for four hours: ten times a model of 1 GB came for ten minutes."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    wall = Wall(time.time() - 4 * HOUR - 60)
    start = wall.seconds
    with Database(folder.database) as database:
        usage = Usage(database, now=wall)
        for number in range(10):
            wall.seconds = at = start + number * 720
            usage.hear(ComponentChanged("generator", ABSENT, WAKING, at, "request"))
            usage.record_wake("generator:tiny", 6.0, GB)
            usage.hear(ComponentChanged("generator", ComponentState.BUSY, IDLE, at + 300, "lease returned"))
            wall.seconds = at + 600
            usage.hear(ComponentChanged("generator", IDLE, ABSENT, at + 600, "idle"))
            usage.record_release("generator:tiny", "idle", 600.0, GB, GB)
        wall.seconds = start + 4 * HOUR
        usage.close()
    opened = Engine.open(folder)
    yield opened
    opened.close()


@pytest.fixture
def page(used: Engine, lanes: Lanes, qtbot: QtBot) -> Iterator[UsageDialog]:
    made = UsageDialog(UsageModel(used, lanes))
    qtbot.addWidget(made)
    with qtbot.waitSignal(made._model.changed):
        made.show()
    yield made
    lanes.close()


def words(page: UsageDialog) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def cells(page: UsageDialog) -> list[list[str]]:
    table = page.findChild(QTableWidget)
    places = range(table.columnCount())
    return [[table.item(line, place).text() for place in places] for line in range(table.rowCount())]


def test_hours_gigabytes_and_the_comparison_are_told(page: UsageDialog) -> None:
    assert cells(page) == [["Language model · tiny", "1.7 h", "1.0 GB", "1.67", "10", "1 min", "42\u00a0%"]]
    assert "The program ran for 4 h. What was loaded took 1.67 GB‑hours of memory." in words(page)
    assert "Always loaded it would have been 4.00 GB‑hours: 58\u00a0% saved." in words(page)
    bars = page.findChild(UsageBars)
    assert bars.isVisible()
    assert "GB‑hours, always loaded" in bars.accessibleDescription()


def test_a_suggestion_can_be_taken(page: UsageDialog, used: Engine, qtbot: QtBot) -> None:
    assert (
        "Language model: staying for 10 min instead of 5 min would have avoided 9 loads, saved 54 s of waiting and "
        "cost 0.38 GB‑hours." in words(page)
    )
    [use] = [each for each in page.findChildren(QPushButton) if each.isVisible() and each.text() == "Use 10 min"]
    with qtbot.waitSignal(page._model.changed):
        qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    assert used.settings.residency.generator_idle == 600
    suits = "Language model: a timer of 10 min suits the way you work (10 pauses)."
    qtbot.waitUntil(lambda: suits in words(page))
    assert not any("Use" in each.text() for each in page.findChildren(QPushButton) if each.isVisible())


def test_the_period_is_chosen(page: UsageDialog, qtbot: QtBot) -> None:
    chooser = page._period
    assert chooser.currentText() == "7 days"
    assert len(page._model.report.parts) == 7
    with qtbot.waitSignal(page._model.changed):
        qtbot.keyClick(chooser, Qt.Key.Key_Down)
    assert page._model.period is Period.MONTH
    assert len(page._model.report.parts) == 30


def test_another_workspace_is_chosen(page: UsageDialog, used: Engine, qtbot: QtBot) -> None:
    assert not page._workspace.isVisible()  # there is only one
    page.close()
    other = DataFolder(used.folder.root, "work")
    other.create()
    Database(other.database).close()
    with qtbot.waitSignal(page._model.changed):
        page.show()
    assert page._workspace.isVisible()
    assert page._workspace.currentText() == "default"
    with qtbot.waitSignal(page._model.changed):
        qtbot.keyClick(page._workspace, Qt.Key.Key_Down)
    assert "Nothing was loaded in this period." in words(page)


def test_the_report_is_saved_where_a_person_says(
    page: UsageDialog, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "use.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    [save] = [each for each in page.findChildren(QPushButton) if each.text() == "Save as CSV…"]
    with qtbot.waitSignal(page._model.saved):
        qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    lines = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"))))
    assert sum(float(line["gigabyte_hours"]) for line in lines) == pytest.approx(1.667, abs=0.001)
    assert {line["component"] for line in lines} == {"generator"}
    assert f"Saved: {file}" in words(page)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path), ""))  # a folder
    with qtbot.waitSignal(page._model.failed):
        qtbot.mouseClick(save, Qt.MouseButton.LeftButton)
    assert "That did not work:" in words(page)


def test_both_themes_show_the_accent(page: UsageDialog, qapp: QApplication) -> None:
    for name, look in (("light", theme.LIGHT), ("dark", theme.DARK)):
        theme.apply(qapp, name)
        for widget in (page.findChild(UsageBars), page.findChild(QTableWidget)):
            image = widget.grab().toImage()
            shown = {image.pixelColor(x, y).name() for x in range(0, image.width(), 2) for y in range(image.height())}
            assert {look.accent, look.border} <= shown, (name, widget)


def test_a_bar_tells_its_words_under_the_pointer(qtbot: QtBot) -> None:
    bars = UsageBars()
    qtbot.addWidget(bars)
    bars.resize(300, 136)
    bars.show()
    bars.show_bars([Bar(1, 2, "Mon", "Monday"), Bar(2, 4, "Tue", "Tuesday"), Bar(0, 0, "Wed", "")], ("a", "b"))
    assert bars.accessibleDescription() == "Monday\nTuesday"
    QApplication.sendEvent(
        bars, QHelpEvent(QHelpEvent.Type.ToolTip, QPoint(150, 60), bars.mapToGlobal(QPoint(150, 60)))
    )
    assert QToolTip.text() == "Tuesday"
    QToolTip.hideText()


def test_names_below_many_bars_do_not_overlap(qtbot: QtBot) -> None:
    bars = UsageBars()
    qtbot.addWidget(bars)
    bars.resize(400, 136)
    bars.show_bars([Bar(1, 2, f"Mon {number} Nov", "") for number in range(30)], ("a", "b"))
    pixmap = QPixmap(400, 136)
    painter = QPainter(pixmap)
    names = bars._names(painter)
    painter.end()
    assert names[0][0] == 29  # the latest always has its name
    assert len(names) >= 3
    places = sorted((rect.left(), rect.right()) for _number, rect in names)
    assert all(before[1] < after[0] for before, after in pairwise(places))
    assert places[0][0] >= 0
    assert places[-1][1] <= 400


def test_before_anything_was_loaded_the_page_says_what_to_do(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    page = UsageDialog(UsageModel(engine, lanes))
    qtbot.addWidget(page)
    with qtbot.waitSignal(page._model.changed):
        page.show()
    assert "Nothing was loaded in this period. Ask a question or add a file" in words(page)
    assert not page.findChild(QTableWidget).isVisible()
    assert not page._save.isEnabled()
    lanes.close()


def test_the_menu_opens_one_page_that_follows_the_language(
    window: MainWindow, lanes: Lanes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert window.findChildren(UsageDialog) == []
    window._menu.actions["usage"].trigger()
    window._menu.actions["usage"].trigger()
    [page] = window.findChildren(UsageDialog)
    assert page.isVisible()
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    from kotaemon_desktop.core import i18n

    monkeypatch.setattr(i18n, "_catalogue", {"What was in memory": "WHAT WAS IN MEMORY", "Today": "TODAY"})
    window.retranslate()
    assert "WHAT WAS IN MEMORY" in words(page)
    assert page._period.itemText(0) == "TODAY"
    assert page._period.currentText() == "7 days"
    page.close()
