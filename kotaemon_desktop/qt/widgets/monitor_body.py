"""What the monitor shows below its heading: the plots, a line for each component, and what has left this machine."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.records import Sample
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.network import NetworkModel
from kotaemon_desktop.qt.viewmodels.timeline import Timeline
from kotaemon_desktop.qt.widgets.component_list import ComponentList
from kotaemon_desktop.qt.widgets.network_line import NetworkLine
from kotaemon_desktop.qt.widgets.parts import column
from kotaemon_desktop.qt.widgets.plot_board import PlotBoard
from kotaemon_desktop.qt.widgets.yielding_area import YieldingArea

_LEAST = 150  # pixels: the program's plot and a line of numbers


class MonitorBody(YieldingArea):
    """Owns the plots of a timeline and the list of components. GUI thread."""

    def __init__(self, timeline: Timeline, network: NetworkModel) -> None:
        inside = QWidget()
        super().__init__(inside, _LEAST)
        self._board = PlotBoard(timeline)
        self.components = ComponentList()
        self._network = NetworkLine(network)
        layout = column(theme.GAP, (theme.GAP, theme.GAP, theme.GAP, theme.TIGHT))
        inside.setLayout(layout)
        layout.addWidget(self._board)
        layout.addWidget(self.components)
        layout.addWidget(self._network)
        self.setProperty("panel", True)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._board.retranslate()
        self.components.retranslate()
        self._network.retranslate()

    def show_latest(self, latest: Sample) -> None:
        """Draw what was sampled, and the numbers of the latest sample."""
        self._board.show_latest(latest)

    def show_releases(self, releases: Sequence[Released]) -> None:
        """Say what was given back last, and mark it in the plots."""
        self.components.show_releases(releases)
        self._board.redraw()
