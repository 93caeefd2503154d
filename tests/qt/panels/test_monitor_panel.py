"""The monitor panel: numbers with units, one line per component, unloading, folding, and no work while hidden."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.records import ComponentState, ComponentStatus, Sample
from kotaemon_desktop.qt.panels.monitor import MonitorPanel
from kotaemon_desktop.qt.viewmodels.monitor import Mark, MonitorModel
from kotaemon_desktop.qt.widgets.component_line import ComponentLine
from kotaemon_desktop.qt.widgets.sparkline import Sparkline, Tick, round_up
from kotaemon_desktop.qt.workers import Lanes

MB, GB = 2**20, 2**30


def sample(at: float, program: int, **changes: object) -> Sample:
    fields: dict[str, object] = {
        "window": program,
        "cpu": 12.4,
        "system_used": 8 * GB,
        "system_available": 8 * GB,
        "system_total": 16 * GB,
    }
    return Sample(at=at, program=program, **{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def panel(engine: Engine, lanes: Lanes, qtbot: QtBot) -> Iterator[MonitorPanel]:
    shown = MonitorPanel(MonitorModel(engine, lanes))
    qtbot.addWidget(shown)
    shown.resize(400, 400)
    shown.show()
    yield shown
    lanes.close()


def show(panel: MonitorPanel, *samples: Sample, components: tuple[ComponentStatus, ...] = ()) -> None:
    panel._model.samples.extend(samples)
    panel._model.components = list(components)
    panel._model.sampled.emit()


def words(panel: MonitorPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


def plots(panel: MonitorPanel) -> dict[str, Sparkline]:
    return {plot.accessibleName(): plot for plot in panel.findChildren(Sparkline) if plot.isVisible()}


def test_values_have_units_and_the_gpu_shows_only_where_there_is_one(panel: MonitorPanel) -> None:
    show(panel, sample(0, 412 * MB))
    assert {"412 MB", "8.0 GB of 16.0 GB", "12 % of a core"} <= set(words(panel))
    assert len(plots(panel)) == 3
    show(panel, sample(1, 412 * MB, gpu_used=3 * GB, gpu_total=139 * GB))
    assert "3.0 GB of 139 GB" in words(panel)
    assert len(plots(panel)) == 4


def test_components_are_told_in_words_with_a_countdown(panel: MonitorPanel) -> None:
    show(
        panel,
        sample(0, MB),
        components=(
            ComponentStatus("reader", ComponentState.ABSENT),
            ComponentStatus("retrieval", ComponentState.IDLE, 182 * MB, idle_deadline=252.0),
            ComponentStatus("generator", ComponentState.WAKING, expected_wake=3.2),
            ComponentStatus("builder", ComponentState.ABSENT),
            ComponentStatus("mystery", ComponentState.FAILED, reason="exit code -9"),
        ),
    )
    names = [line.accessibleName() for line in panel.findChildren(ComponentLine) if line.isVisible()]
    assert names == [
        "File reader: not in memory",
        "Index and embedder: 182 MB · unloads in 4:12",
        "Language model: loading, about 3 s",
        "mystery: stopped",
    ]


def test_unload_now_asks_the_keeper(panel: MonitorPanel, engine: Engine, qtbot: QtBot) -> None:
    with engine.keeper.lease("reader"):
        pass
    show(panel, sample(0, MB), components=tuple(engine.keeper.status()))
    buttons = [b for b in panel.findChildren(QToolButton) if b.isVisible() and "Unload" in b.accessibleName()]
    assert [b.accessibleName() for b in buttons] == ["Unload now: File reader"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    engine.tick()
    assert engine.keeper.status("reader").state is ComponentState.ABSENT


def test_what_was_freed_is_said(panel: MonitorPanel) -> None:
    panel._model._note(Released("generator", 1.0, "idle", int(1.9 * GB), int(1.9 * GB)))
    assert "Language model: freed 1.9 GB of 1.9 GB" in words(panel)


def test_folding_leaves_the_heading_with_the_memory(panel: MonitorPanel) -> None:
    show(panel, sample(0, 100 * MB))
    panel.fold(True)
    show(panel, sample(1, 200 * MB))
    assert words(panel) == ["Memory and components", "200 MB"]
    assert plots(panel) == {}
    panel.fold(False)
    assert len(plots(panel)) == 3


def test_the_line_follows_the_values(panel: MonitorPanel, qtbot: QtBot) -> None:
    line = Sparkline(120)
    qtbot.addWidget(line)
    line.resize(242, 34)
    line.show()
    line.show_points([(0.0, 0.0), (60.0, 100.0), (120.0, 0.0)], 100.0)
    image = line.grab().toImage()
    ground = image.pixelColor(1, 1)

    def highest(x: int) -> int:
        return next(y for y in range(34) if image.pixelColor(x, y) != ground)

    assert highest(120) < 6
    assert highest(60) > highest(120) + 6
    assert highest(180) > highest(120) + 6
    before = image.copy()
    line.show_points([(0.0, 0.0), (60.0, 100.0), (120.0, 0.0)], 100.0, [Tick(60.0, up=True)])
    assert line.grab().toImage() != before


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (1.2, 2), (350, 500), (501, 1000), (1000, 1000)])
def test_scales_are_round(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)


def test_two_minutes_at_one_beat_a_second_cost_next_to_nothing(panel: MonitorPanel) -> None:
    show(panel, *(sample(float(at), (100 + at) * MB) for at in range(120)))
    panel._model.marks.extend(Mark(float(at), "reader", at % 2 == 0) for at in range(0, 120, 10))
    started = time.process_time()
    for at in range(120, 170):
        show(panel, sample(float(at), (100 + at) * MB))
        panel.grab()  # paints everything, which a beat does at most
    assert (time.process_time() - started) / 50 < 0.03  # about 3 ms on a quiet machine: 0.3 % of a core at 1 Hz
