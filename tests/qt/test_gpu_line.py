"""The models page says what it takes to use a card, and fetches it only when a person agrees."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox, QPushButton, QToolTip
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.gpu_pack import Offer, this_pack
from kotaemon_desktop.core.i18n import Phrase, use_language
from kotaemon_desktop.core.monitoring.gpu import Card
from kotaemon_desktop.core.records import DownloadProgress
from kotaemon_desktop.qt.panels.models import ModelsDialog
from kotaemon_desktop.qt.viewmodels.models import ModelsModel
from kotaemon_desktop.qt.widgets.gpu_line import GpuLine
from kotaemon_desktop.qt.workers import Lanes
from tests.qt.conftest import PATIENCE_MS

H200 = Card("NVIDIA H200", "580.95.05")


class Pack:
    """Stands in for what would need a card and 1.5 GB."""

    def __init__(self) -> None:
        self.said: Offer | None = Offer(H200, this_pack())
        self.asked = 0
        self.error: Exception | None = None
        self.goes_on = Event()
        self.goes_on.set()

    def offer(self) -> Offer | None:
        return self.said

    def install(self) -> Iterator[DownloadProgress]:
        self.asked += 1
        yield DownloadProgress("GPU pack", 1, 2, 1.0, 1.0)
        assert self.goes_on.wait(PATIENCE_MS / 1000)
        if self.error is not None:
            raise self.error
        yield DownloadProgress("GPU pack", 2, 2, 1.0, 0.0)
        self.said = Offer(H200, this_pack(), installed=True)

    def remove(self) -> None:
        self.said = Offer(H200, this_pack())


@pytest.fixture
def pack(engine: Engine) -> Pack:
    engine.gpu_pack = made = Pack()  # type: ignore[assignment]
    return made


@pytest.fixture
def anew(engine: Engine, pack: Pack, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the pack was there, each time the models were told to look again what they can run on."""
    seen: list[bool] = []
    monkeypatch.setattr(engine, "use_gpu_anew", lambda: seen.append(pack.said is not None and pack.said.installed))
    return seen


def shown(engine: Engine, lanes: Lanes, qtbot: QtBot) -> GpuLine:
    dialog = ModelsDialog(ModelsModel(engine, lanes))
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog._model.gpu_pack.changed, timeout=PATIENCE_MS):
        dialog.show()
    qtbot.waitUntil(lambda: lanes.idle("browsing"), timeout=PATIENCE_MS)
    return dialog._gpu


def button(line: GpuLine) -> QPushButton:
    return line._do


def answer(line: GpuLine, words: str) -> None:
    """Press the line's button, and the one of these words in what it asks."""
    button(line).click()
    [box] = [each for each in line.findChildren(QMessageBox) if each.isVisible()]
    assert "2.3 GB" in box.text()
    [press] = [each for each in box.buttons() if each.text() == words]
    press.click()


def test_it_says_what_is_fetched_and_does_so_only_when_agreed(
    engine: Engine, lanes: Lanes, pack: Pack, anew: list[bool], qtbot: QtBot
) -> None:
    line = shown(engine, lanes, qtbot)
    words = line._words.text()
    assert "NVIDIA H200 (driver 580.95.05)" in words
    assert "1.5 GB to download, 2.3 GB on the disk" in words
    assert "NVIDIA's own licence" in words
    assert line._licence.isVisible()
    assert pack.asked == 0

    button(line).click()
    qtbot.waitUntil(lambda: button(line).text() == "Remove", timeout=PATIENCE_MS)
    assert pack.asked == 1
    assert anew == [True]
    assert "is installed (2.3 GB)" in line._words.text()
    assert not line._licence.isVisible()

    assert button(line).accessibleName() == "Remove the GPU pack"
    answer(line, "Cancel")
    qtbot.waitUntil(lambda: lanes.idle("models"), timeout=PATIENCE_MS)
    assert button(line).text() == "Remove"
    answer(line, "Remove")
    qtbot.waitUntil(lambda: button(line).text() == "Agree and download", timeout=PATIENCE_MS)
    assert button(line).accessibleName() == "Agree and download"
    assert anew == [True, False]


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_download_that_does_not_get_through_leaves_the_models_in_memory(
    engine: Engine, lanes: Lanes, pack: Pack, anew: list[bool], qtbot: QtBot, how: str
) -> None:
    line = shown(engine, lanes, qtbot)
    errors: list[Exception] = []
    line._model.failed.connect(errors.append)
    pack.goes_on.clear()
    button(line).click()
    qtbot.waitUntil(lambda: line._model.transfer is not None and line._model.transfer.progress is not None)
    if how == "cancelled":
        line._transfer.cancelled.emit()
    else:
        pack.error = OSError("no network")
    pack.goes_on.set()
    qtbot.waitUntil(lambda: line._model.transfer is None, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: lanes.idle("models"), timeout=PATIENCE_MS)
    assert button(line).text() == "Agree and download"
    assert errors == ([pack.error] if pack.error else [])
    assert anew == []


def test_a_driver_that_is_too_old_and_a_program_of_pips(engine: Engine, lanes: Lanes, pack: Pack, qtbot: QtBot) -> None:
    pack.said = Offer(H200, this_pack(), obstacle=Phrase("its driver is old"))
    line = shown(engine, lanes, qtbot)
    assert line._words.text().endswith("Models cannot use it: its driver is old.")
    assert not button(line).isVisible()

    pack.said = Offer(H200, this_pack(), command="pip install something")
    line._model.look()
    qtbot.waitUntil(lambda: button(line).isVisible(), timeout=PATIENCE_MS)
    button(line).click()
    assert QGuiApplication.clipboard().text() == "pip install something"
    assert QToolTip.text() == "Copied"
    QToolTip.hideText()
    use_language("zh_CN")
    line.retranslate()
    assert "驱动 580.95.05" in line._words.text()


def test_without_a_card_nothing_is_said(engine: Engine, lanes: Lanes, pack: Pack, qtbot: QtBot) -> None:
    pack.said = None
    assert not shown(engine, lanes, qtbot).isVisible()
