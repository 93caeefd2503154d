"""The import report as a window: a document's pages and what reading them gave, and its scanned pages to be read."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QDialog, QTreeWidget, QTreeWidgetItem, QWidget

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.i18n import N_, _, count, sentences
from kotaemon_desktop.core.records import DocumentState, PageKind
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.report import WORDS, PageRun, Report, ReportModel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_SIZE = (480, 480)
_PAGES_WIDTH = 140
_ICONS = {PageKind.TEXT: ("check", "positive"), PageKind.RECOGNISED: ("check", "positive"), PageKind.EMPTY: None}
_TROUBLE = ("warning", "warning")


class ReportDialog(QDialog):
    """Shows a ReportModel in a window of its own, and goes on following the document while that is read. GUI thread."""

    def __init__(self, view_model: ReportModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._report: Report | None = None
        self._name = label("heading", wrap=True)
        self._summary = label("muted", wrap=True)
        self._pages = QTreeWidget()
        self._pages.setRootIsDecorated(False)
        self._pages.setUniformRowHeights(True)
        self._pages.setStyleSheet("QTreeView::item { padding: 4px }")
        self._pages.setColumnCount(2)
        self._pages.setColumnWidth(0, _PAGES_WIDTH)
        self._pages.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self._advice = label(wrap=True)
        self._advice.setTextFormat(Qt.TextFormat.PlainText)
        self._advice.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._copy = push_button()
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(extras.command("ocr")))
        self._read = push_button("primary")
        self._read.clicked.connect(view_model.read_scans)
        self._close = push_button()
        self._close.clicked.connect(self.close)
        buttons = row()
        buttons.addWidget(self._copy)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._read)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        self.setLayout(body)
        for widget in (self._name, self._summary):
            body.addWidget(widget)
        body.addWidget(self._pages, 1)
        body.addWidget(self._advice)
        body.addLayout(buttons)
        view_model.changed.connect(self._show)
        view_model.gone.connect(self.close)
        self.resize(*_SIZE)
        self.retranslate()

    def follow(self, document_id: int) -> None:
        """Show the report of a document."""
        self._model.open(document_id)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Import report"))
        self._pages.setHeaderLabels([_("Pages"), _("What they are")])
        self._pages.setAccessibleName(_("Pages of the document and what they are"))
        self._copy.setText(_("Copy the command"))
        self._close.setText(_("Close"))
        if self._report is not None:
            self._show(self._report)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Let go of the document."""
        self._model.close()
        super().closeEvent(event)

    def _show(self, report: Report) -> None:
        self._report = report
        self._name.setText(report.document.name)
        self._summary.setText(_summary(report))
        self._pages.clear()
        for run in report.runs:
            item = QTreeWidgetItem([_numbers(run), _(WORDS[run.kind])])
            if sign := _ICONS.get(run.kind, _TROUBLE):
                item.setIcon(1, theme.icon(*sign))
            self._pages.addTopLevelItem(item)
        self._pages.setVisible(bool(report.runs))
        self._show_offer(report)

    def _show_offer(self, report: Report) -> None:
        offered = bool(report.scans) and report.document.state is not DocumentState.FAILED
        self._read.setVisible(offered and report.installed)
        self._read.setText(count(report.scans, N_("Read {n} scanned page"), N_("Read {n} scanned pages")))
        self._read.setDefault(True)
        missing = bool(report.scans) and not report.installed
        self._copy.setVisible(missing)
        advice = ""
        if missing:
            advice = sentences(_("Text recognition reads such pages."), extras.advice("ocr"))
        elif offered:
            advice = _("Text recognition reads them on this computer, a second or two a page; it can be stopped.")
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))


def _summary(report: Report) -> str:
    document = report.document
    if document.state is DocumentState.FAILED:
        return document.reason
    parts = [count(sum(_length(run) for run in report.runs), N_("{n} page"), N_("{n} pages"))]
    parts.append(count(document.passages, N_("{n} passage"), N_("{n} passages")))
    parts.append(_("not everything was read") if report.trouble else _("everything was read"))
    return " · ".join(parts)


def _length(run: PageRun) -> int:
    return 1 if run.first is None or run.last is None else run.last - run.first + 1


def _numbers(run: PageRun) -> str:
    if run.first is None:
        return _("the whole document")
    return f"{run.first:,}" if run.first == run.last else f"{run.first:,}–{run.last:,}"
