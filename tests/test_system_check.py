"""Missing system libraries and screens are named before Qt is loaded."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kotaemon_desktop import system_check
from kotaemon_desktop.system_check import SystemLibrary

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="system libraries are checked on Linux")
NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


def qt_folder() -> Path:
    spec = importlib.util.find_spec("PySide6")
    if spec is None or spec.origin is None or shutil.which("ldd") is None:
        pytest.skip("needs PySide6 and ldd")
    return Path(spec.origin).parent / "Qt"


@pytest.mark.parametrize(
    ("file", "environment"),
    [
        ("lib/libQt6Widgets.so.6", {"QT_QPA_PLATFORM": "offscreen"}),
        ("lib/libQt6Svg.so.6", {"QT_QPA_PLATFORM": "offscreen"}),
        ("plugins/platforms/libqoffscreen.so", {"QT_QPA_PLATFORM": "offscreen"}),
        ("plugins/platforms/libqxcb.so", {"DISPLAY": ":0"}),
        ("plugins/platforms/libqwayland.so", {"WAYLAND_DISPLAY": "wayland-0"}),
    ],
)
def test_what_the_linker_misses_is_exactly_what_is_reported(file, environment):
    listed = subprocess.run(["ldd", qt_folder() / file], capture_output=True, text=True, check=True).stdout
    not_found = {name for name in re.findall(r"(\S+) => not found", listed) if not name.startswith("libQt6")}

    assert {library.file for library in system_check.missing_libraries(environment)} == not_found


@pytest.mark.parametrize(
    ("plugin", "more"), [("offscreen", ()), ("xcb", system_check.X11), ("wayland", system_check.WAYLAND)]
)
def test_every_listed_library_is_one_that_qt_links(plugin, more):
    listed = subprocess.run(
        ["ldd", qt_folder() / f"plugins/platforms/libq{plugin}.so"], capture_output=True, text=True, check=True
    ).stdout
    linked = set(re.findall(r"^\s*(\S+) =>", listed, re.MULTILINE))

    assert {library.file for library in (*system_check.ALWAYS, *more)} <= linked


def test_missing_libraries_are_named_with_the_line_that_brings_them(monkeypatch):
    absent = SystemLibrary("libnothing-of-this-name.so.9", "libnothing9")
    monkeypatch.setattr(system_check, "ALWAYS", (*system_check.ALWAYS, absent))
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")

    message = system_check.problem({"QT_QPA_PLATFORM": "offscreen"})

    assert message is not None
    assert "libnothing-of-this-name.so.9" in message
    assert re.search(r"^  (sudo )?apt-get install -y .*\blibnothing9$", message, re.MULTILINE)


def test_without_apt_no_apt_line_is_given(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)

    message = system_check.explain([SystemLibrary("libabsent.so.1", "libabsent1")])

    assert "libabsent.so.1" in message
    assert "apt-get" not in message


def test_no_display_is_no_screen_and_says_so():
    assert not system_check.has_screen(NO_SCREEN)
    if not system_check.missing_libraries(NO_SCREEN):
        assert "no screen" in (system_check.problem(NO_SCREEN) or "")


def test_an_offscreen_platform_is_no_screen_but_no_problem_either():
    environment = {"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}

    assert not system_check.has_screen(environment)
    assert system_check.problem(environment) == (
        system_check.explain(missing) if (missing := system_check.missing_libraries(environment)) else None
    )


def test_a_stale_display_is_no_screen():
    assert not system_check.has_screen({"DISPLAY": ":987"})


def test_a_wayland_socket_is_a_screen_and_its_absence_is_not(tmp_path):
    environment = {"WAYLAND_DISPLAY": "wayland-0", "XDG_RUNTIME_DIR": str(tmp_path)}
    assert not system_check.has_screen(environment)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wayland-0"))

        assert system_check.has_screen(environment)


@pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb")
def test_an_x_server_that_answers_is_a_screen(tmp_path):
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "320x200x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            number = pipe.readline().strip()

        assert system_check.has_screen({"DISPLAY": f":{number}"})
    finally:
        server.terminate()
        server.wait(10)


def test_the_check_is_fast_and_does_not_load_qt():
    code = (
        "import sys, time; start = time.process_time(); from kotaemon_desktop import system_check;"
        "system_check.problem(); print(time.process_time() - start, 'PySide6' in sys.modules)"
    )
    seconds, loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert loaded == "False"
    assert float(seconds) < 1
