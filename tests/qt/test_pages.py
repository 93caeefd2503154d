"""The pages beside the window: built once, when asked for; every widget of them and of the window has a name."""

from __future__ import annotations

import os
import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.settings import KeepWarm
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.pages import _BUILDERS
from kotaemon_desktop.qt.panels.shortcuts import groups, plain
from kotaemon_desktop.qt.window import MainWindow

SPOKEN = (QAbstractButton, QLineEdit, QComboBox, QPlainTextEdit, QTextEdit, QAbstractItemView, QAbstractSpinBox)
PARTS_OF_OTHERS = ("qt_", "ScrollLeftButton", "ScrollRightButton")  # Qt's own, inside its widgets


def page(window: MainWindow, name: str) -> QDialog:
    window._menu.actions[name].trigger()
    assert window._pages is not None
    return window._pages._built[name]


def nameless(root: QWidget) -> list[str]:
    """Return the widgets that somebody can use and a screen reader cannot name."""
    found: list[str] = []
    for widget in (root, *root.findChildren(QWidget)):
        inside = widget.parentWidget()
        if not widget.isVisible():
            continue
        if (
            isinstance(inside, (QComboBox, QAbstractSpinBox))
            or isinstance(widget, QHeaderView)
            or widget.objectName().startswith(PARTS_OF_OTHERS)
        ):
            continue
        if isinstance(widget.parentWidget(), QLineEdit):  # its clear button
            continue
        is_used = isinstance(widget, SPOKEN) or (
            widget.focusPolicy() != Qt.FocusPolicy.NoFocus and not isinstance(widget, (QLabel, QAbstractScrollArea))
        )
        text = widget.text() if isinstance(widget, QAbstractButton) else ""
        if is_used and not (widget.accessibleName() or text or widget.windowTitle()):
            found.append(f"{type(widget).__name__} in {type(inside).__name__}")
    return found


def test_every_widget_of_the_window_and_of_its_pages_has_a_name(window: MainWindow, engine: Engine) -> None:
    engine.change_setting("residency", "keep_warm", (KeepWarm(),))
    window.settings_model.follow()
    for name in set(_BUILDERS) - {"report"}:  # which is always about a document
        window.page(name)
    assert nameless(window) == []
    use_language("zh_CN")
    window.retranslate()
    assert nameless(window) == []


def test_a_page_is_built_once_and_only_when_asked_for(window: MainWindow) -> None:
    assert window._pages is None
    first = page(window, "settings")
    first.close()
    assert page(window, "settings") is first
    assert first.isVisible()


def test_the_sheet_lists_every_action_that_has_keys(window: MainWindow) -> None:
    shown = dict(entry for _title, entries in groups(window) for entry in entries)
    actions = {plain(action.text()): action for action in window._menu.actions.values()}
    for action in window._menu.actions.values():
        listed = [words for words in shown if words.endswith(plain(action.text()))]
        assert bool(listed) == bool(action.shortcuts()), action.text()
        for keys in action.shortcuts():
            assert any(keys.toString() in shown[words] for words in listed)
    assert shown["Keyboard shortcuts"] == "F1   ?"
    assert shown["New conversation"] == "Ctrl+N"
    assert len(actions) > 10
    labels = {label.text() for label in page(window, "shortcuts").findChildren(QLabel)}
    assert {"Add files", "Ctrl+O", "File", "Elsewhere"} <= labels


def test_no_two_actions_share_their_keys(window: MainWindow) -> None:
    keys = [each.toString() for action in window.findChildren(QAction) for each in action.shortcuts()]
    keys += [
        each.shortcut().toString() for each in window.findChildren(QAbstractButton) if not each.shortcut().isEmpty()
    ]
    assert len(keys) == len(set(keys))


def test_a_broken_settings_file_is_told_and_the_notice_goes_when_it_is_mended(
    window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    file = engine.settings_file.file
    for text, told in (("appearance:\n  theme: pink\n", True), ("appearance:\n  theme: dark\n", False)):
        file.write_text(text, "utf-8")
        stamp = time.time_ns() - 10**10 - told
        os.utime(file, ns=(stamp, stamp))
        qtbot.waitUntil(lambda told=told: window.notices.isVisible() is told, timeout=20_000)
        if told:
            assert "line 2, column 10" in "".join(label.text() for label in window.notices.findChildren(QLabel))
    qtbot.waitUntil(lambda: theme.current() is theme.DARK, timeout=20_000)
    assert window._menu.actions["theme dark"].isChecked()
