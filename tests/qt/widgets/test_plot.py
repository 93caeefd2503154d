"""Plots: where areas, gaps, marks and moments are, what is said of a moment, and how scales are chosen."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.plot import Plot
from kotaemon_desktop.qt.widgets.plot_data import Layer, PlotData, Tick, round_up

WIDTH, HEIGHT = 243, 40  # 240 pixels for the data: 4 a second


def data(*layers: list[float], times: list[float] | None = None, **more: object) -> PlotData:
    fields: dict[str, object] = {
        "times": [float(at) for at in range(61)] if times is None else times,
        "layers": [
            Layer(f"layer {n}", colour, values)
            for n, (colour, values) in enumerate(zip(("plot_window", "plot_retrieval"), layers, strict=False))
        ],
        "until": 60.0,
        "seconds": 60.0,
        "step": 1.0,
        "top": 100.0,
        "words": lambda value: f"{value:.0f} MB",
    }
    return PlotData(**{**fields, **more})  # type: ignore[arg-type]


@pytest.fixture
def plot(qtbot: QtBot) -> Plot:
    made = Plot(HEIGHT)
    qtbot.addWidget(made)
    made.resize(WIDTH, HEIGHT)
    made.show()
    return made


def picture(plot: Plot) -> QImage:
    return plot.grab().toImage()


def near(colour: QColor, other: QColor, by: int = 60) -> bool:
    return all(abs(a - b) < by for a, b in zip(colour.getRgb()[:3], other.getRgb()[:3], strict=True))


def test_layers_are_stacked_in_their_colours(plot: Plot) -> None:
    plot.show_data(data([50.0] * 61, [50.0] * 61))
    image = picture(plot)
    assert near(image.pixelColor(120, HEIGHT - 8), theme.LIGHT.colour("plot_window"), 100)
    assert near(image.pixelColor(120, 8), theme.LIGHT.colour("plot_retrieval"), 100)
    assert not near(image.pixelColor(120, 8), image.pixelColor(120, HEIGHT - 8), 30)
    plot.show_data(data([50.0] * 61, [0.0] * 61))
    assert picture(plot).pixelColor(120, 8) == theme.LIGHT.colour("surface_raised")


def test_the_dark_theme_is_taken_at_once(plot: Plot, qapp: QApplication) -> None:
    plot.show_data(data([10.0] * 61))
    theme.apply(qapp, "dark")
    assert picture(plot).pixelColor(120, 5) == theme.DARK.colour("surface_raised")


def test_a_gap_in_time_is_a_gap_in_the_area(plot: Plot) -> None:
    times = [float(at) for at in (*range(20), *range(40, 61))]
    plot.show_data(data([100.0] * len(times), times=times))
    image = picture(plot)
    ground = theme.LIGHT.colour("surface_raised")
    assert image.pixelColor(40, 20) != ground
    assert image.pixelColor(120, 20) == ground
    assert image.pixelColor(200, 20) != ground


def test_a_mark_is_below_the_moment_it_belongs_to(qtbot: QtBot) -> None:
    plot = Plot(HEIGHT, marks=True)
    qtbot.addWidget(plot)
    plot.resize(WIDTH, plot.sizeHint().height())
    plot.show()
    plot.show_data(data([10.0] * 61))
    before = picture(plot)
    plot.show_data(data([10.0] * 61, ticks=[Tick(30.0, True, "a"), Tick(30.0, True, "b")]))
    after = picture(plot)
    changed = {
        x
        for x in range(WIDTH)
        for y in range(HEIGHT, plot.height())
        if before.pixelColor(x, y) != after.pixelColor(x, y)
    }
    assert changed
    assert max(abs(x - 121) for x in changed) <= 5


def test_the_pointer_tells_the_values_of_its_moment(plot: Plot, qtbot: QtBot) -> None:
    values = [float(at) for at in range(61)]
    plot.show_data(data(values, [10.0] * 61, ticks=[Tick(30.2, False, "reader: freed 5 MB")]))
    with qtbot.waitSignal(plot.pointed) as pointed:
        qtbot.mouseMove(plot, QPoint(121, 20))
    assert pointed.args == [30.0]
    at = time.strftime("%H:%M:%S", time.localtime(30.0))
    assert plot.accessibleDescription().split("\n") == [
        at,
        "layer 1: 10 MB",
        "layer 0: 30 MB",
        "together: 40 MB",
        "▼ reader: freed 5 MB",
    ]
    with qtbot.waitSignal(plot.pointed) as pointed:
        QApplication.sendEvent(plot, QEvent(QEvent.Type.Leave))
    assert pointed.args == [None]
    assert plot.accessibleDescription() == ""


def test_arrow_keys_go_from_value_to_value(plot: Plot, qtbot: QtBot) -> None:
    plot.show_data(data([float(at) for at in range(61)]))
    plot.setFocus()
    heard: list[float | None] = []
    plot.pointed.connect(heard.append)
    for key in ("Left", "Left", "PageUp", "Home", "Left", "Right", "End", "Escape"):
        qtbot.keyClick(plot, getattr(Qt.Key, f"Key_{key}"))
    assert heard == [60.0, 59.0, 49.0, 0.0, 1.0, 60.0, None]


def test_an_empty_plot_has_no_moment(plot: Plot, qtbot: QtBot) -> None:
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    plot.show_data(data([], times=[]))
    qtbot.mouseMove(plot, QPoint(50, 20))
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert plot.accessibleDescription() == ""
    assert plot.grab().toImage().pixelColor(50, 10) == theme.LIGHT.colour("surface_raised")


def test_a_peak_that_a_step_hides_is_said_and_drawn(plot: Plot) -> None:
    flat = data([10.0] * 61)
    plot.show_data(flat)
    before = picture(plot)
    peaked = data([10.0] * 61, peaks=[90.0] * 61)
    plot.show_data(peaked)
    assert before.pixelColor(10, 6) == theme.LIGHT.colour("surface_raised")
    assert picture(plot) != before
    assert peaked.describe(5).split("\n")[1:] == ["10 MB", "at most: 90 MB"]
    assert flat.describe(5).split("\n")[1:] == ["10 MB"]


def test_bars_stand_for_themselves(plot: Plot) -> None:
    plot.show_data(data([50.0, 100.0], times=[15.0, 45.0], bars=True))
    image, ground = picture(plot), theme.LIGHT.colour("surface_raised")
    assert image.pixelColor(61, 30) != ground
    assert image.pixelColor(61, 10) == ground
    assert image.pixelColor(181, 10) != ground
    assert image.pixelColor(120, 30) == ground


@pytest.mark.parametrize(("at", "index"), [(-5, 0), (0.4, 0), (0.6, 1), (2.4, 1), (2.6, 2), (99, 2)])
def test_the_nearest_point(at: float, index: int) -> None:
    assert data([1.0, 1.0, 1.0], times=[0.0, 1.0, 4.0]).nearest(at) == index


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (1.2, 2), (350, 400), (501, 600), (700, 800), (1000, 1000)])
def test_scales_are_round(value: float, top: float) -> None:
    assert round_up(value) == pytest.approx(top)
