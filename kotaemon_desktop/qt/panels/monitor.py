"""The monitor: what the program takes of the machine now, and which components are in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import ComponentState, Sample
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.viewmodels.monitor import SECONDS, MonitorModel
from kotaemon_desktop.qt.widgets.component_line import ComponentLine, component_name
from kotaemon_desktop.qt.widgets.parts import column, label, row, tool_button
from kotaemon_desktop.qt.widgets.sparkline import Sparkline, Tick, round_up


class _Series(NamedTuple):
    """One plot: its name, the value of a sample, how the value is written, and the scale for the largest of them."""

    name: str
    value: Callable[[Sample], float]
    words: Callable[[Sample], str]
    top: Callable[[Sample, float], float]


_MB = 1024 * 1024
_SERIES = {
    "program": _Series(
        N_("This program"),
        lambda s: s.program,
        lambda s: size(s.program),
        lambda _s, largest: round_up(largest / _MB) * _MB,
    ),
    "system": _Series(
        N_("System memory"),
        lambda s: s.system_used,
        lambda s: _("{used} of {total}").format(used=size(s.system_used), total=size(s.system_total)),
        lambda s, _largest: s.system_total,
    ),
    "cpu": _Series(
        N_("Processor"),
        lambda s: s.cpu,
        lambda s: _("{percent} % of a core").format(percent=f"{s.cpu:.0f}"),
        lambda _s, largest: max(100.0, round_up(largest)),
    ),
    "gpu": _Series(
        N_("GPU memory"),
        lambda s: s.gpu_used or 0,
        lambda s: _("{used} of {total}").format(used=size(s.gpu_used or 0), total=size(s.gpu_total or 0)),
        lambda s, _largest: s.gpu_total or 1,
    ),
}
_PASSING = {"builder", "probe"}  # needed for a moment, once: no line of theirs while they are away
_WIDEST = Sample(at=0, program=0, window=0, system_used=888 * 1024 * _MB, system_total=888 * 1024 * _MB)


class MonitorPanel(QWidget):
    """Shows a MonitorModel; foldable to its heading, which keeps the program's memory in sight. GUI thread.

    Signals: ``folded(bool)``.
    """

    folded = Signal(bool)

    def __init__(self, view_model: MonitorModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._plots: dict[str, tuple[QLabel, QLabel, Sparkline]] = {}
        self._lines: dict[str, ComponentLine] = {}
        self._build_heading()
        self._body = QFrame()
        self._body.setProperty("panel", True)
        self._freed = label("muted", wrap=True)
        self._components = column(2)
        body = column(margins=(theme.GAP, theme.GAP, theme.GAP, theme.GAP))
        self._body.setLayout(body)
        body.addLayout(self._build_plots())
        body.addLayout(self._components)
        body.addWidget(self._freed)
        layout = column(theme.TIGHT, (theme.GAP, theme.TIGHT, theme.GAP, theme.GAP))
        self.setLayout(layout)
        layout.addLayout(self._heading)
        layout.addWidget(self._body)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        view_model.sampled.connect(self._show_sample)
        view_model.components_changed.connect(self._show_components)
        view_model.released.connect(self._show_released)
        self.retranslate()

    @property
    def is_folded(self) -> bool:
        return self._body.isHidden()

    def fold(self, folded: bool) -> None:
        """Show only the heading, or all."""
        self._body.setHidden(folded)
        self._arrow.setIcon(theme.icon("chevron-up" if folded else "chevron-down", "text_muted"))
        self._arrow.setToolTip(_("Show the monitor") if folded else _("Fold the monitor"))
        self._arrow.setAccessibleName(self._arrow.toolTip())
        self._show_sample()
        self.folded.emit(folded)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Monitor"))
        self._title.setText(_("Memory and components"))
        self._arrow.setToolTip(_("Show the monitor") if self.is_folded else _("Fold the monitor"))
        self._arrow.setAccessibleName(self._arrow.toolTip())
        for key, (name, _value, plot) in self._plots.items():
            name.setText(_(_SERIES[key].name))
            plot.setAccessibleName(_("{name}, last two minutes").format(name=_(_SERIES[key].name)))
            plot.setToolTip(_("Last two minutes. ▲ a component was loaded, ▼ one has gone."))
        self._show_sample()
        self._show_released()
        for line in self._lines.values():
            line.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Catch up with what was sampled while nobody looked."""
        super().showEvent(event)
        self._show_sample()

    # --- parts -----------------------------------------------------------------------------------------------------

    def _build_heading(self) -> None:
        self._title = label("heading")
        self._now = label("muted")
        self._arrow = tool_button("chevron-down", "text_muted", 16)
        self._arrow.clicked.connect(lambda: self.fold(not self.is_folded))
        self._heading = row()
        self._heading.addWidget(self._title)
        self._heading.addStretch(1)
        self._heading.addWidget(self._now)
        self._heading.addWidget(self._arrow)

    def _build_plots(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.WIDE)
        grid.setVerticalSpacing(theme.TIGHT)
        grid.setColumnStretch(1, 1)
        widest = self.fontMetrics().horizontalAdvance(_SERIES["system"].words(_WIDEST))
        for line, key in enumerate(_SERIES):
            name, value, plot = label("muted"), label(), Sparkline(SECONDS)
            value.setMinimumWidth(widest)  # the plots keep their width while the numbers change
            words = column(0)
            words.addWidget(name)
            words.addWidget(value)
            grid.addLayout(words, line, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(plot, line, 1)
            self._plots[key] = name, value, plot
            self._show_plot(key, key != "gpu")
        return grid

    def _show_plot(self, key: str, shown: bool) -> None:
        for widget in self._plots[key]:
            widget.setVisible(shown)

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _show_sample(self) -> None:
        if not self._model.samples or not self.isVisible():
            return
        samples = self._model.samples
        last = samples[-1]
        self._now.setText(size(last.program))
        self._now.setAccessibleName(_("Memory of this program: {size}").format(size=size(last.program)))
        if self.is_folded:
            return
        if (last.gpu_used is not None) != self._plots["gpu"][0].isVisibleTo(self._body):
            self._show_plot("gpu", last.gpu_used is not None)
        ticks = [Tick(mark.at, mark.loaded) for mark in self._model.marks]
        for key, (_name, value, plot) in self._plots.items():
            if key == "gpu" and last.gpu_used is None:
                continue
            series = _SERIES[key]
            value.setText(series.words(last))
            points = [(sample.at, series.value(sample)) for sample in samples]
            top = series.top(last, max(amount for _at, amount in points))
            plot.show_points(points, top, ticks if key == "program" else ())
        self._show_components()

    def _show_components(self) -> None:
        if not self.isVisible():
            return
        for status in self._model.components:
            line = self._lines.get(status.name)
            if line is None:
                line = self._lines[status.name] = ComponentLine(status.name)
                line.unload_asked.connect(self._model.unload)
                self._components.addWidget(line)
            line.show_status(status)
            line.setHidden(status.name in _PASSING and status.state is ComponentState.ABSENT)

    def _show_released(self, _released: object = None) -> None:
        released = self._model.last_released
        if released is None:
            self._freed.setText(_("Loaded when needed, gone when idle."))
            return
        self._freed.setText(
            _("{component}: freed {freed} of {held}").format(
                component=component_name(released.component), freed=size(released.freed), held=size(released.held)
            )
        )
