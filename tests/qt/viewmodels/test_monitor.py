"""Samples once a second, marks where a component came or went, and the proof of what was freed."""

from __future__ import annotations

import logging
from pathlib import Path

import shiboken6
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Loaded, Released
from kotaemon_desktop.core.outgoing import Errand
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.qt.viewmodels.monitor import MonitorModel
from kotaemon_desktop.qt.viewmodels.timeline import Span
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


def test_a_closed_one_hears_nothing_of_what_leaves(engine: Engine, lanes: Lanes) -> None:
    monitor = MonitorModel(engine, lanes)
    heard: list[int] = []
    monitor.network.changed.connect(lambda: heard.append(len(monitor.network.departures)))
    engine.outgoing.note(Errand.TOOL, "a.example")
    monitor.close()
    shiboken6.delete(monitor)
    engine.outgoing.note(Errand.TOOL, "b.example")
    assert heard == [1]


def test_a_component_comes_and_is_sent_away(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    monitor = MonitorModel(engine, lanes)
    freed: list[Released] = []
    monitor.released.connect(freed.append)
    monitor.start()
    qtbot.waitUntil(lambda: monitor.latest is not None)
    alone = monitor.latest
    assert alone is not None
    assert alone.program == alone.window > 10_000_000
    assert 0 < alone.system_used < alone.system_total
    lanes.call("browsing", lambda: borrow(engine), on_result=lambda _: None)
    qtbot.waitUntil(lambda: any(c.state is ComponentState.IDLE for c in monitor.components), timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: program_and_window(monitor)[0] > program_and_window(monitor)[1], timeout=PATIENCE_MS)
    (mark,) = monitor.timeline.marks(0.0)
    assert isinstance(mark, Loaded)
    assert (mark.component, mark.cause) == ("reader", "request")
    assert mark.bytes > 1_000_000
    assert mark.seconds > 0
    monitor.unload("reader")
    qtbot.waitUntil(lambda: bool(freed), timeout=PATIENCE_MS)
    assert freed[0].component == "reader"
    assert freed[0].cause == "user"
    assert freed[0].freed > 0.9 * freed[0].held > 1_000_000
    assert [type(mark) for mark in monitor.timeline.marks(0.0)] == [Loaded, Released]
    assert list(monitor.releases) == freed
    monitor.close()


def program_and_window(monitor: MonitorModel) -> tuple[int, int]:
    assert monitor.latest is not None
    return monitor.latest.program, monitor.latest.window


def borrow(engine: Engine) -> None:
    with engine.keeper.lease("reader"):
        pass


def test_closed_means_silent(engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path) -> None:
    monitor = MonitorModel(engine, lanes)
    heard: list[object] = []
    monitor.components_changed.connect(lambda: heard.append("changed"))
    monitor.start()
    qtbot.waitUntil(lambda: monitor.latest is not None)
    monitor.close()
    borrow(engine)
    count = len(monitor.timeline.points(Span.MINUTE))
    qtbot.wait(1200)
    assert heard == []
    assert len(monitor.timeline.points(Span.MINUTE)) == count


def test_what_is_dismissed_is_not_said_again(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    monitor = MonitorModel(engine, lanes)
    monitor.start()
    qtbot.waitUntil(lambda: monitor.latest is not None)
    logging.getLogger("kotaemon_desktop.test").error("the disk is on fire")
    qtbot.waitUntil(lambda: "log" in [notice.kind for notice in monitor.notices])
    monitor.dismiss("log")
    qtbot.waitUntil(lambda: "log" not in [notice.kind for notice in monitor.notices])
    monitor.close()
