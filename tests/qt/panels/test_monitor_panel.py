"""The monitor panel: plots and numbers, one line per component, warnings, spans, folding, and no work while hidden."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Done, Loaded, Released
from kotaemon_desktop.core.monitoring.notices import Notice, Severity
from kotaemon_desktop.core.records import ComponentState, ComponentStatus, ProviderChoice, Sample
from kotaemon_desktop.qt.panels.monitor import MonitorPanel
from kotaemon_desktop.qt.viewmodels.monitor import MonitorModel
from kotaemon_desktop.qt.widgets.component_line import ComponentLine
from kotaemon_desktop.qt.widgets.plot import Plot
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
    shown.fold(False)
    yield shown
    lanes.close()


def show(panel: MonitorPanel, *samples: Sample, components: tuple[ComponentStatus, ...] = ()) -> None:
    for each in samples:
        panel._model.timeline.add(each)
    panel._model.latest = samples[-1]
    panel._model.components = list(components)
    panel._model.sampled.emit()


def words(panel: MonitorPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible() and label.text()]


def plots(panel: MonitorPanel) -> dict[str, Plot]:
    return {plot.accessibleName().partition(",")[0]: plot for plot in panel.findChildren(Plot) if plot.isVisible()}


def button(panel: MonitorPanel, name: str) -> QToolButton | QPushButton:
    found: list[QToolButton | QPushButton] = [*panel.findChildren(QToolButton), *panel.findChildren(QPushButton)]
    return next(each for each in found if each.isVisible() and name in {each.accessibleName(), each.text()})


def test_values_have_units_and_the_gpu_shows_only_where_there_is_one(panel: MonitorPanel) -> None:
    show(panel, sample(0, 412 * MB))
    assert {"412 MB", "8.0 of 16.0 GB", "12 % of a core"} <= set(words(panel))
    assert list(plots(panel)) == ["Memory of this program by component", "System memory", "Processor"]
    show(panel, sample(1, 412 * MB, gpu_used=300 * MB, gpu_total=139 * GB))
    assert "300 MB of 139 GB" in words(panel)
    assert "GPU load" not in plots(panel)
    show(panel, sample(2, 412 * MB, gpu_used=3 * GB, gpu_total=139 * GB, gpu_load=37.0))
    assert {"3.0 of 139 GB", "37\u00a0%"} <= set(words(panel))


def test_memory_is_stacked_by_component_on_the_window(panel: MonitorPanel) -> None:
    held = {"retrieval": 150 * MB, "mystery": 10 * MB}
    show(panel, sample(0, 50 * MB, window=50 * MB), sample(1, 210 * MB, window=50 * MB, components=held))
    data = plots(panel)["Memory of this program by component"].data
    assert data is not None
    assert [(layer.name, layer.colour, list(layer.values)) for layer in data.layers] == [
        ("Window", "plot_window", [50 * MB, 50 * MB]),
        ("Index and embedder", "plot_retrieval", [0, 150 * MB]),
        ("mystery", "plot_other", [0, 10 * MB]),
    ]
    assert data.top == 300 * MB


def test_loads_and_unloads_are_marked_with_their_cause(panel: MonitorPanel) -> None:
    panel._model._note(Loaded("retrieval", 1.0, 1.24, 150 * MB, "typing"))
    panel._model._note(Released("retrieval", 5.0, "memory", 150 * MB, 149 * MB))
    show(panel, *(sample(float(at), 100 * MB) for at in range(10)))
    data = plots(panel)["Memory of this program by component"].data
    assert data is not None
    assert [(tick.at, tick.up, tick.words) for tick in data.ticks] == [
        (1.0, True, "Index and embedder loaded (a question was being typed): 150 MB in 1.2 s"),
        (5.0, False, "Index and embedder: freed 149 of 150 MB (memory was low)"),
    ]


def test_the_speed_of_answers_comes_with_the_first_one(panel: MonitorPanel) -> None:
    panel._model.note_answer(Done("extractive", True, {"total": 0.4}))
    show(panel, sample(time.time(), MB))
    assert "Speed of answers" not in plots(panel)
    panel._model.note_answer(Done("a model", True, {"tokens": 46.0, "decode": 2.0}))
    show(panel, sample(time.time(), MB))
    assert "23 tokens/s" in words(panel)
    data = plots(panel)["Speed of answers"].data
    assert data is not None
    assert list(data.layers[0].values) == [23.0]


def test_the_span_is_chosen_by_keys_and_thins_the_points(panel: MonitorPanel, qtbot: QtBot) -> None:
    show(panel, *(sample(float(at), 100 * MB) for at in range(600)))
    program = plots(panel)["Memory of this program by component"]
    assert program.data is not None
    assert len(program.data.times) == 62
    qtbot.keyClick(button(panel, "Show the last 15 minutes"), Qt.Key.Key_Space)
    assert program.data.seconds == 900
    assert len(program.data.times) == 120
    assert program.accessibleName().startswith("Memory of this program by component, last 15 minutes")
    drawn = program.data
    show(panel, sample(600.0, 100 * MB))
    assert program.data is drawn  # a second more is no pixel more
    panel._model._note(Released("reader", 600.0, "idle", MB, MB))
    show(panel, sample(601.0, 100 * MB))
    assert program.data is not drawn
    qtbot.mouseClick(button(panel, "Show the last 24 hours"), Qt.MouseButton.LeftButton)
    assert program.data.seconds == 24 * 3600


def test_a_moment_chosen_in_one_plot_is_marked_in_all(panel: MonitorPanel, qtbot: QtBot) -> None:
    show(panel, *(sample(float(at), 100 * MB) for at in range(10)))
    chosen, other = plots(panel)["System memory"], plots(panel)["Memory of this program by component"]
    before = other.grab().toImage()
    chosen.setFocus()
    qtbot.keyClick(chosen, Qt.Key.Key_Home)
    assert "8.0 GB" in chosen.accessibleDescription()
    assert other.grab().toImage() != before


def test_components_are_told_in_words(panel: MonitorPanel) -> None:
    show(
        panel,
        sample(0, 84 * MB),
        components=(
            ComponentStatus("reader", ComponentState.BUSY, 120 * MB, hosts=3, waiting=2),
            ComponentStatus("embedder", ComponentState.ABSENT, expected_wake=0.42),
            ComponentStatus("retrieval", ComponentState.IDLE, 182 * MB, idle_deadline=252.0, hosts=1),
            ComponentStatus("generator", ComponentState.WAKING, expected_wake=3.2),
            ComponentStatus("builder", ComponentState.ABSENT),
            ComponentStatus("probe", ComponentState.BUSY, 60 * MB, hosts=1, unload_asked=True),
            ComponentStatus("mystery", ComponentState.FAILED, reason="exit code -9"),
        ),
    )
    names = [line.accessibleName() for line in panel.findChildren(ComponentLine) if line.isVisible()]
    assert names == [
        "File reader ×3: 120 MB · working · 2 wait",
        "Embedder (import): not loaded · back in 0.4 s",
        "Index and embedder: 182 MB · unloads in 4:12",
        "Language model: loading, about 3.2 s",
        "Provider check: 60 MB · working · then unloads",
        "mystery: stopped: exit code -9",
    ]
    assert "84 MB" in words(panel)


def test_unload_now_and_unload_all_ask_the_keeper(panel: MonitorPanel, engine: Engine, qtbot: QtBot) -> None:
    for name in ("Unload now: File reader", "Unload all"):
        with engine.keeper.lease("reader"):
            pass
        show(panel, sample(0, MB), components=tuple(engine.keeper.status()))
        shown = {b.accessibleName() for b in panel.findChildren(QToolButton) if b.isVisible()}
        assert [each for each in shown if each.startswith("Unload")] == ["Unload now: File reader"]
        qtbot.keyClick(button(panel, name), Qt.Key.Key_Space)
        engine.tick()
        assert engine.keeper.status("reader").state is ComponentState.ABSENT
    show(panel, sample(1, MB), components=tuple(engine.keeper.status()))
    assert not button(panel, "Unload all").isEnabled()


def test_pinned_stays_until_unpinned(panel: MonitorPanel, engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    with engine.keeper.lease("reader"):
        pass
    show(panel, sample(0, MB), components=tuple(engine.keeper.status()))
    qtbot.keyClick(button(panel, "Pin: File reader"), Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: engine.keeper.status("reader").pinned)
    qtbot.waitUntil(lambda: any(text.endswith("idle · stays") for text in words(panel)))
    assert engine.settings.residency.pinned == ("reader",)
    assert button(panel, "Unpin: File reader").isChecked()
    qtbot.mouseClick(button(panel, "Unpin: File reader"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not engine.keeper.status("reader").pinned)
    qtbot.waitUntil(lambda: "Pin: File reader" in {each.accessibleName() for each in panel.findChildren(QToolButton)})
    assert not button(panel, "Pin: File reader").isChecked()
    assert engine.settings.residency.pinned == ()


def test_a_pin_that_cannot_be_kept_shows_again_what_holds(
    panel: MonitorPanel, engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise OSError("read-only")

    show(panel, sample(0, MB), components=tuple(engine.keeper.status()))
    monkeypatch.setattr(engine, "change_setting", refuse)
    with qtbot.waitSignal(panel._model.failed) as failed:
        qtbot.mouseClick(button(panel, "Pin: File reader"), Qt.MouseButton.LeftButton)
    assert str(failed.args[0]) == "read-only"
    assert not button(panel, "Pin: File reader").isChecked()


def test_what_was_freed_is_said_and_kept_in_a_list(panel: MonitorPanel, qtbot: QtBot) -> None:
    for number in range(12):
        panel._model._note(Released("generator", 1000.0 + number, "idle", int(1.9 * GB), int(1.9 * GB)))
    panel._model._note(Released("reader", 2000.0, "user", 80 * MB, 79 * MB))
    assert "File reader: freed 79 of 80 MB" in words(panel)
    qtbot.keyClick(button(panel, "What was freed lately"), Qt.Key.Key_Space)
    lines = words(panel)[-2].split("\n")
    assert len(lines) == 8
    assert lines[0].endswith("File reader: freed 79 of 80 MB (unloaded by hand)")
    assert lines[1].endswith("Language model: freed 1.9 of 1.9 GB (idle)")


def test_warnings_are_in_the_heading_also_when_folded(panel: MonitorPanel, engine: Engine, qtbot: QtBot) -> None:
    panel._model.notices = [Notice("memory", Severity.WARNING, "Memory is low: 312 MB available.", "Close programs.")]
    panel._model.provider = ProviderChoice("CUDAExecutionProvider", "A small computation on the NVIDIA GPU succeeded.")
    panel.fold(True)
    show(panel, sample(0, MB))
    assert button(panel, "On the GPU").accessibleDescription().startswith("A small computation")
    qtbot.mouseClick(button(panel, "Memory low"), Qt.MouseButton.LeftButton)
    assert "Memory is low: 312 MB available. Close programs." in words(panel)
    dismissed: list[str] = []
    panel._model.dismiss = dismissed.append  # type: ignore[method-assign]
    qtbot.mouseClick(button(panel, "Dismiss: Memory low"), Qt.MouseButton.LeftButton)
    assert dismissed == ["memory"]


def test_an_unknown_provider_can_be_checked(
    panel: MonitorPanel, engine: Engine, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = ProviderChoice("CUDAExecutionProvider", "A small computation on the NVIDIA GPU succeeded.")
    monkeypatch.setattr(engine.generators, "provider", lambda: found)
    show(panel, sample(0, MB))
    qtbot.mouseClick(button(panel, "GPU?"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(button(panel, "Check: GPU?"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel._model.provider == found)
    assert button(panel, "On the GPU").isVisible()


def test_folding_leaves_the_heading_with_the_memory(panel: MonitorPanel) -> None:
    show(panel, sample(0, 100 * MB))
    panel.fold(True)
    show(panel, sample(1, 200 * MB))
    assert words(panel) == ["Memory and components", "200 MB"]
    assert plots(panel) == {}
    panel.fold(False)
    assert len(plots(panel)) == 3


def test_nothing_is_computed_while_nobody_looks(panel: MonitorPanel) -> None:
    show(panel, sample(0, 100 * MB))
    program = plots(panel)["Memory of this program by component"]
    drawn = program.data
    panel.hide()
    show(panel, sample(10, 200 * MB))
    assert program.data is drawn
    panel.show()
    assert program.data is not drawn
    assert "200 MB" in words(panel)


def test_everything_has_a_name_and_is_reached_by_keys(panel: MonitorPanel, engine: Engine) -> None:
    show(panel, sample(0, 100 * MB), components=tuple(engine.keeper.status()))
    shown = [each for each in panel.findChildren(QWidget) if each.isVisible()]
    active = [each for each in shown if isinstance(each, QToolButton | QPushButton | Plot)]
    assert len(active) > 10
    for each in active:
        assert each.accessibleName() or each.text()
        assert each.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_it_fits_into_the_narrowest_side(panel: MonitorPanel, engine: Engine) -> None:
    panel._model.notices = [
        Notice("disk", Severity.WARNING, "The disk with your data is 97 % full (3.2 GB free).", "Make some room."),
        Notice("memory", Severity.WARNING, "Memory is low: 312 MB available."),
    ]
    show(panel, sample(0, 100 * MB, gpu_used=GB, gpu_total=139 * GB, gpu_load=3.0))
    assert panel.minimumSizeHint().width() <= 300


def test_it_is_as_high_as_its_content_and_gives_way_by_scrolling(
    panel: MonitorPanel, engine: Engine, qtbot: QtBot
) -> None:
    components = tuple(engine.keeper.status())
    show(panel, sample(0, 100 * MB), components=components)
    qtbot.waitUntil(lambda: panel.sizeHint().height() > 250)
    before = panel.sizeHint().height()
    show(panel, sample(1, 100 * MB, gpu_used=GB, gpu_total=139 * GB, gpu_load=3.0), components=components)
    qtbot.waitUntil(lambda: panel.sizeHint().height() > before + 20)
    assert panel.minimumSizeHint().height() < 220
    panel.resize(300, panel.minimumSizeHint().height())
    last = button(panel, "Unload all")
    assert last.visibleRegion().isEmpty()
    panel._body.ensureWidgetVisible(last)
    assert not last.visibleRegion().isEmpty()


def test_a_beat_costs_next_to_nothing(panel: MonitorPanel) -> None:
    show(panel, *(sample(float(at), (100 + at) * MB, components={"reader": at * MB}) for at in range(60)))
    for at in range(0, 60, 10):
        panel._model._note(Loaded("reader", float(at), 1.0, MB))
    started = time.process_time()
    for at in range(60, 110):
        show(panel, sample(float(at), (100 + at) * MB, components={"reader": at * MB}))
        panel.grab()  # paints everything, which a beat does at most
    assert (time.process_time() - started) / 50 < 0.03  # about 4 ms on a quiet machine
