"""The least that a PySide6 program can be: one empty main window. The yardstick of the start benchmark."""

from __future__ import annotations

import os
import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow


def main() -> int:
    """Show the window and say when it is usable, under the same variable as the program."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application = QApplication(sys.argv)
    window = QMainWindow()
    window.resize(1280, 800)
    window.show()

    def usable() -> None:
        if os.environ.get("KOTAEMON_DESKTOP_EXIT_WHEN_USABLE"):
            print("usable", flush=True)
            application.quit()

    QTimer.singleShot(0, usable)
    return application.exec()


if __name__ == "__main__":
    raise SystemExit(main())
