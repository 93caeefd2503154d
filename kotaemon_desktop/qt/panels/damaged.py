"""Says that the library is damaged and mends it on the spot: by saving what can be read, or from a backup."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QProgressBar, QWidget

from kotaemon_desktop.core.errors import DamagedLibrary
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.workers import Job, Lanes

_WIDTH = 560


class DamagedDialog(QDialog):
    """Stands before a window whose library cannot be opened; the window has the lock of its folder.

    The work is done in the importing lane. GUI thread.

    Rejected: the person wants to quit; what was under way is given up and has changed nothing.

    Signals: ``mended(str)``: the library can be opened again; what a person should know of it.
    """

    mended = Signal(str)

    def __init__(self, folder: DataFolder, error: DamagedLibrary, lanes: Lanes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder, self._lanes = folder, lanes
        self._job: Job | None = None
        self._heading, self._found, self._promise = label("heading"), label(wrap=True), label("muted", wrap=True)
        self._progress = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self._said = label(wrap=True)
        self._quit, self._restore, self._save = push_button("flat"), push_button(), push_button("primary")
        self._quit.clicked.connect(self.reject)
        self._restore.clicked.connect(self._ask_which)
        self._save.clicked.connect(self.save)
        self.rejected.connect(self._give_up)
        self._arrange()
        self._save.setDefault(True)
        self.setWindowTitle(_("The library is damaged"))
        self._heading.setText(_("The library is damaged"))
        self._found.setText(
            _("The library in {folder} is damaged ({detail}). Nothing was changed.").format(**error.shown_facts())
        )
        self._promise.setText(
            _(
                "What can still be read can be saved to a fresh library; documents of which a part is lost are read "
                "again from their files. Or bring a backup back. The damaged file is kept in either case."
            )
        )
        self._progress.setAccessibleName(_("Progress"))
        self._quit.setText(_("Quit"))
        self._restore.setText(_("Restore a backup…"))
        self._save.setText(_("Save what can be read"))
        self._show_busy(False)
        self._say("")

    def save(self) -> None:
        """Put what can be read into a fresh library."""
        self._work(partial(_saved, self._folder))

    def restore(self, backup: Path) -> None:
        """Bring this backup back."""
        self._work(partial(_restored, backup, self._folder))

    def _arrange(self) -> None:
        buttons = row()
        buttons.addWidget(self._quit)
        buttons.addStretch(1)
        buttons.addWidget(self._restore)
        buttons.addWidget(self._save)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        for widget in (self._heading, self._found, self._promise, self._progress, self._said):
            body.addWidget(widget)
        body.addSpacing(theme.GAP)
        body.addLayout(buttons)
        self.setLayout(body)
        self.setMinimumWidth(_WIDTH)

    def _ask_which(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Restore a backup"), "", "Zip (*.zip);;* (*)")
        if file:
            self.restore(Path(file))

    def _work(self, work: partial[Iterator[int | str]]) -> None:
        self._show_busy(True)
        self._say("")
        self._job = self._lanes.run("importing", work, on_event=self._hear, on_error=self._fail)

    def _hear(self, event: int | str) -> None:
        if isinstance(event, int):
            self._say(count(event, N_("{n} entry read so far"), N_("{n} entries read so far")))
        else:
            self.accept()
            self.mended.emit(event)

    def _fail(self, error: Exception) -> None:
        self._show_busy(False)
        self._say(said(error))

    def _give_up(self) -> None:
        if self._job is not None:
            self._job.cancel()

    def _show_busy(self, busy: bool) -> None:
        self._progress.setVisible(busy)
        for button in (self._restore, self._save):
            button.setEnabled(not busy)

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))


def _saved(folder: DataFolder) -> Iterator[int | str]:
    from kotaemon_desktop.core.storage.salvage import SalvageReport, salvage

    lines: list[str] = []
    for event in salvage(folder):
        if isinstance(event, SalvageReport):
            lines += event.lines()
        else:
            yield event
    yield "\n".join(lines)


def _restored(backup: Path, folder: DataFolder) -> Generator[int | str]:
    from kotaemon_desktop.core.storage.backup import RestoreReport, restoring

    with closing(restoring(backup, folder)) as events:
        for event in events:
            yield event.text() if isinstance(event, RestoreReport) else event
