"""A quiet line that says whether anything has left this machine, and if so what, to whom and since when."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.outgoing import Departure, Errand
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.viewmodels.network import NetworkModel

_WORDS = {
    Errand.DOWNLOAD: N_("download from {place}, {time}"),
    Errand.MODEL: N_("model at {place}, since {time}"),
    Errand.VECTORS: N_("vectors at {place}, since {time}"),
    Errand.TOOL: N_("tool at {place}, since {time}"),
    Errand.UPDATE: N_("update check at {place}, since {time}"),
}


class NetworkLine(QLabel):
    """Shows a NetworkModel. GUI thread."""

    def __init__(self, view_model: NetworkModel) -> None:
        super().__init__()
        self._model = view_model
        self.setProperty("muted", True)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        view_model.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write it again: in the current language, with what has left since."""
        departures = self._model.departures
        if departures:
            self.setText(_("Network: {what}").format(what="; ".join(map(_words, departures))))
            self.setToolTip(_("What has left this machine since the start, each from the first time on"))
        else:
            self.setText(_("Network: silent"))
            self.setToolTip(_("The program has sent nothing to another machine since its start"))


def _words(departure: Departure) -> str:
    return _(_WORDS[departure.errand]).format(place=departure.place, time=moment(departure.at, time.time()))
