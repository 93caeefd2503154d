"""The page of the candidate: another model or pipeline tried on some conversations, beside the proven way."""

from __future__ import annotations

from collections.abc import Mapping
from time import time

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFrame,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from kotaemon_desktop.core.canary import words as canary_words
from kotaemon_desktop.core.canary.records import Way
from kotaemon_desktop.core.canary.report import Report
from kotaemon_desktop.core.i18n import _, percent
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.numbers import moment
from kotaemon_desktop.qt.viewmodels.canary import CanaryModel, Shown
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_SIZE = (760, 624)
_SHARES = (0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
_SHARE = 0.2  # proposed
_LINE = 32  # height of a row
_SHEET = "QTableWidget::item { padding: 0 5px; }"


class CanaryDialog(QDialog):
    """Shows a CanaryModel in a window of its own. GUI thread."""

    def __init__(self, view_model: CanaryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view_model = view_model
        self._shown: Shown | None = None
        self._heading, self._about = label("heading"), label("muted", wrap=True)
        self._model_label, self._pipeline_label, self._share_label = label(), label(), label()
        self._model, self._pipeline = QComboBox(), QComboBox()
        self._share = QComboBox()
        self._start = push_button()
        self._standing, self._certainty = label(wrap=True), label("muted", wrap=True)
        self._table = QTableWidget(0, 3)
        self._rows = QFrame()
        self._nothing = label("muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._told = label("muted", shrinks=True)
        self._stop, self._promote, self._close = push_button(), push_button(), push_button("primary")
        self._arrange()
        self._start.clicked.connect(self._begin)
        self._stop.clicked.connect(view_model.stop)
        self._promote.clicked.connect(view_model.promote)
        self._close.clicked.connect(self.close)
        for choice in (self._model, self._pipeline):
            choice.currentIndexChanged.connect(self._offer_start)
        view_model.changed.connect(self._show)
        view_model.failed.connect(lambda error: self._told.setText(said(error)))
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Try a candidate"))
        self._heading.setText(_("Another model or pipeline, tried beside the proven one"))
        self._about.setText(
            _(
                "The candidate answers some of the conversations, each wholly. Rate answers with the thumbs below "
                "them. When the candidate fails or is turned down several times in a row, the proven way answers "
                "everything again."
            )
        )
        for named, words, box in (
            (self._model_label, _("Language model"), self._model),
            (self._pipeline_label, _("Pipeline"), self._pipeline),
            (self._share_label, _("Share of the conversations"), self._share),
        ):
            named.setText(words)
            box.setAccessibleName(words)
        self._start.setText(_("Start"))
        self._stop.setText(_("Stop the trial"))
        self._promote.setText(_("Promote the candidate"))
        self._close.setText(_("Close"))
        self._table.setAccessibleName(_("Comparison"))
        self._nothing.setText(
            _("Nothing was tried yet. Choose a language model or a pipeline and start: the comparison appears here.")
        )
        if self._shown is not None:
            self._view_model.refresh()  # the names of what can be tried too

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Show what is true now, each time the page comes up."""
        super().showEvent(event)
        if not event.spontaneous():
            self._view_model.refresh()

    def follow(self) -> None:
        """Look again how it goes, if anybody sees it; who opens the page sees the newest anyway."""
        if self.isVisible():
            self._view_model.refresh()

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        choices = row(theme.WIDE)
        for named, box, stretch in (
            (self._model_label, self._model, 1),
            (self._pipeline_label, self._pipeline, 1),
            (self._share_label, self._share, 0),
        ):
            named.setBuddy(box)
            pair = column(theme.TIGHT)
            pair.addWidget(named)
            pair.addWidget(box)
            choices.addLayout(pair, stretch)
        choices.addWidget(self._start, 0, Qt.AlignmentFlag.AlignBottom)
        buttons = row()
        buttons.addWidget(self._told, 1)
        for button in (self._stop, self._promote, self._close):
            buttons.addWidget(button)
        self._arrange_table()
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        body.addWidget(self._heading)
        body.addWidget(self._about)
        body.addLayout(choices)
        body.addSpacing(theme.GAP)
        for widget in (self._standing, self._rows, self._certainty):
            body.addWidget(widget)
        body.addWidget(self._nothing, 1)
        body.addStretch(1)
        body.addLayout(buttons)
        self.setLayout(body)
        self._close.setDefault(True)

    def _arrange_table(self) -> None:
        table, header = self._table, self._table.horizontalHeader()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setStyleSheet(_SHEET)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(_LINE)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self._rows.setProperty("panel", True)
        inside = column(0, (1, 1, 1, 1))
        inside.addWidget(table)
        self._rows.setLayout(inside)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _show(self, shown: Shown) -> None:
        if self._shown is None or self._shown.choices != shown.choices:
            self._show_choices(shown)  # otherwise what a person has begun to choose stays
        self._shown = shown
        self._told.clear()
        report = shown.report
        self._stop.setVisible(shown.is_running)
        self._promote.setVisible(report is not None and report.trial.ending is None)
        self._nothing.setVisible(report is None)
        for part in (self._standing, self._rows, self._certainty):
            part.setVisible(report is not None)
        if report is not None:
            self._standing.setText(_standing(report, shown.share))
            self._certainty.setText(canary_words.certainty(report))
            self._show_table(report)

    def _show_choices(self, shown: Shown) -> None:
        _fill(self._model, shown.models, shown.candidate.model)
        _fill(self._pipeline, shown.pipelines, shown.candidate.pipeline)
        shares = sorted({*_SHARES, shown.share} - {0.0})
        _fill(self._share, {each: percent(each) for each in shares}, shown.share or _SHARE)
        self._offer_start()

    def _show_table(self, report: Report) -> None:
        self._table.setHorizontalHeaderLabels(["", _("Proven"), _("Candidate")])
        lines = canary_words.rows(report)
        self._table.setRowCount(len(lines))
        for line, cells in enumerate(lines):
            for place, text in enumerate(cells):
                self._table.setItem(line, place, QTableWidgetItem(text))
        header = self._table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._table.setFixedHeight(header.sizeHint().height() + len(lines) * _LINE + 2)

    # --- what a person does ----------------------------------------------------------------------------------------

    def _offer_start(self) -> None:
        self._start.setEnabled(bool(self._model.currentData() or self._pipeline.currentData()))

    def _begin(self) -> None:
        way = Way(self._model.currentData() or "", self._pipeline.currentData() or "")
        self._view_model.start(way, self._share.currentData())


def _standing(report: Report, share: float) -> str:
    """Return where a trial stands, in a sentence."""
    trial = report.trial
    if trial.ending is not None:
        return canary_words.ended(trial)
    since = _("Since {when} “{candidate}” answers {share} of the conversations.")
    when = moment(trial.began_at, time())
    return since.format(when=when, candidate=canary_words.way(trial.candidate), share=percent(share))


def _fill(box: QComboBox, entries: Mapping[str, str] | Mapping[float, str], chosen: str | float) -> None:
    """Offer ``entries`` (value: words) with ``chosen`` shown; no signal is sent."""
    blocked = box.blockSignals(True)
    box.clear()
    for value, words in entries.items():
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    box.blockSignals(blocked)
