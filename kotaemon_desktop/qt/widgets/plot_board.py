"""The plots of the monitor: the program's memory by component, and below it machine, processor, GPU and answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QButtonGroup, QGridLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.events import Loaded
from kotaemon_desktop.core.i18n import N_, _, percent
from kotaemon_desktop.core.records import Sample
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import share_of, size
from kotaemon_desktop.qt.residency_words import component_colour, mark_words
from kotaemon_desktop.qt.viewmodels.timeline import Mark, Point, Span, Speed, Timeline
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, label, row
from kotaemon_desktop.qt.widgets.plot import Plot
from kotaemon_desktop.qt.widgets.plot_data import Layer, PlotData, Tick, round_up

_MB = 1024 * 1024
_SPANS = {
    Span.MINUTE: (N_("1 min"), N_("last minute")),
    Span.QUARTER: (N_("15 min"), N_("last 15 minutes")),
    Span.DAY: (N_("24 h"), N_("last 24 hours")),
}
_REFRESH = {Span.MINUTE: 0.0, Span.QUARTER: 5.0, Span.DAY: 30.0}  # seconds; a point is no wider than a pixel before
_TALL, _SMALL = 56, 20
_SPEED = "speed"


class _Series(NamedTuple):
    """One small plot: its short and its whole name, its value in a sample, how that is written, and its scale."""

    short: str
    name: str
    value: Callable[[Sample], float | None]
    words: Callable[[float], str]
    now: Callable[[Sample], str]
    top: Callable[[Sample, float], float]


def _tokens(value: float) -> str:
    return _("{n} tokens/s").format(n=f"{value:.1f}" if value < 10 else f"{value:.0f}")


_SERIES = {
    "system": _Series(
        N_("System"),
        N_("System memory"),
        lambda s: s.system_used,
        lambda value: size(round(value)),
        lambda s: share_of(s.system_used, s.system_total),
        lambda s, _largest: s.system_total,
    ),
    "cpu": _Series(
        N_("Processor"),
        N_("Processor, this program"),
        lambda s: s.cpu,
        lambda value: _("{percent} % of a core").format(percent=f"{value:.0f}"),
        lambda s: _("{percent} % of a core").format(percent=f"{s.cpu:.0f}"),
        lambda _s, largest: max(100.0, round_up(largest)),
    ),
    "gpu": _Series(
        N_("GPU memory"),
        N_("GPU memory"),
        lambda s: s.gpu_used,
        lambda value: size(round(value)),
        lambda s: share_of(s.gpu_used or 0, s.gpu_total or 0),
        lambda s, _largest: s.gpu_total or 1,
    ),
    "gpu_load": _Series(
        N_("GPU load"),
        N_("GPU load"),
        lambda s: s.gpu_load,
        lambda value: percent(value / 100),
        lambda s: percent((s.gpu_load or 0) / 100),
        lambda _s, _largest: 100.0,
    ),
}


class PlotBoard(QWidget):
    """Shows a Timeline over a span that a person chooses; lives in the GUI thread.

    A moment chosen in one plot is marked in all.
    """

    def __init__(self, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._timeline = timeline
        self._latest: Sample | None = None
        self._span = Span.MINUTE
        self._drawn_at = float("-inf")
        self._title, self._now = _muted(), label()
        self._spans = QButtonGroup(self)
        self._program = Plot(_TALL, marks=True)
        self._cells = {key: _Cell() for key in (*_SERIES, _SPEED)}
        self._shown: list[str] = []
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(theme.WIDE)
        self._grid.setVerticalSpacing(theme.TIGHT)
        layout = column(theme.TIGHT)
        self.setLayout(layout)
        layout.addLayout(self._build_heading())
        layout.addWidget(self._program)
        layout.addLayout(self._grid)
        for plot in self._plots():
            plot.pointed.connect(self._point)
        self.retranslate()

    @property
    def span(self) -> Span:
        """How far back the plots reach."""
        return self._span

    def show_latest(self, latest: Sample) -> None:
        """Write the newest values; draw the plots again where they would look different."""
        self._latest = latest
        speeds = self._timeline.speeds(latest.at - Span.DAY.seconds)
        self._now.setText(size(latest.program))
        for key, series in _SERIES.items():
            if series.value(latest) is not None:
                self._cells[key].value.setText(series.now(latest))
        if speeds:
            self._cells[_SPEED].value.setText(_tokens(speeds[-1].tokens_per_second))
        known = [key for key, series in _SERIES.items() if series.value(latest) is not None]
        self._arrange([*known, *([_SPEED] if speeds else [])])
        if latest.at - self._drawn_at >= _REFRESH[self._span]:
            self._draw(latest, speeds)

    def redraw(self) -> None:
        """Draw the plots again at the next sample, whatever the span: something came or went."""
        self._drawn_at = float("-inf")

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._title.setText(_("This program"))
        for span, button in zip(Span, self._spans.buttons(), strict=True):
            button.setText(_(_SPANS[span][0]))
            button.setAccessibleName(_("Show the {span}").format(span=_(_SPANS[span][1])))
            button.setToolTip(button.accessibleName())
        for key, cell in self._cells.items():
            cell.name.setText(_(_SERIES[key].short) if key in _SERIES else _("Answers"))
        self._name_plots()
        self.redraw()
        if self._latest is not None:
            self.show_latest(self._latest)

    # --- parts -----------------------------------------------------------------------------------------------------

    def _build_heading(self) -> QVBoxLayout:
        line = row(theme.TIGHT)
        line.addWidget(self._title, 1)
        line.addWidget(self._now)
        line.addSpacing(theme.GAP)
        for span in Span:
            button = QToolButton()
            button.setCheckable(True)
            button.setChecked(span is self._span)
            button.clicked.connect(lambda _checked=False, span=span: self._choose(span))
            self._spans.addButton(button)
            line.addWidget(button)
        heading = column(0)
        heading.addLayout(line)
        return heading

    def _arrange(self, shown: list[str]) -> None:
        """Lay the small plots out in two columns, without holes where there is no GPU or no answer yet."""
        if shown == self._shown:
            return
        self._shown = shown
        for cell in self._cells.values():
            self._grid.removeWidget(cell)
            cell.hide()
        for place, key in enumerate(shown):
            last_alone = place == len(shown) - 1 and place % 2 == 0
            self._grid.addWidget(self._cells[key], place // 2, place % 2, 1, 2 if last_alone else 1)
            self._cells[key].show()

    def _plots(self) -> list[Plot]:
        return [self._program, *(cell.plot for cell in self._cells.values())]

    def _point(self, at: float | None) -> None:
        for plot in self._plots():
            plot.point_at(at)

    def _choose(self, span: Span) -> None:
        self._span = span
        self._name_plots()
        self.redraw()
        if self._latest is not None:
            self.show_latest(self._latest)

    def _name_plots(self) -> None:
        names = {key: series.name for key, series in _SERIES.items()} | {_SPEED: N_("Speed of answers")}
        period = _(_SPANS[self._span][1])
        for key, cell in self._cells.items():
            cell.plot.setAccessibleName(_("{name}, {period}").format(name=_(names[key]), period=period))
        self._program.setAccessibleName(
            _("Memory of this program by component, {period}; arrow keys read values").format(period=period)
        )

    # --- drawing ---------------------------------------------------------------------------------------------------

    def _draw(self, latest: Sample, speeds: Sequence[Speed]) -> None:
        self._drawn_at = latest.at
        since = latest.at - self._span.seconds
        points = self._timeline.points(self._span)
        self._program.show_data(_stack(points, self._timeline.marks(since), latest.at, self._span))
        for key, series in _SERIES.items():
            if key in self._shown:
                self._cells[key].plot.show_data(_line(points, series, latest, self._span))
        recent = [speed for speed in speeds if speed.at >= since]
        self._cells[_SPEED].plot.show_data(_bars(recent, latest.at, self._span))


def _muted() -> ElidedLabel:
    made = ElidedLabel()
    made.setProperty("muted", True)
    return made


class _Cell(QWidget):
    """A small plot below its name and its value now."""

    def __init__(self) -> None:
        super().__init__()
        self.name: QLabel = _muted()
        self.value: QLabel = label()
        self.plot = Plot(_SMALL)
        words = row(theme.TIGHT)
        words.addWidget(self.name, 1)
        words.addWidget(self.value)
        layout = column(2)
        self.setLayout(layout)
        layout.addLayout(words)
        layout.addWidget(self.plot)
        self.hide()


def _stack(points: Sequence[Point], marks: Sequence[Mark], until: float, span: Span) -> PlotData:
    """Return the program's memory, the window at the bottom and the components on it."""
    names = dict.fromkeys(name for point in points for name in point.mean.components)
    layers = [Layer(_("Window"), component_colour("window"), [point.mean.window for point in points])]
    layers += [
        Layer(component_name(name), component_colour(name), [point.mean.components.get(name, 0) for point in points])
        for name in names
    ]
    largest = max((point.peak.program for point in points), default=1)
    return PlotData(
        times=[point.at for point in points],
        layers=layers,
        until=until,
        seconds=span.seconds,
        step=span.step,
        top=round_up(largest / _MB) * _MB,
        words=lambda value: size(round(value)),
        peaks=[point.peak.program for point in points] if span.step > 1 else (),
        ticks=[Tick(mark.at, isinstance(mark, Loaded), mark_words(mark)) for mark in marks],
    )


def _line(points: Sequence[Point], series: _Series, latest: Sample, span: Span) -> PlotData:
    known = [point for point in points if series.value(point.mean) is not None]
    peaks = [series.value(point.peak) or 0.0 for point in known]
    return PlotData(
        times=[point.at for point in known],
        layers=[Layer(_(series.name), "accent", [series.value(point.mean) or 0.0 for point in known])],
        until=latest.at,
        seconds=span.seconds,
        step=span.step,
        top=series.top(latest, max(peaks, default=0.0)),
        words=series.words,
        peaks=peaks if span.step > 1 else (),
    )


def _bars(speeds: Sequence[Speed], until: float, span: Span) -> PlotData:
    values = [speed.tokens_per_second for speed in speeds]
    return PlotData(
        times=[speed.at for speed in speeds],
        layers=[Layer(_("Speed of answers"), "accent", values)],
        until=until,
        seconds=span.seconds,
        step=span.step,
        top=round_up(max(values, default=1.0)),
        words=_tokens,
        bars=True,
    )
