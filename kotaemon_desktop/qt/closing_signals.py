"""Closes the window where the system asks a program to end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.qt.window import MainWindow


@contextmanager
def closing_signals(app: QApplication) -> Generator[None]:
    """Let Ctrl+C and a session's end close the window as its own button does.

    Python runs its signal handlers only between Python instructions, of which an idle event loop executes none: the
    interpreter writes to a socket that the loop watches.
    """
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda: ours.recv(64))  # back in Python: the handler below has run
    before = signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    handlers = {each: signal.signal(each, lambda *_: _quit(app)) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        for each, handler in handlers.items():
            signal.signal(each, handler)
        notifier.setEnabled(False)
        notifier.deleteLater()
        ours.close()
        theirs.close()


def _quit(app: QApplication) -> None:
    """Close the window for good, also where its own button would leave it in the tray."""
    for window in app.topLevelWidgets():
        if isinstance(window, MainWindow):
            window.quit()
