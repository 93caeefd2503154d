"""The models of one task: those that are here, and those that can be had."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.registry import Card
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.models import ModelsModel
from kotaemon_desktop.qt.widgets.model_row import ModelRow
from kotaemon_desktop.qt.widgets.parts import column, label


class ModelList(QScrollArea):
    """Shows the cards of one task of a ModelsModel; GUI thread. A row stays where it is while its model does.

    Signals: ``key_asked(str)``: somebody wants to give the key for that model.
    """

    key_asked = Signal(str)

    def __init__(self, view_model: ModelsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self.rows: dict[str, ModelRow] = {}
        self._order: list[tuple[str, bool]] = []
        self.setWidgetResizable(True)
        self.setStyleSheet("ModelList { background: transparent }")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lead = label("muted", wrap=True)
        self._here, self._elsewhere, self._offered = label("heading"), label("heading"), label("heading")
        inner = QWidget()
        self._rows = column(theme.GAP, (0, theme.GAP, theme.GAP, theme.GAP))
        inner.setLayout(self._rows)
        self.setWidget(inner)

    def show_cards(self, cards: Sequence[Card], lead: str) -> None:
        """Show ``cards``, the installed ones first, below ``lead``, which says what they are for."""
        order = [(card.id, card.installed) for card in cards]
        if order != self._order:
            self._order = order
            self._build(cards)
        self._lead.setText(lead)
        self._here.setText(_("Installed"))
        self._elsewhere.setText(_("Models elsewhere"))
        self._offered.setText(_("To download"))
        for card in cards:
            self.rows[card.id].show_card(card, testing=card.id in self._model.testing)
            self.rows[card.id].show_transfer(self._model.transfers.get(card.id))

    def clear(self) -> None:
        """Let go of all rows."""
        self._order = []
        self._build(())

    def show_transfer(self, id: str) -> None:  # noqa: A002 - it is what it is
        """Show how far the download of the model ``id`` is, if it is one of these."""
        if id in self.rows:
            self.rows[id].show_transfer(self._model.transfers.get(id))

    def _build(self, cards: Sequence[Card]) -> None:
        while (item := self._rows.takeAt(0)) is not None:
            widget = item.widget()
            if isinstance(widget, ModelRow):
                widget.hide()
                widget.deleteLater()
        self.rows = {card.id: self._row(card) for card in cards}
        self._rows.addWidget(self._lead)
        served = [card for card in cards if card.address]
        here = [card for card in cards if card.installed and not card.address]
        offered = [card for card in cards if not card.installed]
        for heading, group in ((self._here, here), (self._elsewhere, served), (self._offered, offered)):
            heading.setVisible(bool(group))
            self._rows.addWidget(heading)
            for card in group:
                self._rows.addWidget(self.rows[card.id])
        self._rows.addStretch(1)

    def _row(self, card: Card) -> ModelRow:
        made = ModelRow(card)
        made.chosen.connect(self._model.choose)
        made.test_asked.connect(self._model.test)
        made.remove_asked.connect(self._model.remove)
        made.key_asked.connect(self.key_asked)
        made.cancel_asked.connect(self._model.cancel)
        made.download_asked.connect(self._model.download)
        made.discard_asked.connect(self._model.discard)
        return made
