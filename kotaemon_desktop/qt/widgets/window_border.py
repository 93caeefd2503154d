"""The line in a conversation that says from where on the model still sees it."""

from __future__ import annotations

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import row
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel


class WindowBorder(QWidget):
    """Words between two thin lines. GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ToneLabel("text_muted")
        line = row(theme.GAP)
        self.setLayout(line)
        line.addWidget(_rule())
        line.addWidget(self._words)
        line.addWidget(_rule())
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        words = _("The model sees the conversation from here on")
        self._words.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(_("There was no more room: of the questions above it knows the titles only."))


def _rule() -> QWidget:
    rule = QWidget()
    rule.setFixedHeight(1)
    rule.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    rule.setAutoFillBackground(True)
    rule.setBackgroundRole(QPalette.ColorRole.Mid)  # the theme's border
    return rule
