"""The menu bar: every action of the window with its shortcut, in one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from kotaemon_desktop.core.i18n import N_, _


@dataclass(frozen=True, slots=True)
class Command:
    """An action of the menu. ``do`` gets the new state when it is ``checkable``; ``keys`` may be several: "F1 ?"."""

    name: str
    words: str
    do: Callable[..., object]
    keys: str = ""
    checkable: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A submenu of which one entry is chosen: (value, words) each."""

    name: str
    words: str
    options: tuple[tuple[str, str], ...]
    do: Callable[[str], None]


THEMES = (("system", N_("As the system")), ("light", N_("Light")), ("dark", N_("Dark")))
LANGUAGES = (("system", N_("As the system")), ("en", "English"), ("zh_CN", "简体中文"))
# Those that come along; an own one is chosen in the settings, or by its rule.
PIPELINES = (
    ("", N_("By rule")),
    ("standard", N_("Standard")),
    ("quick", N_("Quick")),
    ("thorough", N_("Thorough")),
    ("extractive", N_("Quotes only")),
)

Entry = Command | Choice | None  # None is a line between groups


class Menu:
    """Owns the menus and actions of one window; GUI thread."""

    def __init__(self, window: QWidget, bar: QMenuBar, menus: dict[str, tuple[Entry, ...]]) -> None:
        self.actions: dict[str, QAction] = {}
        self._window = window
        self._words: dict[str, str] = {}
        self._menus: list[tuple[QMenu, str]] = []
        self._groups: dict[str, QActionGroup] = {}
        for words, entries in menus.items():
            menu = bar.addMenu("")
            self._menus.append((menu, words))
            for entry in entries:
                self._add(menu, entry)

    def check(self, name: str, checked: bool) -> None:
        """Show the command ``name`` as checked without doing it."""
        action = self.actions[name]
        blocked = action.blockSignals(True)
        action.setChecked(checked)
        action.blockSignals(blocked)

    def choose(self, name: str, value: str) -> None:
        """Show ``value`` as the chosen one of the choice ``name`` without doing it."""
        for action in self._groups[name].actions():
            action.setChecked(action.data() == value)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        for menu, words in self._menus:
            menu.setTitle(_(words))
        for name, action in self.actions.items():
            action.setText(_(self._words[name]))

    def _add(self, menu: QMenu, entry: Entry) -> None:
        if entry is None:
            menu.addSeparator()
        elif isinstance(entry, Choice):
            self._add_choice(menu, entry)
        else:
            action = self._action(entry.name, entry.words)
            action.setCheckable(entry.checkable)
            if entry.keys:
                action.setShortcuts([QKeySequence(keys) for keys in entry.keys.split()])
            if entry.checkable:
                action.toggled.connect(entry.do)
            else:
                action.triggered.connect(lambda _checked=False, do=entry.do: do())
            menu.addAction(action)

    def _add_choice(self, menu: QMenu, choice: Choice) -> None:
        below = menu.addMenu("")
        self._menus.append((below, choice.words))
        group = self._groups[choice.name] = QActionGroup(self._window)
        for value, words in choice.options:
            action = self._action(f"{choice.name} {value}", words)
            action.setCheckable(True)
            action.setData(value)
            group.addAction(action)
            below.addAction(action)
        group.triggered.connect(lambda action, do=choice.do: do(action.data()))

    def _action(self, name: str, words: str) -> QAction:
        action = self.actions[name] = QAction(self._window)
        self._words[name] = words
        return action
