"""Says that a candidate was sent back and why, and leads to the comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kotaemon_desktop.core.i18n import N_, _, sentences
from kotaemon_desktop.qt.widgets.notice import Level, Notice

if TYPE_CHECKING:
    from kotaemon_desktop.core.canary.records import Trial
    from kotaemon_desktop.qt.window import MainWindow

_COMPARE = N_("Compare…")


class CandidateNotice(QObject):
    """Looks after each answer and each thumb whether a rule has ended the trial; GUI thread."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        window.chat_model.answered.connect(self._look)
        window.chat_model.busy_changed.connect(self._look)
        window.chat_model.ratings.kept.connect(self._look)

    def _look(self, _what: object = None) -> None:
        canary = self._window.engine.canary
        if (trial := canary.told) is not None:
            canary.told = None
            self._window.notices.show_notice(
                Notice(lambda: _words(trial), Level.WARNING, action=lambda: _(_COMPARE), do=self._compare)
            )

    def _compare(self) -> None:
        self._window.page("canary")


def _words(trial: Trial) -> str:
    from kotaemon_desktop.core.canary.words import ended, way  # few ever need them

    return sentences(ended(trial), _("“{proven}” answers everything again.").format(proven=way(trial.proven)))
