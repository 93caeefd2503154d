"""One model: what it is, how it runs here, and what can be done with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QRadioButton, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.models.fit import Fit, Fitting
from kotaemon_desktop.core.models.remote import leaves
from kotaemon_desktop.core.registry import NONE, Card, Offer
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.transfer import Transfer
from kotaemon_desktop.qt.widgets import model_words
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel
from kotaemon_desktop.qt.widgets.transfer_line import TransferLine


class ModelRow(QFrame):
    """Shows a Card. GUI thread.

    Signals: ``chosen(str, str)`` with the model's id and task; ``test_asked(str)``, ``remove_asked(str)``,
    ``key_asked(str)``, ``cancel_asked(str)`` with the id; ``download_asked(str, str)``, ``discard_asked(str, str)``
    with the variant too.
    """

    chosen = Signal(str, str)
    test_asked = Signal(str)
    remove_asked = Signal(str)
    key_asked = Signal(str)
    cancel_asked = Signal(str)
    download_asked = Signal(str, str)
    discard_asked = Signal(str, str)

    def __init__(self, card: Card, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("panel", True)
        self.card = card
        self._testing = False
        self.radio = QRadioButton()
        self.radio.setVisible(card.installed)
        self.radio.setAutoExclusive(False)  # the list decides which one is checked
        self.radio.clicked.connect(self._choose)
        self._name = label("heading")
        self._mark = ToneLabel("accent")
        self._fit = ToneLabel("positive")
        self._facts = ElidedLabel()
        self._facts.setProperty("muted", True)
        self._variants = QComboBox()
        self._variants.activated.connect(lambda _place: self.retranslate())
        self._test, self._remove = push_button("flat"), push_button("flat")
        self._key = push_button("flat")
        self._discard, self._download = push_button("flat"), push_button()
        self.transfer = TransferLine()
        self.transfer.hide()
        self._arrange()
        self._connect()
        self.show_card(card)

    @property
    def offer(self) -> Offer | None:
        """The variant of a model to download that is chosen now."""
        return self.card.offers[max(0, self._variants.currentIndex())] if self.card.offers else None

    def show_card(self, card: Card, *, testing: bool = False) -> None:
        """Show ``card`` in place of the earlier state of the same model."""
        before = self.offer.variant.name if self.offer and self._variants.count() else ""
        self.card, self._testing = card, testing
        self._variants.clear()
        for offer in card.offers:
            self._variants.addItem(offer.variant.name, offer.variant.name)
        if before:
            self._variants.setCurrentIndex(max(0, self._variants.findData(before)))
        self.retranslate()

    def show_transfer(self, transfer: Transfer | None) -> None:
        """Show a download under way in place of the buttons, or the buttons again."""
        self.transfer.setVisible(transfer is not None)
        if transfer is not None:
            self.transfer.show_transfer(self.card.name, transfer)
        self._show_buttons()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        card, offer = self.card, self.offer
        missing = card.id == NONE
        nobody = _("Quotes only") if card.task == "generation" else _("None")
        self._name.setText(nobody if missing else card.name)
        self._mark.setText(_("recommended here") if card.recommended else "")
        self._mark.setVisible(card.recommended)
        self.radio.setChecked(card.is_default)
        self._show_fit(offer.fitting if offer else card.fitting)
        self._facts.setText(self._said(offer))
        self._name_buttons()
        self.radio.setAccessibleName(_("Use {model}").format(model=self._name.text()))
        self.radio.setToolTip(plain(self.radio.accessibleName()))
        self.setAccessibleName(self._name.text())
        self.setAccessibleDescription(" · ".join(filter(None, (self._fit.text(), self._facts.text()))))
        self._show_buttons()

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        title = row(theme.GAP)
        for widget in (self._name, self._fit, self._mark):
            title.addWidget(widget)
        title.addStretch(1)
        words = column(theme.TIGHT)
        words.addLayout(title)
        words.addWidget(self._facts)
        line = row(theme.GAP)
        line.addWidget(self.radio, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addLayout(words, 1)
        line.addLayout(self._buttons())
        body = column(theme.TIGHT, (theme.GAP + theme.TIGHT, theme.GAP, theme.GAP, theme.GAP))
        body.addLayout(line)
        body.addWidget(self.transfer)
        self.setLayout(body)

    def _buttons(self) -> QHBoxLayout:
        buttons = row()
        for button in (self._test, self._key, self._remove, self._discard, self._variants, self._download):
            buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)
        return buttons

    def _connect(self) -> None:
        self._test.clicked.connect(lambda: self.test_asked.emit(self.card.id))
        self._remove.clicked.connect(lambda: self.remove_asked.emit(self.card.id))
        self._key.clicked.connect(lambda: self.key_asked.emit(self.card.id))
        self.transfer.cancelled.connect(lambda: self.cancel_asked.emit(self.card.id))
        self._download.clicked.connect(partial(self._ask, self.download_asked))
        self._discard.clicked.connect(partial(self._ask, self.discard_asked))

    # --- what it shows ---------------------------------------------------------------------------------------------

    def _show_fit(self, fitting: Fitting | None) -> None:
        address = self.card.address
        self._fit.setVisible(fitting is not None or bool(address))
        if address:
            self._fit.setText(model_words.place(address))
            self._fit.set_tone("warning" if leaves(address) else "text_muted")
            self._fit.setToolTip(plain(_("What it is asked is sent to {address}.").format(address=address)))
        elif fitting is not None:
            self._fit.setText(fitting.name)
            self._fit.set_tone(model_words.TONES[fitting.fit])
            self._fit.setToolTip(fitting.why)

    def _said(self, offer: Offer | None) -> str:
        card = self.card
        if card.id == NONE and card.task == "reranking":
            return _("What is found by words and by meaning is put in order by its scores alone.")
        if card.id == NONE:
            return _("No model: the sentences that answer best, word for word, each with its source.")
        said = [card.address or model_words.facts(card, offer.variant.bytes if offer else card.bytes)]
        if self._testing:
            said.append(_("testing…"))
        elif card.speed is not None:
            said.append(model_words.speed(card.speed))
        elif card.installed:
            said.append(_("not tested yet"))
        elif offer is not None:
            said.append(model_words.estimate(offer.fitting))
        judged = offer.fitting if offer else card.fitting
        if judged is not None and judged.fit is not Fit.WELL:
            said.append(judged.why)
        return " · ".join(filter(None, said))

    def _name_buttons(self) -> None:
        name = self._name.text()
        arrived = self.offer.arrived if self.offer else 0
        for button, words, accessible in (
            (self._test, _("Test"), _("Test how fast {model} is here")),
            (self._key, _("Key…"), _("Give the key for {model}")),
            (self._remove, _("Remove"), _("Remove {model}")),
            (self._discard, _("Discard"), _("Delete what has arrived of {model}")),
            (
                self._download,
                _("Resume") if arrived else _("Download"),
                _("Resume the download of {model}") if arrived else _("Download {model}"),
            ),
        ):
            button.setText(words)
            button.setAccessibleName(accessible.format(model=name))
            button.setToolTip(plain(accessible.format(model=name)))
        self._test.setEnabled(not self._testing)
        self._variants.setAccessibleName(_("Precision of {model}").format(model=name))
        self._variants.setToolTip(_("int8 reads faster, int4 writes faster, fp32 is exact and large"))

    def _show_buttons(self) -> None:
        card, moving = self.card, not self.transfer.isHidden()
        real = card.installed and card.id != NONE
        self._test.setVisible(real)
        self._key.setVisible(bool(card.address))
        self._remove.setVisible(real and not card.address)
        self._download.setVisible(not card.installed and not moving)
        self._variants.setVisible(len(card.offers) > 1 and not moving)
        self._discard.setVisible(bool(self.offer and self.offer.arrived) and not moving)

    # --- what a person does ----------------------------------------------------------------------------------------

    def _choose(self) -> None:
        self.radio.setChecked(self.card.is_default)  # until it is true
        self.chosen.emit(self.card.id, self.card.task)

    def _ask(self, signal: SignalInstance) -> None:
        if self.offer is not None:
            signal.emit(self.card.id, self.offer.variant.name)
