"""With the theme “as the system” the real window follows the desktop's switch to dark and back, while it runs.

The desktop is a bus and an X server of the test's own; what the switch of a GNOME desktop sends is sent over that bus.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = ("dbus-run-session", "dbus-send", "Xvfb", "xvfb-run")
PROGRAM = """
import subprocess, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

def switch(scheme):
    command = "dbus-send --session --type=signal /org/freedesktop/portal/desktop"
    command += " org.freedesktop.portal.Settings.SettingChanged string:org.freedesktop.appearance"
    subprocess.run([*command.split(), "string:color-scheme", f"variant:uint32:{scheme}"], check=True)

if __name__ == "__main__":
    folder = DataFolder(Path(sys.argv[1]))
    app = QApplication([])
    engine, lanes = Engine.open(folder), Lanes()
    theme.apply(app, engine.settings.appearance.theme)
    window = MainWindow(folder.section / "window.json", lanes)
    window.closed.connect(app.quit)
    window.show()
    window.start(engine)
    print(theme.current().name)
    asked = iter((1, 2))  # dark, then light
    def changed(_scheme):
        QTimer.singleShot(0, tell)  # after the window has heard of it
    def tell():
        print(theme.current().name)
        scheme = next(asked, None)
        window.quit() if scheme is None else switch(scheme)
    app.styleHints().colorSchemeChanged.connect(changed)
    QTimer.singleShot(500, lambda: switch(next(asked)))
    QTimer.singleShot(20_000, window.quit)
    app.exec()
    lanes.close()
    engine.close()
"""


@pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}")
def test_the_window_follows_the_system(tmp_path: Path) -> None:
    program = tmp_path / "follow.py"
    program.write_text(PROGRAM, encoding="utf-8")
    environment = {
        **os.environ,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_CURRENT_DESKTOP": "GNOME",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = ["dbus-run-session", "xvfb-run", "-a", sys.executable, str(program), str(tmp_path / "data")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.split() == ["light", "dark", "light"], done.stderr
