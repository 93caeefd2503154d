"""The shortcut sheet: every action of the window that has keys, read from the actions themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QDialog,
    QGridLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QScrollArea,
    QWidget,
)

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_SIZE = (560, 640)
Entry = tuple[str, str]  # what is done, and with which keys


class ShortcutsDialog(QDialog):
    """Lists the actions of ``window``, menu by menu, each time it comes up. GUI thread."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._page = QScrollArea(widgetResizable=True)
        self._page.setStyleSheet("QScrollArea { background: transparent }")
        self._close = push_button("primary")
        self._close.clicked.connect(self.close)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        self.setLayout(body)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        body.addWidget(self._page, 1)
        body.addLayout(buttons)
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Read the actions again, in the current language."""
        self.setWindowTitle(_("Keyboard shortcuts"))
        self._page.setAccessibleName(_("Keyboard shortcuts"))
        self._close.setText(_("Close"))
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 0, theme.GAP, 0)
        grid.setHorizontalSpacing(theme.WIDE)
        grid.setVerticalSpacing(theme.TIGHT)
        grid.setColumnStretch(0, 1)
        for title, entries in groups(self._window):
            _add_group(grid, title, entries)
        grid.setRowStretch(grid.rowCount(), 1)
        self._page.setWidget(content)


def groups(window: QMainWindow) -> Iterator[tuple[str, list[Entry]]]:
    """Yield (title, entries) of each menu of ``window``, and of the keys that stand in no menu."""
    for action in window.menuBar().actions():
        menu = action.menu()
        if isinstance(menu, QMenu):
            yield plain(action.text()), list(_of_menu(menu))
    buttons = [(each.accessibleName(), _keys([each.shortcut()])) for each in window.findChildren(QAbstractButton)]
    keys = [(each.whatsThis(), _keys(each.keys())) for each in window.findChildren(QShortcut) if each.whatsThis()]
    yield _("Elsewhere"), sorted({entry for entry in (*buttons, *keys) if entry[1]})


def plain(text: str) -> str:
    """Return the words of a menu without its key: ``文件(&F)`` and ``&File`` alike."""
    head, mark, tail = text.partition("(&")
    return (head + tail[2:] if mark else text.replace("&", "")).rstrip("…")


def _of_menu(menu: QMenu, above: str = "") -> Iterator[Entry]:
    for action in menu.actions():
        below = action.menu()
        if isinstance(below, QMenu):
            yield from _of_menu(below, f"{plain(action.text())} › ")
        elif keys := _keys(action.shortcuts()):
            yield above + plain(action.text()), keys


def _keys(keys: Iterable[QKeySequence]) -> str:
    return "   ".join(filter(None, (each.toString(QKeySequence.SequenceFormat.NativeText) for each in keys)))


def _add_group(grid: QGridLayout, title: str, entries: list[Entry]) -> None:
    heading = label("heading")
    heading.setText(title)
    place = grid.rowCount()
    if place > 1:
        grid.setRowMinimumHeight(place, theme.GAP)
        place += 1
    grid.addWidget(heading, place, 0, 1, 2)
    for words, keys in entries:
        place += 1
        grid.addWidget(_text(words), place, 0)
        shown = _text(keys, "muted")
        shown.setAccessibleName(f"{words}: {keys}")
        grid.addWidget(shown, place, 1, Qt.AlignmentFlag.AlignRight)


def _text(words: str, style: str = "") -> QLabel:
    made = label(style)
    made.setText(words)
    return made
