"""The menu of the main window: what each entry of it does, and with which keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.qt import chat_menu
from kotaemon_desktop.qt.menu import LANGUAGES, THEMES, Choice, Command, Entry

if TYPE_CHECKING:
    from kotaemon_desktop.qt.window import MainWindow


def entries(window: MainWindow) -> dict[str, tuple[Entry, ...]]:
    """Return the entries of each menu; only what is always there may be touched before the window has started."""

    def page(name: str) -> Command:
        words, keys = _PAGES[name]
        return Command(name, words, partial(window.page, name), keys)

    def appearance(name: str) -> partial[None]:
        return partial(window.change_appearance, name)

    return {
        N_("&File"): (
            Command("add files", N_("Add &files…"), window.add_files, "Ctrl+O"),
            Command("add folder", N_("Add a f&older…"), window.add_folder, "Ctrl+Shift+O"),
            None,
            page("workspaces"),
            page("settings"),
            Command("data folder", N_("Show the &data folder"), window.show_data_folder),
            None,
            Command("quit", N_("&Quit"), window.quit, "Ctrl+Q"),
        ),
        N_("&View"): (
            Command("ask", N_("Go to the &question"), window.focus_question, "Ctrl+L"),
            Command("filter", N_("&Filter the library"), window.focus_filter, "Ctrl+F"),
            Command("find", N_("&Search in the document"), window.search_in_document, "Ctrl+Shift+F"),
            Command("next mark", N_("&Next mark"), partial(window.step_mark, 1), "F3"),
            Command("previous mark", N_("&Previous mark"), partial(window.step_mark, -1), "Shift+F3"),
            None,
            Command("fold library", N_("Fold the &library"), window.fold_library, "Ctrl+B", checkable=True),
            Command("fold monitor", N_("Fold the &monitor"), window.fold_monitor, "Ctrl+M", checkable=True),
            page("models"),
            page("usage"),
            page("canary"),
            None,
            Choice("theme", N_("&Theme"), THEMES, appearance("theme")),
            Choice("language", N_("L&anguage"), LANGUAGES, appearance("language")),
        ),
        N_("&Conversation"): chat_menu.entries(window.chat_if_there, window.answer_with),
        N_("&Help"): (page("shortcuts"), page("about")),
    }


_PAGES = {
    "settings": (N_("&Settings…"), "Ctrl+,"),
    "models": (N_("&Models…"), "Ctrl+Shift+M"),
    "workspaces": (N_("&Workspaces…"), "Ctrl+Shift+W"),
    "usage": (N_("Memory &use…"), "Ctrl+U"),
    "canary": (N_("Try a &candidate…"), "Ctrl+Shift+T"),
    "shortcuts": (N_("&Keyboard shortcuts"), "F1 ?"),
    "about": (N_("&About Kotaemon Desktop"), ""),
}
