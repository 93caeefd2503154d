"""Asks a person for a line of text, without holding up the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QLineEdit, QWidget

from kotaemon_desktop.core.i18n import _


def ask_text(
    parent: QWidget,
    title: str,
    words: str,
    verb: str,
    then: Callable[[str], object],
    text: str = "",
    *,
    secret: bool = False,
) -> None:
    """Ask for what ``words`` say, with ``text`` proposed; ``then`` gets what was typed when ``verb`` is chosen."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(words)
    dialog.setTextEchoMode(QLineEdit.EchoMode.Password if secret else QLineEdit.EchoMode.Normal)
    dialog.setTextValue(text)
    dialog.setOkButtonText(verb)
    dialog.setCancelButtonText(_("Cancel"))
    dialog.textValueSelected.connect(then)
    dialog.open()
