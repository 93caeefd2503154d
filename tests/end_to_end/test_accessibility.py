"""Somebody with a keyboard and a screen reader does the whole main job in the real program, on a screen of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from .conftest import SAMPLES, Program

pytestmark = pytest.mark.timeout(240)
TOOLS = ("dbus-run-session", "xvfb-run", "xdotool", "openbox")
READER = "/usr/bin/python3"  # the system's own: pyatspi comes with its at-spi, not from PyPI


def can_be_read() -> bool:
    asked = [READER, "-c", "import pyatspi"]
    tools = all(shutil.which(tool) for tool in TOOLS) and Path(READER).exists()
    return tools and subprocess.run(asked, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_be_read(), reason=f"needs {', '.join(TOOLS)}, at-spi2-core and python3-pyatspi")
def test_the_main_job_by_keyboard_and_screen_reader(program: Program, tmp_path: Path) -> None:
    target = tmp_path / "conversation.md"
    arguments = [program.folder, SAMPLES / "Employee Handbook.pdf", target, *program.command()]
    command = ["dbus-run-session", "--", "xvfb-run", "-a", "-s", "-screen 0 1280x800x24", READER]
    done = subprocess.run(
        [*command, str(Path(__file__).with_name("by_keyboard.py")), *map(str, arguments)],
        env={**program.environment, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, encoding="utf-8", timeout=230, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-2:] == ["nameless: []", "ended with 0"], done.stdout
    assert "After five full years with the company it is 30 days." in target.read_text("utf-8")
