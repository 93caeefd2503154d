"""Opens a web address from an answer, but only after its true target was shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices

from kotaemon_desktop.core.i18n import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QMessageBox, QWidget

_SCHEMES = {"http", "https"}


def ask_and_open(parent: QWidget, url: QUrl) -> QMessageBox | None:
    """Show where ``url`` really leads and open it in the browser if that is wanted; only web addresses are.

    The host is shown encoded, so that letters that only look alike are seen.
    """
    if url.scheme().lower() not in _SCHEMES or not url.host():
        return None
    from PySide6.QtWidgets import QMessageBox  # with the first link: seldom used, and not small

    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(_("Open a web page?"))
    box.setText(
        _("This link leads to {host}, outside of this machine.").format(
            host=url.host(QUrl.ComponentFormattingOption.FullyEncoded)
        )
    )
    box.setInformativeText(bytes(url.toEncoded().data()).decode("ascii"))
    opens = box.addButton(_("Open in the browser"), QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole))
    opens.clicked.connect(partial(QDesktopServices.openUrl, url))
    box.open()
    return box
