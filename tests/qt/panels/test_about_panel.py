"""The About page over what is really installed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton, QTreeWidget
from pytestqt.qtbot import QtBot

from kotaemon_desktop import __version__
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.qt.panels.about import AboutDialog
from kotaemon_desktop.qt.viewmodels.about import AboutModel
from kotaemon_desktop.qt.viewmodels.network import NetworkModel
from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes


def shown(engine: Engine, lanes: Lanes, qtbot: QtBot) -> AboutDialog:
    model = AboutModel(lanes, NetworkModel(engine.outgoing), UpdatesModel(lanes, engine.updates))
    dialog = AboutDialog(model)
    model.setParent(dialog)
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(model.changed):
        dialog.show()
    return dialog


def parts(dialog: AboutDialog) -> QTreeWidget:
    found = dialog.findChild(QTreeWidget)
    assert found is not None
    return found


def licence(dialog: AboutDialog) -> QPlainTextEdit:
    [found] = [each for each in dialog.findChildren(QPlainTextEdit) if each.accessibleName() == "Text of the licence"]
    return found


def test_a_part_that_is_chosen_shows_its_licence(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    dialog = shown(engine, lanes, qtbot)
    works = parts(dialog)
    [numpy] = works.findItems("numpy", Qt.MatchFlag.MatchExactly)
    assert numpy.text(1)
    assert "BSD" in numpy.text(2)

    works.setCurrentItem(numpy)

    text = licence(dialog)
    qtbot.waitUntil(lambda: "NumPy Developers" in text.toPlainText())
    assert text.toPlainText().startswith("https://")


def test_the_page_opens_on_the_first_part(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    dialog = shown(engine, lanes, qtbot)
    assert parts(dialog).currentItem() is parts(dialog).topLevelItem(0)
    qtbot.waitUntil(lambda: bool(dialog._text.toPlainText()))


def test_the_keyboard_goes_through_the_parts(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    dialog = shown(engine, lanes, qtbot)
    works = parts(dialog)
    first = works.topLevelItem(0)
    assert first is not None
    works.setCurrentItem(first)
    qtbot.keyClick(works, Qt.Key.Key_Down)
    assert works.currentItem() is works.topLevelItem(1)
    text = licence(dialog)
    qtbot.waitUntil(lambda: bool(text.toPlainText()))


def test_the_versions_are_copied_for_a_report(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    dialog = shown(engine, lanes, qtbot)
    copy = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Copy versions")
    copy.click()
    copied = QGuiApplication.clipboard().text()
    assert copied.splitlines()[0] == f"Kotaemon Desktop {__version__}"
    assert "Qt 6." in copied


def test_it_speaks_chinese(engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    dialog = shown(engine, lanes, qtbot)
    use_language("zh_CN")
    dialog.retranslate()
    assert dialog.windowTitle() == "关于 Kotaemon Desktop"
    header = parts(dialog).headerItem()
    assert header is not None
    assert [header.text(place) for place in range(3)] == ["组成部分", "版本", "许可证"]


def test_the_menu_opens_one_page_however_often(window: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    for _time in range(2):
        window._menu.actions["about"].trigger()
    [page] = window.findChildren(AboutDialog)
    assert page.isVisible()
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    page.close()
    QCoreApplication.processEvents()
