"""Where models come from: whether anything may be fetched at all, from which hub, and with which token."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.models.hub import PUBLIC
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.models import Source
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_WIDTH = 400


class ConnectionForm(QWidget):
    """Shows a Source. GUI thread.

    Signals: ``offline_changed(bool)``, ``endpoint_changed(str)``, ``token_given(str)`` (empty: forget it).
    """

    offline_changed = Signal(bool)
    endpoint_changed = Signal(str)
    token_given = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source: Source | None = None
        self._offline = QCheckBox()
        self._offline_words = label("muted", wrap=True)
        self._endpoint_name, self._endpoint, self._endpoint_words = (
            label("heading"),
            QLineEdit(),
            label("muted", wrap=True),
        )
        self._token_name, self._token, self._token_words = label("heading"), QLineEdit(), label("muted", wrap=True)
        self._token.setEchoMode(QLineEdit.EchoMode.Password)
        self._keep, self._forget = push_button(), push_button("flat")
        self._told = label("muted", wrap=True)
        for field in (self._endpoint, self._token):
            field.setMaximumWidth(_WIDTH)
        self._arrange()
        self._offline.clicked.connect(self.offline_changed)
        self._endpoint.editingFinished.connect(self._end_endpoint)
        self._token.textChanged.connect(self._enable)
        self._token.returnPressed.connect(self._give_token)
        self._keep.clicked.connect(self._give_token)
        self._forget.clicked.connect(lambda: self.token_given.emit(""))
        self.retranslate()

    def show_source(self, source: Source | None) -> None:
        """Show what is in force."""
        self._source = source
        if source is not None:
            self._offline.setChecked(source.offline)
            self._endpoint.setText(source.endpoint)
        self.retranslate()

    def tell_token(self, kept: bool) -> None:
        """Say where the token is now; ``kept``: in the system's keyring."""
        given = bool(self._token.text())
        self._token.clear()
        if kept:
            self._told.setText(_("Kept in the system's keyring.") if given else _("Forgotten."))
        else:
            self._told.setText(
                _("No keyring of this system answers: the token is known until the program ends, and written nowhere.")
                if given
                else ""
            )

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        source = self._source
        self._offline.setText(_("Stay offline"))
        self._offline_words.setText(
            _("Nothing is fetched, not even a model that you ask for.")
            if source and source.offline
            else _("The program reaches the network for one thing only: a model that you ask it to download.")
        )
        self._endpoint_name.setText(_("Model hub"))
        self._endpoint.setPlaceholderText(PUBLIC)
        self._endpoint.setAccessibleName(_("Address of the model hub"))
        self._endpoint_words.setText(_("The address of a mirror, where the public hub is slow or out of reach."))
        self._token_name.setText(_("Token"))
        self._token.setPlaceholderText(_("A token is kept") if source and source.has_token else "")
        self._token.setAccessibleName(_("Token for the model hub"))
        self._token_words.setText(
            _("Only for repositories that ask for one. It is sent to {host} and to nobody else.").format(
                host=source.host if source else "…"
            )
        )
        self._keep.setText(_("Keep"))
        self._keep.setAccessibleName(_("Keep the token"))
        self._forget.setText(_("Forget"))
        self._forget.setAccessibleName(_("Forget the token"))
        self._enable()

    def _arrange(self) -> None:
        token = row()
        token.addWidget(self._token, 1)
        token.addWidget(self._keep)
        token.addWidget(self._forget)
        token.addStretch(1)
        body = column(theme.GAP, (0, theme.WIDE, theme.GAP, theme.GAP))
        body.addWidget(self._offline)
        body.addWidget(self._offline_words)
        body.addSpacing(theme.WIDE)
        for widget in (self._endpoint_name, self._endpoint, self._endpoint_words):
            body.addWidget(widget)
        body.addSpacing(theme.WIDE)
        body.addWidget(self._token_name)
        body.addLayout(token)
        body.addWidget(self._token_words)
        body.addWidget(self._told)
        body.addStretch(1)
        self.setLayout(body)
        for button in (self._keep, self._forget):
            button.setAutoDefault(False)

    def _enable(self) -> None:
        self._keep.setEnabled(bool(self._token.text().strip()))
        self._forget.setVisible(bool(self._source and self._source.has_token))

    def _end_endpoint(self) -> None:
        if self._source is not None and self._endpoint.text().strip() != self._source.endpoint:
            self.endpoint_changed.emit(self._endpoint.text())

    def _give_token(self) -> None:
        if self._token.text().strip():
            self.token_given.emit(self._token.text())
