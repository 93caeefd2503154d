"""What the About page shows: the versions that matter in a report, newer ones, and whose work is in the program."""

from __future__ import annotations

import platform
from functools import partial

from PySide6.QtCore import QObject, Signal, qVersion

from kotaemon_desktop import __version__
from kotaemon_desktop.core import licences
from kotaemon_desktop.core.licences import Work
from kotaemon_desktop.qt.viewmodels.network import NetworkModel
from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel
from kotaemon_desktop.qt.workers import Lanes


class AboutModel(QObject):
    """Reads on the browsing lane; lives in the GUI thread.

    Signals: ``changed()``: ``works`` are there. ``text_read(str)``: the licence that was asked for.
    ``failed(Exception)``.
    """

    changed = Signal()
    text_read = Signal(str)
    failed = Signal(object)

    def __init__(
        self, lanes: Lanes, network: NetworkModel, updates: UpdatesModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.works: tuple[Work, ...] = ()
        self.network = network
        self.updates = updates
        self._lanes = lanes

    @property
    def versions(self) -> str:
        """The lines that a report of an error should begin with."""
        return "\n".join(
            (
                f"Kotaemon Desktop {__version__}",
                f"Python {platform.python_version()}, Qt {qVersion()}",
                platform.platform(),
            )
        )

    def load(self) -> None:
        """Read once whose work is in the program."""
        if not self.works:
            self._lanes.call("browsing", licences.works, on_result=self._take, on_error=self.failed.emit)

    def read(self, work: Work) -> None:
        """Read the licence of ``work``."""
        read = partial(licences.text, work)
        self._lanes.call("browsing", read, on_result=self.text_read.emit, on_error=self.failed.emit)

    def _take(self, works: tuple[Work, ...]) -> None:
        self.works = works
        self.changed.emit()
