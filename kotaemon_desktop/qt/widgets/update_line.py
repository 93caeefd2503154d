"""A line that says whether there is a newer version; it asks when its button is pressed, and never installs."""

from __future__ import annotations

import time

from PySide6.QtCore import QUrl
from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.i18n import _, language
from kotaemon_desktop.core.updates.manifest import Release
from kotaemon_desktop.qt import links
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.viewmodels.updates import UpdatesModel
from kotaemon_desktop.qt.widgets.parts import label, push_button, row


class UpdateLine(QWidget):
    """Shows an UpdatesModel. GUI thread."""

    def __init__(self, view_model: UpdatesModel) -> None:
        super().__init__()
        self._model = view_model
        self._words = label("muted", wrap=True)
        self._look = push_button("flat")
        self._open = push_button("flat")
        line = row()
        line.addWidget(self._words, 1)
        line.addWidget(self._look)
        line.addWidget(self._open)
        self.setLayout(line)
        self._look.clicked.connect(view_model.look)
        self._open.clicked.connect(self._show_page)
        view_model.changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Write it again: in the current language, with what is known now."""
        found, obstacle = self._model.found, self._model.obstacle
        self._words.setText(self._said())
        self._look.setText(_("Check now"))
        self._look.setToolTip(_("Asks the address in the settings for the newest version, and sends nothing else"))
        self._look.setVisible(obstacle is None)
        self._look.setEnabled(not self._model.looking)
        self._open.setText(_("Open its page…"))
        self._open.setVisible(found is not None)

    def _said(self) -> str:
        if self._model.looking:
            return _("Looking for a newer version…")
        if self._model.error is not None:
            return said(self._model.error)
        if self._model.found is not None:
            return told(self._model.found)
        if (obstacle := self._model.obstacle) is not None:
            return _("New versions cannot be looked for: {why}.").format(why=obstacle)
        if (at := self._model.answered_at) is not None:
            return _("This is the newest version (checked: {when}).").format(when=moment(at, time.time()))
        return _("Nobody has looked for a newer version yet.")

    def _show_page(self) -> None:
        if self._model.found is not None:
            links.ask_and_open(self, QUrl(self._model.found.page))


def told(release: Release) -> str:
    """Return that ``release`` is there."""
    return _("Version {version} of {date} is there.").format(version=release.version, date=release.date)


def news(release: Release) -> str:
    """Return what ``release`` brings, and the checksums of its files."""
    notes = release.notes.get(language()) or release.notes.get("en", "")
    sums = "\n".join(f"{digest}  {name}" for name, digest in release.sha256.items())
    return "\n\n".join(filter(None, (told(release), notes, sums and f"SHA-256\n{sums}")))
