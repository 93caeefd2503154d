"""Signs of the desktop reach the screen lock, over a real bus of the test's own."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.residency.triggers import ScreenLock
from kotaemon_desktop.qt import session_watch
from kotaemon_desktop.qt.session_watch import Buses, SessionWatch

LOGIN = "/org/freedesktop/login1"
SIGNS = {
    "screen saver": ("/ScreenSaver", "org.freedesktop.ScreenSaver", "ActiveChanged"),
    "gnome": ("/org/gnome/ScreenSaver", "org.gnome.ScreenSaver", "ActiveChanged"),
    "sleep": (LOGIN, "org.freedesktop.login1.Manager", "PrepareForSleep"),
}
Send = Callable[..., None]


@pytest.fixture
def bus(qtbot: QtBot) -> Iterator[QDBusConnection]:
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("there is no dbus-daemon on this machine")
    command = [program, "--session", "--nofork", "--print-address"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        connection = QDBusConnection.connectToBus(daemon.stdout.readline().strip(), "test")
        assert connection.isConnected()
        yield connection
        QDBusConnection.disconnectFromBus("test")
        daemon.terminate()


@pytest.fixture
def lock(bus: QDBusConnection, monkeypatch: pytest.MonkeyPatch) -> Iterator[ScreenLock]:
    monkeypatch.setenv("XDG_SESSION_ID", "2")
    screen = ScreenLock()
    watch = SessionWatch(screen, lambda: Buses(bus, bus))
    watch.start()
    yield screen
    watch.stop()


def send(bus: QDBusConnection, path: str, interface: str, name: str, *arguments: object) -> None:
    message = QDBusMessage.createSignal(path, interface, name)
    message.setArguments(list(arguments))
    assert bus.send(message)


@pytest.mark.parametrize("sign", SIGNS.values(), ids=SIGNS)
def test_the_lock_follows_the_last_sign(
    bus: QDBusConnection, lock: ScreenLock, qtbot: QtBot, sign: tuple[str, str, str]
) -> None:
    assert lock.advise().release == ""
    send(bus, *sign, True)
    qtbot.waitUntil(lambda: lock.locked)
    assert lock.advise().release == "locked"
    send(bus, *sign, False)
    qtbot.waitUntil(lambda: not lock.locked)


def test_only_the_own_session_counts(bus: QDBusConnection, lock: ScreenLock, qtbot: QtBot) -> None:
    session = "org.freedesktop.login1.Session"
    send(bus, f"{LOGIN}/session/_33", session, "Lock")
    send(bus, f"{LOGIN}/session/_32", session, "Lock")
    qtbot.waitUntil(lambda: lock.locked)
    send(bus, f"{LOGIN}/session/_32", session, "Unlock")
    qtbot.waitUntil(lambda: not lock.locked)
    send(bus, f"{LOGIN}/session/_33", session, "Lock")
    qtbot.wait(100)
    assert not lock.locked


def test_stopped_means_deaf(bus: QDBusConnection, qtbot: QtBot) -> None:
    screen = ScreenLock()
    watch = SessionWatch(screen, lambda: Buses(bus, bus))
    watch.start()
    watch.stop()
    send(bus, *SIGNS["gnome"], True)
    qtbot.wait(100)
    assert not screen.locked


def test_without_a_bus_it_is_silent(qtbot: QtBot) -> None:
    screen = ScreenLock()
    for connect in (lambda: None, lambda: Buses(QDBusConnection("none"), QDBusConnection("none"))):
        watch = SessionWatch(screen, connect)
        watch.start()
        watch.stop()
    assert not screen.locked


@pytest.mark.parametrize(("name", "label"), [("2", "_32"), ("c1", "c1"), ("12", "_312"), ("a-b", "a_2db")])
def test_a_session_as_a_part_of_a_path(name: str, label: str) -> None:
    assert session_watch._label(name) == label
