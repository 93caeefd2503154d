"""The usage page: what was in memory, for how long, against keeping everything loaded, and which timers suit."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QDialog, QFileDialog, QFrame, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.storage.usage_report import Period, TimerAdvice, UsageReport
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.numbers import duration
from kotaemon_desktop.qt.viewmodels.usage import UsageModel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.usage_bars import Bar, UsageBars
from kotaemon_desktop.qt.widgets.usage_table import UsageTable
from kotaemon_desktop.qt.widgets.usage_words import PERIODS, advice_words, part_name, part_words, summary

_SIZE = (840, 624)


class UsageDialog(QDialog):
    """Shows a UsageModel in a window of its own, beside the main one. GUI thread."""

    def __init__(self, view_model: UsageModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._heading = label("heading")
        self._workspace = QComboBox()
        self._period = QComboBox()
        self._summary = label(wrap=True)
        self._bars = UsageBars()
        self._table = UsageTable()
        self._chart = _framed(self._bars, theme.GAP)
        self._rows = _framed(self._table, 1)
        self._suggestions = label("heading")
        self._advice = column(theme.TIGHT)
        self._told = label("muted", shrinks=True)
        self._save = push_button()
        self._close = push_button("primary")
        self._arrange()
        self._workspace.currentIndexChanged.connect(self._choose_workspace)
        self._period.currentIndexChanged.connect(self._choose)
        self._save.clicked.connect(self._ask_where)
        self._close.clicked.connect(self.close)
        view_model.changed.connect(self._show_report)
        view_model.saved.connect(self._tell_saved)
        view_model.failed.connect(self._tell_failed)
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Memory use"))
        self._heading.setText(_("What was in memory"))
        self._suggestions.setText(_("Suggestions"))
        self._save.setText(_("Save as CSV…"))
        self._close.setText(_("Close"))
        self._workspace.setAccessibleName(_("Workspace"))
        self._period.setAccessibleName(_("Period"))
        self._bars.setAccessibleName(_("Memory use over time"))
        self._table.retranslate()
        _fill(self._period, {period.value: _(words) for period, words in PERIODS.items()}, self._model.period.value)
        self._told.clear()
        self._show_report()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Report what is true now, each time the page comes up."""
        super().showEvent(event)
        if not event.spontaneous():
            self._told.clear()
            names = self._model.workspaces
            _fill(self._workspace, {name: name for name in names}, self._model.workspace)
            self._workspace.setVisible(len(names) > 1)
            self._model.refresh()

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        top = row()
        top.addWidget(self._heading)
        top.addStretch(1)
        top.addWidget(self._workspace)
        top.addWidget(self._period)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        buttons = row()
        buttons.addWidget(self._told, 1)
        buttons.addWidget(self._save)
        buttons.addWidget(self._close)
        body.addLayout(top)
        for widget in (self._summary, self._chart, self._rows, self._suggestions):
            body.addWidget(widget)
        body.addLayout(self._advice)
        body.addStretch(1)
        body.addLayout(buttons)
        self.setLayout(body)
        self._close.setDefault(True)

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _show_report(self) -> None:
        report = self._model.report
        self._save.setEnabled(report is not None and bool(report.total.components))
        if report is None:
            self._summary.setText(_("Reading…"))
            self._chart.hide()
            self._rows.hide()
            self._suggestions.hide()
            return
        self._summary.setText(summary(report.total))
        self._show_bars(report)
        self._rows.setVisible(bool(report.total.components))
        self._table.show_components(report.total.components)
        self._show_advice(report)

    def _show_bars(self, report: UsageReport) -> None:
        period = self._model.period
        self._chart.setVisible(len(report.parts) > 1 and bool(report.total.components))
        self._bars.show_bars(
            [
                Bar(part.byte_seconds, part.always_on_byte_seconds, part_name(part, period), part_words(part, period))
                for part in report.parts
            ],
            (_("In memory"), _("Always loaded")),
        )

    def _show_advice(self, report: UsageReport) -> None:
        while (item := self._advice.takeAt(0)) is not None:
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        self._suggestions.setVisible(bool(report.total.components))
        for advice in sorted(report.advice, key=lambda each: each.suggested == each.timer):  # what is new first
            line = _AdviceLine(advice)
            line.taken.connect(self._model.use_timer)
            self._advice.addWidget(line)
        if not report.advice and report.total.components:
            words = label("muted", wrap=True)
            words.setText(
                _("None yet: a component has to rest and be needed again a few times before there is one to make.")
            )
            self._advice.addWidget(words)

    # --- what a person does ----------------------------------------------------------------------------------------

    def _choose(self, place: int) -> None:
        self._told.clear()
        self._model.show_period(Period(self._period.itemData(place)))

    def _choose_workspace(self, place: int) -> None:
        self._told.clear()
        self._model.show_workspace(self._workspace.itemData(place))

    def _ask_where(self) -> None:
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = str(Path(folder) / f"kotaemon-usage-{self._model.period.value}.csv")
        chosen, _kind = QFileDialog.getSaveFileName(self, _("Save as CSV"), proposed, "CSV (*.csv)")
        if chosen:
            self._model.save_csv(Path(chosen))

    def _tell_saved(self, file: Path) -> None:
        self._told.setText(_("Saved: {file}").format(file=file))

    def _tell_failed(self, error: Exception) -> None:
        self._told.setText(_("That did not work: {detail}").format(detail=said(error)))


class _AdviceLine(QWidget):
    """A suggestion, with a button that takes it. GUI thread.

    Signals: ``taken(str, float)``: the component and the seconds of its new timer.
    """

    taken = Signal(str, float)

    def __init__(self, advice: TimerAdvice) -> None:
        super().__init__()
        new = advice.suggested != advice.timer
        words = label("" if new else "muted", wrap=True)
        words.setText(advice_words(advice))
        line = row()
        self.setLayout(line)
        line.addWidget(words, 1)
        if new:
            use = push_button("flat")
            use.setText(_("Use {timer}").format(timer=duration(advice.suggested)))
            use.setAccessibleDescription(words.text())
            use.clicked.connect(partial(self.taken.emit, advice.component, advice.suggested))
            line.addWidget(use, 0, Qt.AlignmentFlag.AlignTop)


def _fill(box: QComboBox, entries: dict[str, str], chosen: str) -> None:
    """Offer ``entries`` (value: words) with ``chosen`` shown; no signal is sent."""
    blocked = box.blockSignals(True)
    box.clear()
    for value, words in entries.items():
        box.addItem(words, value)
    box.setCurrentIndex(box.findData(chosen))
    box.blockSignals(blocked)


def _framed(inner: QWidget, margin: int) -> QFrame:
    frame = QFrame()
    frame.setProperty("panel", True)
    inside = column(0, (margin, margin, margin, margin))
    inside.addWidget(inner)
    frame.setLayout(inside)
    return frame
