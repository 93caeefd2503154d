"""Says, before Qt is loaded, which system libraries it would miss on Linux and whether there is a screen.

Qt's own answer is a traceback from the dynamic linker or an abort. This module uses the standard library alone and
costs a few milliseconds: it opens libraries that Qt is about to open anyway.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kotaemon_desktop.core.i18n import _


@dataclass(frozen=True, slots=True)
class SystemLibrary:
    """A shared library that the PySide6 wheel takes from the system, and the Debian package that brings it."""

    file: str
    package: str


# From the NEEDED entries of libQt6Core, Gui, Widgets, Svg and DBus and of the platform plugins in PySide6 6.11.
ALWAYS = (
    SystemLibrary("libEGL.so.1", "libegl1"),
    SystemLibrary("libGL.so.1", "libgl1"),
    SystemLibrary("libX11.so.6", "libx11-6"),
    SystemLibrary("libxkbcommon.so.0", "libxkbcommon0"),
    SystemLibrary("libdbus-1.so.3", "libdbus-1-3"),
    SystemLibrary("libfontconfig.so.1", "libfontconfig1"),
    SystemLibrary("libfreetype.so.6", "libfreetype6"),
    SystemLibrary("libglib-2.0.so.0", "libglib2.0-0"),
)
X11 = (
    SystemLibrary("libX11-xcb.so.1", "libx11-xcb1"),
    SystemLibrary("libxcb-cursor.so.0", "libxcb-cursor0"),
    SystemLibrary("libxcb-icccm.so.4", "libxcb-icccm4"),
    SystemLibrary("libxcb-image.so.0", "libxcb-image0"),
    SystemLibrary("libxcb-keysyms.so.1", "libxcb-keysyms1"),
    SystemLibrary("libxcb-randr.so.0", "libxcb-randr0"),
    SystemLibrary("libxcb-render-util.so.0", "libxcb-render-util0"),
    SystemLibrary("libxcb-shape.so.0", "libxcb-shape0"),
    SystemLibrary("libxcb-xkb.so.1", "libxcb-xkb1"),
    SystemLibrary("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
)
WAYLAND = (
    SystemLibrary("libwayland-client.so.0", "libwayland-client0"),
    SystemLibrary("libwayland-cursor.so.0", "libwayland-cursor0"),
)
WITHOUT_SCREEN = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs")


def missing_libraries(environment: Mapping[str, str] = os.environ) -> list[SystemLibrary]:
    """Return what Qt would need for a window in ``environment`` and the dynamic linker does not find."""
    if not sys.platform.startswith("linux"):
        return []
    needed = [*ALWAYS]
    if _qt_platform(environment) not in WITHOUT_SCREEN:
        if environment.get("DISPLAY"):
            needed += X11
        elif environment.get("WAYLAND_DISPLAY"):
            needed += WAYLAND
    return [library for library in needed if not _loads(library.file)]


def has_screen(environment: Mapping[str, str] = os.environ) -> bool:
    """Return whether a window would be seen: a display that answers (Linux), or a platform that always has one."""
    if _qt_platform(environment) in WITHOUT_SCREEN:
        return False
    if not sys.platform.startswith("linux"):
        return True
    return _wayland_answers(environment) or bool(environment.get("DISPLAY") and _x11_answers(environment["DISPLAY"]))


def problem(environment: Mapping[str, str] = os.environ) -> str | None:
    """Return why a window cannot open here and what to do, as text for people; None when it can."""
    missing = missing_libraries(environment)
    if missing:
        return explain(missing)
    if _qt_platform(environment) in WITHOUT_SCREEN or has_screen(environment):
        return None
    return _(
        "There is no screen here for the window. Everything else works in the terminal: "
        "try “kotaemon-desktop demo” or “kotaemon-desktop --help”."
    )


def explain(missing: Sequence[SystemLibrary]) -> str:
    """Return one message that names the ``missing`` libraries and, on Debian and its kin, the line that brings them."""
    files = ", ".join(library.file for library in missing)
    first = _("The window needs system libraries that are not installed: {files}.").format(files=files)
    if shutil.which("apt-get") is None:
        return first + " " + _("Install the packages of your system that hold them.")
    right = "" if os.geteuid() == 0 else "sudo "
    packages = " ".join(library.package for library in missing)
    return first + " " + _("This brings them:") + f"\n  {right}apt-get install -y {packages}"


def _qt_platform(environment: Mapping[str, str]) -> str:
    """Return the Qt platform plugin that the user asked for, without its options; empty when Qt chooses."""
    return environment.get("QT_QPA_PLATFORM", "").partition(":")[0]


def _loads(file: str) -> bool:
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def _wayland_answers(environment: Mapping[str, str]) -> bool:
    name = environment.get("WAYLAND_DISPLAY")
    if not name:
        return False
    try:
        return stat.S_ISSOCK(Path(environment.get("XDG_RUNTIME_DIR", ""), name).stat().st_mode)
    except OSError:
        return False


def _x11_answers(display: str) -> bool:
    """Connect to the X server as Qt would: a stale DISPLAY or a refused cookie ends in an abort inside Qt."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # not known; missing_libraries names the package that brings it
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    try:
        return xcb.xcb_connection_has_error(connection) == 0
    finally:
        xcb.xcb_disconnect(connection)
