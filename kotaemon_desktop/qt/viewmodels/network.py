"""What has left this machine since the start, as the window shows it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.outgoing import Departure, Outgoing


class NetworkModel(QObject):
    """Follows the core's list until :meth:`close`; lives in the GUI thread.

    Signals: ``changed()``: ``departures`` are more.
    """

    changed = Signal()

    def __init__(self, outgoing: Outgoing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._outgoing = outgoing
        self._unsubscribe = outgoing.subscribe(self.changed.emit)

    def close(self) -> None:
        """Hear nothing more."""
        self._unsubscribe()

    @property
    def departures(self) -> tuple[Departure, ...]:
        """What has left, the first first; empty: the network is silent."""
        return self._outgoing.departures
