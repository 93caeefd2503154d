"""A download under way in one line: how far it is, how fast, and a button that stops it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.transfer import Transfer
from kotaemon_desktop.qt.widgets import model_words
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, push_button, row

_STEPS = 1000


class TransferLine(QWidget):
    """Shows a Transfer; GUI thread. Signals: ``cancelled()``."""

    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ElidedLabel()
        self._words.setProperty("muted", True)
        self._bar = QProgressBar(textVisible=False)
        self._cancel = push_button("flat")
        self._cancel.setText(_("Cancel"))
        self._cancel.clicked.connect(self.cancelled)
        left = column(theme.TIGHT)
        left.addWidget(self._words)
        left.addWidget(self._bar)
        line = row()
        line.addLayout(left, 1)
        line.addWidget(self._cancel)
        self.setLayout(line)

    def show_transfer(self, name: str, transfer: Transfer) -> None:
        """Show how far the download of ``name`` is."""
        words = model_words.transfer(transfer)
        progress = transfer.progress
        self._words.setText(words)
        self._bar.setRange(0, _STEPS if progress and progress.total else 0)
        if progress and progress.total:
            self._bar.setValue(int(_STEPS * progress.done / progress.total))
        self._bar.setAccessibleName(_("Download of {model}").format(model=name))
        self._bar.setAccessibleDescription(words)
        self._cancel.setText(_("Cancel"))
        self._cancel.setEnabled(not transfer.stopping)
        self._cancel.setAccessibleName(_("Cancel the download of {model}").format(model=name))
