"""Decides what a person who is elsewhere should hear of: an import's end, a ready answer, a disk that fills up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kotaemon_desktop.core.i18n import N_, _, count

if TYPE_CHECKING:
    from kotaemon_desktop.core.events import Imported
    from kotaemon_desktop.core.monitoring.notices import Notice


class Attention(QObject):
    """Says each thing once, and nothing while the window is in front. GUI thread."""

    def __init__(
        self, away: Callable[[], bool], say: Callable[[str, str], None], parent: QObject | None = None
    ) -> None:
        """``away`` tells whether somebody is elsewhere and wants to hear; ``say`` shows a title and a text."""
        super().__init__(parent)
        self._away = away
        self._say = say
        self._disk_told = False

    def note_imported(self, imported: Imported) -> None:
        """An import came to its end; one that brought nothing new is no news."""
        failed = len(imported.failed)
        if not (imported.documents or failed) or not self._away():
            return
        parts = [count(imported.documents, N_("{n} document can be asked"), N_("{n} documents can be asked"))]
        if failed:
            parts.append(count(failed, N_("{n} file could not be read"), N_("{n} files could not be read")))
        self._say(_("Import done"), " · ".join(parts))

    def note_answered(self, question: str) -> None:
        """An answer to ``question`` is complete."""
        if self._away():
            self._say(_("Your answer is ready"), question)

    def note_notices(self, notices: Iterable[Notice]) -> None:
        """See what there is to know now; of a disk that fills up it is told once, until there was room again."""
        disk = next((each for each in notices if each.kind == "disk"), None)
        if disk is None:
            self._disk_told = False
        elif not self._disk_told and self._away():
            self._disk_told = True
            self._say(disk.text, disk.advice)
