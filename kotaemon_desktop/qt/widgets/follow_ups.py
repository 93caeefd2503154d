"""What could be asked next: a line of topics that stand beside the answer in its documents."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.widgets.parts import label, push_button, row

_AROUND = 20  # pixels of a button around its text


class FollowUps(QWidget):
    """Offers topics; hidden while there are none. GUI thread. Signals: ``chosen(str)`` with the topic."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lead = label("muted")
        self._buttons: list[QPushButton] = []
        self._row = row(theme.TIGHT, (theme.WIDE, 0, theme.WIDE, 0))
        self.setLayout(self._row)
        self._row.addWidget(self._lead)
        self._row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.hide()
        self.retranslate()

    def show_topics(self, topics: tuple[str, ...]) -> None:
        """Offer ``topics`` instead of what was offered."""
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(topic) for topic in topics]
        for place, button in enumerate(self._buttons, 1):
            self._row.insertWidget(place, button)
        self._fit()
        self.setVisible(bool(topics))

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Read on"))
        self._lead.setText(_("Read on:"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Cut the topics to the room that there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._buttons:
            room = self.width() - self._lead.sizeHint().width() - 2 * theme.WIDE
            each = room // len(self._buttons) - theme.TIGHT - _AROUND
            for button in self._buttons:
                text = button.fontMetrics().elidedText(button.accessibleName(), Qt.TextElideMode.ElideRight, each)
                button.setText(text.replace("&", "&&"))

    def _button(self, topic: str) -> QPushButton:
        button = push_button("flat")
        button.setToolTip(plain(topic))
        button.setAccessibleName(topic)
        button.clicked.connect(partial(self.chosen.emit, topic))
        return button
