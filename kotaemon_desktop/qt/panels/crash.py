"""Shows the report of a crash, which is on this computer only: to be copied, found, or deleted."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_SIZE = (720, 480)


class CrashDialog(QDialog):
    """One report. GUI thread."""

    def __init__(self, report: Path, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._report = report
        self._promise = label(wrap=True)
        self._text = QPlainTextEdit(text)
        self._text.setReadOnly(True)
        self._text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._folder, self._delete = push_button("flat"), push_button("flat")
        self._copy, self._close = push_button("flat"), push_button("primary")
        self._folder.clicked.connect(self._open_folder)
        self._delete.clicked.connect(self._forget)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text.toPlainText()))
        self._close.clicked.connect(self.accept)
        buttons = row()
        for button in (self._folder, self._delete):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for button in (self._copy, self._close):
            buttons.addWidget(button)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        body.addWidget(self._promise)
        body.addWidget(self._text, 1)
        body.addLayout(buttons)
        self.setLayout(body)
        self._close.setDefault(True)
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Crash report"))
        self._promise.setText(
            _(
                "This report is on your computer and was sent to nobody. It holds versions, places in the program and "
                "the last lines of its log; no text of your documents."
            )
        )
        self._text.setAccessibleName(_("Crash report"))
        self._folder.setText(_("Open folder"))
        self._delete.setText(_("Delete"))
        self._copy.setText(_("Copy"))
        self._close.setText(_("Close"))

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report.parent)))

    def _forget(self) -> None:
        self._report.unlink(missing_ok=True)
        self.accept()
