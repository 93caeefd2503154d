"""Hears from the desktop when the screen is locked and when the machine goes to sleep, where D-Bus tells."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import SLOT, QObject, Slot

from kotaemon_desktop.core.residency.triggers import ScreenLock

if TYPE_CHECKING:
    from PySide6.QtDBus import QDBusConnection

_LOGIN = "org.freedesktop.login1"
_SYSTEM_SOCKET = Path("/run/dbus/system_bus_socket")
# Each desktop's own name for the same signal; none says it on its path alone.
_SAVERS = ("org.freedesktop", "org.gnome", "org.cinnamon", "org.mate", "org.xfce")


class Buses(NamedTuple):
    """The two message buses of a desktop."""

    session: QDBusConnection
    system: QDBusConnection


class _Source(NamedTuple):
    """A signal on a bus, from whichever program, and the slot that takes it; an empty ``path`` means any."""

    bus: QDBusConnection
    path: str
    interface: str
    name: str
    slot: Any  # PySide 6.11 takes what SLOT() returns, a text, though its stubs ask for bytes

    def connect(self, receiver: QObject) -> bool:
        return self.bus.connect("", self.path, self.interface, self.name, receiver, self.slot)

    def disconnect(self, receiver: QObject) -> bool:
        return self.bus.disconnect("", self.path, self.interface, self.name, receiver, self.slot)


class SessionWatch(QObject):
    """Sets ``locked`` of a ScreenLock by the last sign that the desktop gave; lives in the GUI thread.

    Silent where there is no bus, or nobody on it. The desktops' signals are described at
    https://www.freedesktop.org/software/systemd/man/org.freedesktop.login1.html and
    https://specifications.freedesktop.org/idle-inhibit-spec.
    """

    def __init__(
        self, lock: ScreenLock, connect: Callable[[], Buses | None] | None = None, parent: QObject | None = None
    ) -> None:
        """``connect`` returns the buses, None where there are none; it is called by :meth:`start`."""
        super().__init__(parent)
        self._lock = lock
        self._connect = connect or _desktop_buses
        self._sources: list[_Source] = []

    def start(self) -> None:
        """Listen from now on; nothing is waited for."""
        buses = self._connect()
        if buses is None:
            return
        away, login = SLOT("away(bool)"), "/org/freedesktop/login1"
        wanted = [_Source(buses.system, login, f"{_LOGIN}.Manager", "PrepareForSleep", away)]
        wanted += [_Source(buses.session, "", f"{saver}.ScreenSaver", "ActiveChanged", away) for saver in _SAVERS]
        if session := os.environ.get("XDG_SESSION_ID"):
            path = f"{login}/session/{_label(session)}"
            wanted.append(_Source(buses.system, path, f"{_LOGIN}.Session", "Lock", SLOT("leave()")))
            wanted.append(_Source(buses.system, path, f"{_LOGIN}.Session", "Unlock", SLOT("come_back()")))
        self._sources = [source for source in wanted if source.connect(self)]

    def stop(self) -> None:
        """Hear nothing more."""
        for source in self._sources:
            source.disconnect(self)
        self._sources.clear()

    @Slot(bool)
    def away(self, away: bool) -> None:
        """Take a sign that the person or the machine has gone to rest, or is back."""
        self._lock.locked = away

    @Slot()
    def leave(self) -> None:
        """Take the demand to lock the screen."""
        self.away(True)

    @Slot()
    def come_back(self) -> None:
        """Take the demand to unlock it."""
        self.away(False)


def _desktop_buses() -> Buses | None:
    """Connect to the buses of this desktop, if it seems to have any: the module takes 2 MB and 30 ms."""
    own = Path(os.environ.get("XDG_RUNTIME_DIR", "/nowhere")) / "bus"
    has_bus = "DBUS_SESSION_BUS_ADDRESS" in os.environ or own.exists() or _SYSTEM_SOCKET.exists()
    if sys.platform in {"win32", "darwin"} or not has_bus:
        return None
    from PySide6.QtDBus import QDBusConnection

    return Buses(QDBusConnection.sessionBus(), QDBusConnection.systemBus())


def _label(name: str) -> str:
    """Return ``name`` as a part of a D-Bus path: what is no letter or digit, and a digit in front, in hexadecimal."""
    escaped = (
        character
        if character.isascii() and (character.isalpha() or (place and character.isdigit()))
        else f"_{ord(character):02x}"
        for place, character in enumerate(name)
    )
    return "".join(escaped)
