"""Lets Qt's own words (buttons of dialogs, the file chooser) follow the program's language."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QTranslator
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.core.i18n import language

_NAME = "words of Qt"


def follow_language(app: QApplication) -> None:
    """Give ``app`` Qt's words in the current language; English needs none."""
    if before := app.findChild(QTranslator, _NAME):
        app.removeTranslator(before)
        before.deleteLater()
    if language() == "en":
        return
    words = QTranslator(app)
    words.setObjectName(_NAME)
    if words.load(f"qtbase_{language()}", QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)):
        app.installTranslator(words)
