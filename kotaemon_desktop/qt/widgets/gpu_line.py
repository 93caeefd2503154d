"""Says that there is an NVIDIA card and what it takes to use it; nothing is fetched before its button is pressed."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QMessageBox, QToolTip, QWidget

from kotaemon_desktop.core.gpu_pack import LICENCE, NAME, Offer
from kotaemon_desktop.core.i18n import _, sentences
from kotaemon_desktop.qt import links, theme
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.viewmodels.gpu_pack import GpuPackModel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.transfer_line import TransferLine


class GpuLine(QFrame):
    """Shows a GpuPackModel, hidden where there is nothing to say. GUI thread."""

    def __init__(self, view_model: GpuPackModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._words = label(wrap=True)
        self._licence, self._do = push_button("flat"), push_button()
        self._transfer = TransferLine()
        line = row()
        line.addWidget(self._words, 1)
        line.addWidget(self._licence)
        line.addWidget(self._do)
        body = column(theme.TIGHT, (theme.GAP, theme.TIGHT, theme.GAP, theme.TIGHT))
        body.addLayout(line)
        body.addWidget(self._transfer)
        self.setLayout(body)
        self.setProperty("panel", True)
        self._licence.clicked.connect(lambda: links.ask_and_open(self, QUrl(LICENCE)))
        self._do.clicked.connect(self._act)
        self._transfer.cancelled.connect(view_model.cancel)
        view_model.changed.connect(self.retranslate)
        for button in (self._licence, self._do):
            button.setAutoDefault(False)
        self.retranslate()

    def retranslate(self) -> None:
        """Write it again: in the current language, with what is known now."""
        offer, transfer = self._model.offer, self._model.transfer
        self.setVisible(offer is not None)
        if offer is None:
            return
        self._words.setText(said(offer))
        self._licence.setText(_("NVIDIA's licence…"))
        self._licence.setVisible(offer.obstacle is None and not offer.installed)
        self._do.setText(_action(offer))
        self._do.setAccessibleName(_("Remove the GPU pack") if offer.installed else _action(offer))
        self._do.setVisible(offer.obstacle is None and transfer is None)
        self._transfer.setVisible(transfer is not None)
        if transfer is not None:
            self._transfer.show_transfer(_(NAME), transfer)

    def _act(self) -> None:
        offer = self._model.offer
        if offer is None:
            return
        if offer.installed:
            self._ask_whether(offer)
        elif offer.command:
            QGuiApplication.clipboard().setText(offer.command)
            QToolTip.showText(self._do.mapToGlobal(QPoint(0, self._do.height())), _("Copied"), self._do)
        else:
            self._model.install()

    def _ask_whether(self, offer: Offer) -> None:
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(_("Remove the GPU pack ({unpacked})?").format(unpacked=size(offer.pack.unpacked)))
        box.setInformativeText(
            _("Language models run on the processor then; to have it again is to download it again.")
        )
        remove = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        remove.clicked.connect(self._model.remove)
        box.open()


def said(offer: Offer) -> str:
    """Return what there is to say of the card."""
    card, sizes = offer.card, {"bytes": size(offer.pack.bytes), "unpacked": size(offer.pack.unpacked)}
    seen = _("This machine has an {card} (driver {driver}).").format(card=card.name, driver=card.driver)
    if offer.obstacle is not None:
        return sentences(seen, _("Models cannot use it: {why}.").format(why=offer.obstacle))
    if offer.installed:
        return sentences(seen, _("The GPU pack is installed ({unpacked}).").format(**sizes))
    if offer.command:
        return sentences(seen, _("To let language models run on it, run: {command}").format(command=offer.command))
    lack = _("Language models could run on it with the GPU pack: {bytes} to download, {unpacked} on the disk.")
    return sentences(seen, lack.format(**sizes), _("Most of it is NVIDIA's, under NVIDIA's own licence."))


def _action(offer: Offer) -> str:
    if offer.installed:
        return _("Remove")
    return _("Copy the command") if offer.command else _("Agree and download")
