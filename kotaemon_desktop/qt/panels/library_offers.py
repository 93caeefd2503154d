"""What the library offers after something was done: to undo it, or the next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from kotaemon_desktop.core.i18n import N_, _, count, listed
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.widgets.notice import Notice, NoticeBar


class LibraryOffers:
    """Fills the library's bar of notices; lives in the GUI thread, with the panel that keeps it."""

    def __init__(self, model: LibraryModel, bar: NoticeBar) -> None:
        self._model = model
        self._bar = bar
        model.removed.connect(self._undo)
        model.undo_closed.connect(bar.clear)
        model.folders_added.connect(self._watch)
        model.scans_offered.connect(self._scans)
        model.places.deleted.connect(self._collection_back)

    def _undo(self, number: int) -> None:
        self._bar.clear()
        self._bar.show_notice(
            Notice(
                lambda: count(number, N_("Removed {n} document"), N_("Removed {n} documents")),
                action=lambda: _("Undo"),
                do=self._model.undo,
            )
        )

    def _watch(self, folders: Sequence[Path]) -> None:
        names = [folder.name for folder in folders]
        self._bar.show_notice(
            Notice(
                lambda: _("Watch “{folder}”? New and changed files in it are then added by themselves.").format(
                    folder=listed(names)
                ),
                action=lambda: _("Watch"),
                do=partial(self._model.places.watch, folders),
            )
        )

    def _scans(self, pages: int, documents: Sequence[int]) -> None:
        self._bar.show_notice(
            Notice(
                lambda: count(pages, N_("{n} scanned page was not read"), N_("{n} scanned pages were not read")),
                action=lambda: _("Read"),
                do=lambda: self._model.read_scans(documents),
            )
        )

    def _collection_back(self, name: str, undo: Callable[[], None]) -> None:
        self._bar.show_notice(
            Notice(
                lambda: _("Deleted the collection “{name}”; its documents stay").format(name=name),
                action=lambda: _("Undo"),
                do=undo,
            )
        )
