"""The dialog that says which files of a watched folder are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QListWidget, QPlainTextEdit, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.leaving_out import LeavingOut
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

if TYPE_CHECKING:
    from kotaemon_desktop.core.pipeline.watching import LeftOut

_SIZE = (520, 480)
_MOST_LISTED = 200
_TYPING_MS = 250  # without a key before the patterns are tried


class LeaveOutDialog(QDialog):
    """Edits the patterns of a LeavingOut, one a line, shows what they fit now, and closes it. GUI thread."""

    def __init__(self, view_model: LeavingOut, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._heading, self._about = label("heading"), label("muted", wrap=True)
        self._patterns = QPlainTextEdit("\n".join(view_model.place.ignored))
        self._patterns.setTabChangesFocus(True)
        self._told = label(wrap=True)
        self._files = QListWidget()
        self._files.setStyleSheet("QListWidget::item { padding: 2px 5px }")
        self._cancel, self._save = push_button(), push_button("primary")
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._arrange()
        self._pause.timeout.connect(self._try)
        self._patterns.textChanged.connect(self._pause.start)
        self._save.clicked.connect(self._keep)
        self._cancel.clicked.connect(self.reject)
        self.finished.connect(self._leave)
        view_model.tried.connect(self._show)
        view_model.failed.connect(self._show_failure)
        view_model.kept.connect(self.accept)
        self.resize(*_SIZE)
        self.retranslate()
        self._try()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Leave out files"))
        self._heading.setText(_("What to leave out of “{folder}”").format(folder=self._model.place.name))
        self._about.setText(
            _(
                "One pattern a line, for a name or for a path below the folder; * stands for any characters, ? for "
                "one. What is in the library already stays there."
            )
        )
        self._patterns.setAccessibleName(_("Patterns"))
        self._patterns.setPlaceholderText(_("archive\n*draft*"))
        self._files.setAccessibleName(_("Left out now"))
        self._cancel.setText(_("Cancel"))
        self._save.setText(_("Save"))

    def _arrange(self) -> None:
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self._cancel)
        buttons.addWidget(self._save)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        body.addWidget(self._heading)
        body.addWidget(self._about)
        body.addWidget(self._patterns, 1)
        body.addWidget(self._told)
        body.addWidget(self._files, 2)
        body.addLayout(buttons)
        self.setLayout(body)

    def _lines(self) -> tuple[str, ...]:
        """Return the patterns that stand there."""
        return tuple(filter(None, map(str.strip, self._patterns.toPlainText().splitlines())))

    def _try(self) -> None:
        self._model.try_(self._lines())

    def _keep(self) -> None:
        self._pause.stop()
        self._model.keep(self._lines())

    def _leave(self) -> None:
        self._pause.stop()
        self._model.close()

    def _show(self, left_out: LeftOut) -> None:
        left = left_out.files
        told = _("Left out now: {left} of {total} files").format(left=f"{len(left):,}", total=f"{left_out.total:,}")
        self._told.setText(told)
        self._files.clear()
        self._files.addItems(left[:_MOST_LISTED])
        if len(left) > _MOST_LISTED:
            self._files.addItem(_("and {n} more").format(n=f"{len(left) - _MOST_LISTED:,}"))

    def _show_failure(self, error: Exception) -> None:
        self._files.clear()
        away = isinstance(error, OSError)
        self._told.setText(_("The folder cannot be reached now.") if away else str(error))
