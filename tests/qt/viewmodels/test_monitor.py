"""Samples once a second, marks where a component came or went, and the proof of what was freed."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.qt.viewmodels.monitor import MonitorModel
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


def test_a_component_comes_and_is_sent_away(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    monitor = MonitorModel(engine, lanes)
    freed: list[Released] = []
    monitor.released.connect(freed.append)
    monitor.start()
    qtbot.waitUntil(lambda: len(monitor.samples) == 1)
    alone = monitor.samples[-1]
    assert alone.program == alone.window > 10_000_000
    assert 0 < alone.system_used < alone.system_total
    lanes.call("browsing", lambda: borrow(engine), on_result=lambda _: None)
    qtbot.waitUntil(lambda: any(c.state is ComponentState.IDLE for c in monitor.components), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: monitor.samples[-1].program > monitor.samples[-1].window, timeout=PATIENCE_MS)
    assert [(mark.component, mark.loaded) for mark in monitor.marks] == [("reader", True)]
    monitor.unload("reader")
    qtbot.waitUntil(lambda: bool(freed), timeout=PATIENCE_MS)
    assert freed[0].component == "reader"
    assert freed[0].cause == "user"
    assert freed[0].freed > 0.9 * freed[0].held > 1_000_000
    assert [mark.loaded for mark in monitor.marks] == [True, False]
    monitor.close()


def borrow(engine: Engine) -> None:
    with engine.keeper.lease("reader"):
        pass


def test_closed_means_silent(engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path) -> None:
    monitor = MonitorModel(engine, lanes)
    heard: list[object] = []
    monitor.components_changed.connect(lambda: heard.append("changed"))
    monitor.start()
    qtbot.waitUntil(lambda: bool(monitor.samples))
    monitor.close()
    borrow(engine)
    count = len(monitor.samples)
    qtbot.wait(1200)
    assert heard == []
    assert len(monitor.samples) == count
