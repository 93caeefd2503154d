"""Says once that search by meaning does not know a language of the documents, and leads to a model that does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kotaemon_desktop.core.i18n import N_, _, count, sentences
from kotaemon_desktop.qt.widgets.notice import Notice

if TYPE_CHECKING:
    from kotaemon_desktop.qt.window import MainWindow

_ONE = N_("{n} passage is in a language that search by meaning does not know; its words are found all the same.")
_MANY = N_("{n} passages are in a language that search by meaning does not know; their words are found all the same.")
_OFFER = N_("A multilingual embedder knows them.")
_CHOOSE = N_("Choose an embedder…")


class LanguageHint(QObject):
    """Owns whether it was told; lives in the GUI thread, counts on the browsing lane after each import."""

    def __init__(self, window: MainWindow, *, told: bool) -> None:
        super().__init__(window)
        self.told = told
        self._window = window
        window.library_model.imported.connect(self._look)

    def _look(self, _imported: object) -> None:
        if not self.told:
            self._window.lanes.call("browsing", self._window.engine.unknown_passages, on_result=self._tell)

    def _tell(self, unknown: int) -> None:
        if self.told or not unknown:
            return
        self.told = True
        self._window.notices.show_notice(
            Notice(
                lambda: sentences(count(unknown, _ONE, _MANY), _(_OFFER)),
                action=lambda: _(_CHOOSE),
                do=self._choose,
            )
        )

    def _choose(self) -> None:
        from kotaemon_desktop.qt.panels.models import ModelsDialog

        page = self._window.page("models")
        if isinstance(page, ModelsDialog):
            page.show_task("embedding")
