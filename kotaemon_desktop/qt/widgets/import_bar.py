"""The library's footer: how far the import is with rate and time left, or what the library holds."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QWidget

from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.activity import Activity
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_STEPS = 1000


class ImportBar(QWidget):
    """Shows an Activity, or counts when there is none; lives in the GUI thread.

    Signals: ``cancel_asked()``, ``pause_asked()``, ``resume_asked()``.
    """

    cancel_asked = Signal()
    pause_asked = Signal()
    resume_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._activity: Activity | None = None
        self._counts = (0, 0, 0, 0)
        self._what = label(shrinks=True)
        self._detail = label("muted", shrinks=True)
        self._bar = QProgressBar()
        self._bar.setRange(0, _STEPS)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(4)
        self._button = push_button("flat")
        self._button.clicked.connect(self._clicked)
        self._cancel = push_button("flat")
        self._cancel.clicked.connect(self.cancel_asked)
        top = row(0)
        top.addWidget(self._what, 1)
        top.addWidget(self._button)
        top.addWidget(self._cancel)
        layout = column(theme.TIGHT)
        self.setLayout(layout)
        layout.addWidget(self._bar)
        layout.addLayout(top)
        layout.addWidget(self._detail)
        self.retranslate()

    def show_activity(self, activity: Activity | None) -> None:
        """Show how far ``activity`` is; None means that nothing is imported."""
        self._activity = activity
        self.retranslate()

    def show_counts(self, documents: int, passages: int, unfinished: int, paused: int = 0) -> None:
        """Remember what the library holds: ``unfinished`` passages lack their vectors, ``paused`` files wait."""
        self._counts = (documents, passages, unfinished, paused)
        if self._activity is None:
            self.retranslate()

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        self._bar.setAccessibleName(_("Progress of the import"))
        self._cancel.setText(_("Cancel"))
        self._cancel.setToolTip(_("Stop the import; what is stored stays"))
        if self._activity is None:
            self._show_rest()
        else:
            self._show_work(self._activity)

    def _show_work(self, activity: Activity) -> None:
        what, detail = activity.lines()
        self._write(what, detail)
        self._bar.setValue(round(_STEPS * (activity.fraction or 0.0)))
        self._bar.setVisible(True)
        self._button.setText(_("Pause"))
        self._button.setToolTip(_("Stop the import for now; it goes on when you say so, or at the next start"))
        for button in (self._button, self._cancel):
            button.setEnabled(not activity.stopping)
            button.setVisible(True)

    def _show_rest(self) -> None:
        documents, passages, unfinished, paused = self._counts
        parts = [count(documents, N_("{n} document"), N_("{n} documents"))]
        parts.append(count(passages, N_("{n} passage"), N_("{n} passages")))
        waiting = count(
            unfinished, N_("{n} passage is found by words only"), N_("{n} passages are found by words only")
        )
        if paused:
            held = count(paused, N_("Paused: {n} file waits"), N_("Paused: {n} files wait"))
            self._write(held, " · ".join(parts))
        else:
            self._write(" · ".join(parts) if documents else "", waiting if unfinished else "")
        self._bar.setVisible(False)
        self._button.setText(_("Go on"))
        self._button.setToolTip(_("Read the files that wait") if paused else _("Embed the passages that still lack it"))
        self._button.setEnabled(True)
        self._button.setVisible(bool(unfinished or paused))
        self._cancel.setEnabled(True)
        self._cancel.setVisible(bool(paused))

    def _write(self, what: str, detail: str) -> None:
        self._what.setText(what)
        self._detail.setText(detail)
        self._detail.setVisible(bool(detail) or self._activity is not None)  # the list above does not jump
        self.setAccessibleName(" ".join(part for part in (what, detail) if part))

    def _clicked(self) -> None:
        (self.resume_asked if self._activity is None else self.pause_asked).emit()
