"""What the local server does now, and what other programs need to ask it: its address and its key, to be copied."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.settings import SettingsModel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_LOOK_MS = 1000


class ServerLine(QWidget):
    """Shows how the local server of a SettingsModel stands, once a second while it is seen. GUI thread."""

    def __init__(self, view_model: SettingsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self.state = label(shrinks=True)
        self.told = ToneLabel("positive")
        self.address, self.key, self.renew = push_button("flat"), push_button("flat"), push_button("flat")
        buttons = row(theme.GAP)
        for widget in (self.address, self.key, self.renew, self.told):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        lines = column(theme.TIGHT, (theme.GAP, theme.GAP, theme.GAP, theme.GAP))
        lines.addWidget(self.state)
        lines.addLayout(buttons)
        self.setLayout(lines)
        for button in (self.address, self.key, self.renew):
            button.setAutoDefault(False)
        self.address.clicked.connect(lambda: self._copy(view_model.serving().url))
        self.key.clicked.connect(view_model.look_up_key)
        self.renew.clicked.connect(view_model.renew_key)
        view_model.key_known.connect(self._copy)
        view_model.changed.connect(self._show)
        self._beat = QTimer(self, interval=_LOOK_MS)
        self._beat.timeout.connect(self._show)
        self.address.setText(_("Copy the address"))
        self.key.setText(_("Copy the key"))
        self.renew.setText(_("New key"))
        self.renew.setToolTip(_("Makes another key and copies it; the one before opens nothing any more"))
        for button in (self.address, self.key, self.renew):
            button.setAccessibleName(_("{action}: local server").format(action=button.text()))
        self._show()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._show()
        self._beat.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self._beat.stop()

    def _show(self) -> None:
        serving = self._model.serving()
        if serving.problem:
            words = _("Not served: {problem}").format(problem=serving.problem)
        elif not serving.url:
            words = _("Nothing is served.")
        else:
            words = _("{address} · {answering} answered now, {waiting} waiting").format(
                address=serving.url, answering=serving.answering, waiting=serving.waiting
            )
        self.state.setText(words)
        self.state.setAccessibleName(words)
        for button in (self.address, self.key, self.renew):
            button.setVisible(bool(serving.url))
        self.told.setVisible(bool(serving.url) and bool(self.told.text()))

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.told.setText(_("Copied"))
        self.told.setVisible(True)
