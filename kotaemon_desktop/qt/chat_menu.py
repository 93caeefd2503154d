"""The menu of the open conversation and its last answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.qt.menu import PIPELINES, Choice, Command, Entry

if TYPE_CHECKING:
    from kotaemon_desktop.qt.panels.chat import ChatPanel

_Do = Callable[["ChatPanel"], object]


def entries(chat: Callable[[], ChatPanel | None], answer_with: Callable[[str], None]) -> tuple[Entry, ...]:
    """Return the entries; what is chosen before there is a chat does nothing. ``answer_with`` takes a pipeline."""

    def command(name: str, words: str, do: _Do, keys: str = "") -> Command:
        def run() -> None:
            if (panel := chat()) is not None:
                do(panel)

        return Command(name, words, run, keys)

    return (
        command("new", N_("&New conversation"), lambda panel: panel.begin_anew(), "Ctrl+N"),
        command("conversations", N_("&Conversations…"), lambda panel: panel.toggle_conversations(), "Ctrl+K"),
        None,
        command("ask again", N_("Ask &again"), lambda panel: panel.doing.ask_again(), "Ctrl+R"),
        command("edit", N_("Change the last &question"), lambda panel: panel.doing.edit_last(), "Ctrl+E"),
        command("copy answer", N_("Copy the last ans&wer"), lambda panel: panel.doing.copy_last(), "Ctrl+Shift+C"),
        Choice("pipeline", N_("Answer &with"), PIPELINES, answer_with),
        command("details", N_("&How it came about…"), lambda panel: panel.show_details(), "Ctrl+I"),
        command("good answer", N_("&Good answer"), lambda panel: panel.doing.rate_last(1), "Ctrl+Shift+G"),
        command("bad answer", N_("&Bad answer"), lambda panel: panel.doing.rate_last(-1), "Ctrl+Shift+B"),
        None,
        command("rename", N_("&Rename"), lambda panel: panel.rename(), "F2"),
        command("pin", N_("&Pin to the top or unpin"), lambda panel: panel.doing.pin(), "Ctrl+Shift+P"),
        command("export", N_("&Export…"), lambda panel: panel.doing.export(), "Ctrl+Shift+E"),
        command("import", N_("&Import…"), lambda panel: panel.doing.import_()),
        command("delete", N_("&Delete"), lambda panel: panel.doing.delete(), "Ctrl+Shift+Del"),
    )
