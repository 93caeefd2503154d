"""The whole window in Chinese: nothing stays English, and switching back leaves nothing Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QModelIndex, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import language
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000
ENGLISH = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile(r"[\u4e00-\u9fff]+")
NAMES = re.compile(  # of things, keys and languages, spelt the same in every language
    r"Kotaemon|Desktop|Apache|Markdown|HTML|PDF|Word|Office|PowerPoint|Excel|OpenDocument|EPUB|CSV|ZIP|GPU|NVIDIA|Ctrl|Shift|Esc|"
    r"Enter|English|\.pdf|\.txt|\.docx|\.eml"
)
OWN = "资料 休假 差旅 空 每位员工每年有二十七天带薪年假 火车票每次最多报销三百元 每年有多少天年假 简体中文".split()
WRITTEN = ("text", "placeholderText", "toolTip", "statusTip", "accessibleName", "windowTitle")
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)


@pytest.fixture(autouse=True)
def _without_embedder(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)  # its own tests build one


@pytest.fixture
def chinese_files(tmp_path: Path) -> Path:
    """A folder that, as its files, has no Latin word, so that each one on the screen is the program's."""
    folder = tmp_path / "资料"
    folder.mkdir()
    (folder / "休假.md").write_text("每位员工每年有二十七天带薪年假。\n", encoding="utf-8")
    (folder / "差旅.txt").write_text("火车票每次最多报销三百元。\n", encoding="utf-8")
    (folder / "空.pdf").write_bytes(b"")
    return folder


def choose_language(window: MainWindow, code: str, qtbot: QtBot) -> None:
    """Choose from the menu, as a person does, and wait until the window follows."""
    window._menu.actions[f"language {code}"].trigger()
    file = {"en": "&File", "zh_CN": "文件(&F)"}[code]
    qtbot.waitUntil(lambda: window.menuBar().actions()[0].text() == file, timeout=PATIENCE_MS)
    assert language() == code


def settle(window: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    """Wait for what runs to end, and for the next sample: notices are worded when the monitor looks for them."""
    qtbot.waitUntil(lambda: all(map(lanes.idle, ("importing", "answering", "browsing"))), timeout=PATIENCE_MS)
    with qtbot.waitSignal(window.side.monitor_model.sampled, timeout=PATIENCE_MS):
        pass


def spoken(window: MainWindow) -> list[str]:
    """Return every text of the window, shown or hidden: of its widgets, tips, names for screen readers, menus, rows."""
    widgets: list[QWidget] = [window, *window.findChildren(QWidget)]
    texts = [text for widget in widgets for text in _texts(widget)]
    for action in window.findChildren(QAction):
        texts += action.text(), action.toolTip()
    for view in window.findChildren(QAbstractItemView):
        texts += _rows(view.model())
    return sorted({text for text in texts if text})


def _texts(widget: QWidget) -> Iterator[str]:
    for name in WRITTEN:
        if name != "text" or isinstance(widget, (QLabel, QAbstractButton)):
            text: Callable[[], str] | None = getattr(widget, name, None)
            if text is not None:
                yield text()
    if isinstance(widget, (QTextEdit, QPlainTextEdit)):
        yield widget.toPlainText()
    if isinstance(widget, QMenu):
        yield widget.title()
    if isinstance(widget, QLineEdit):
        yield widget.placeholderText()


def _rows(model: QAbstractItemModel) -> Iterator[str]:
    for row in range(model.rowCount(QModelIndex())):
        for role in ROLES:
            yield str(model.data(model.index(row, 0), role) or "")


def english(texts: list[str], folder: Path) -> list[str]:
    places = re.compile(re.escape(str(folder.parent)) + r"[/\\]\w+")  # of the files, and of the data
    return [text for text in texts if ENGLISH.search(NAMES.sub("", places.sub("", text)))]


def chinese(texts: list[str]) -> list[str]:
    own = re.compile("|".join(OWN))
    return [text for text in texts if CHINESE.search(own.sub("", text))]


def test_the_window_follows_the_chosen_language_and_back(
    window: MainWindow, lanes: Lanes, qtbot: QtBot, chinese_files: Path
) -> None:
    assert english(spoken(window), chinese_files)  # what is looked for can be found
    choose_language(window, "zh_CN", qtbot)
    settle(window, lanes, qtbot)
    assert english(spoken(window), chinese_files) == []

    with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE_MS):
        window.library_model.import_([chinese_files])
    box = window.chat.findChild(QPlainTextEdit)
    assert box is not None
    box.setPlainText("每年有多少天年假？")
    with qtbot.waitSignal(window.chat_model.cited, timeout=PATIENCE_MS):
        qtbot.keyClick(box, Qt.Key.Key_Return)
    settle(window, lanes, qtbot)
    texts = spoken(window)
    assert any("每位员工每年有二十七天带薪年假" in text for text in texts)
    assert any("是空文件（0 字节）" in text for text in texts)
    assert english(texts, chinese_files) == []

    rows = window.library_model.documents.entries  # a reason is kept in the language in which it was told
    window.library_model.remove([row for row in rows if row.failed])
    choose_language(window, "en", qtbot)
    settle(window, lanes, qtbot)
    assert chinese(spoken(window)) == []


def test_buttons_of_qt_itself_follow_the_language(window: MainWindow, qtbot: QtBot) -> None:
    choose_language(window, "zh_CN", qtbot)
    assert QApplication.translate("QPlatformTheme", "Cancel") == "取消"
    choose_language(window, "en", qtbot)
    assert QApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
