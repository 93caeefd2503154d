"""Hears when the program is started a second time on the same data folder, and tells what that one wanted."""

from __future__ import annotations

import logging
import socket

from PySide6.QtCore import QObject, QSocketNotifier, QTimer, Signal

from kotaemon_desktop.core.handover import MOST_BYTES, Door
from kotaemon_desktop.core.paths import DataFolder

_log = logging.getLogger(__name__)
_PATIENCE_MS = 5000  # for a visitor that says nothing


class Doorbell(QObject):
    """Owns the door and its visitors; lives in the GUI thread and never waits. Signals: ``rung(Request)``."""

    rung = Signal(object)

    def __init__(self, folder: DataFolder, parent: QObject | None = None) -> None:
        """Raises OSError where no port can be had."""
        super().__init__(parent)
        self._door = Door(folder)
        self._visitors: set[_Visitor] = set()
        self._notifier = QSocketNotifier(self._door.socket.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._let_in)

    def close(self) -> None:
        """Hear nothing more."""
        self._notifier.setEnabled(False)
        for visitor in list(self._visitors):
            self._see_off(visitor)
        self._door.close()

    def _let_in(self) -> None:
        try:
            visitor = _Visitor(self._door.accept(), self)
        except OSError:
            return
        self._visitors.add(visitor)
        visitor.said.connect(lambda: self._hear(visitor))
        visitor.left.connect(lambda: self._see_off(visitor))

    def _hear(self, visitor: _Visitor) -> None:
        request = self._door.understand(visitor.line)
        if request is None:
            _log.warning("somebody knocked who does not know the secret")
        else:
            self._door.confirm(visitor.socket)
            self.rung.emit(request)
        self._see_off(visitor)

    def _see_off(self, visitor: _Visitor) -> None:
        if visitor in self._visitors:
            self._visitors.discard(visitor)
            visitor.close()


class _Visitor(QObject):
    """One connection. Signals: ``said()``: ``line`` is complete. ``left()``: nothing more is to be expected."""

    said = Signal()
    left = Signal()

    def __init__(self, socket_: socket.socket, parent: QObject) -> None:
        super().__init__(parent)
        self.socket = socket_
        self.line = b""
        self._notifier = QSocketNotifier(socket_.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._read)
        self._timer = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._timer.timeout.connect(self.left.emit)
        self._timer.start()

    def close(self) -> None:
        self._timer.stop()
        self._notifier.setEnabled(False)
        self.socket.close()
        self.deleteLater()

    def _read(self) -> None:
        try:
            came = self.socket.recv(1 << 16)
        except OSError:
            came = b""
        self.line += came
        if self.line.endswith(b"\n"):
            self.said.emit()
        elif not came or len(self.line) > MOST_BYTES:
            self.left.emit()
