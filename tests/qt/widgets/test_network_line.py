"""The window says that the network is silent, and at once what has left when it is not."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.outgoing import Errand
from kotaemon_desktop.qt.widgets.network_line import NetworkLine
from kotaemon_desktop.qt.window import MainWindow


def test_the_monitor_and_the_about_page_say_what_has_left(window: MainWindow, qtbot: QtBot) -> None:
    window.fold_monitor(False)
    page = window.page("about")
    lines = [*window.side.monitor.findChildren(NetworkLine), *page.findChildren(NetworkLine)]
    assert [line.text() for line in lines] == ["Network: silent"] * 2

    note = threading.Thread(target=window.engine.outgoing.note, args=(Errand.DOWNLOAD, "hub.example"))
    note.start()
    note.join()
    qtbot.waitUntil(lambda: all("hub.example" in line.text() for line in lines))
    assert lines[0].text().startswith("Network: download from hub.example, ")
    window.engine.outgoing.note(Errand.TOOL, "shop.example")
    qtbot.waitUntil(lambda: all("; tool at shop.example, since " in line.text() for line in lines))

    use_language("zh_CN")
    window.retranslate()
    assert all(line.text().startswith("网络：从 hub.example 下载") for line in lines)
    qtbot.waitUntil(lambda: window.lanes.idle("browsing"))
    page.close()
