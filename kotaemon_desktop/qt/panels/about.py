"""The About page: the version, whether there is a newer one, and every part that others wrote with its licence."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication, QIcon, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QLabel,
    QPlainTextEdit,
    QSplitter,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from kotaemon_desktop import __version__
from kotaemon_desktop.core.i18n import N_, _, resource
from kotaemon_desktop.core.licences import Work
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.viewmodels.about import AboutModel
from kotaemon_desktop.qt.widgets.network_line import NetworkLine
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row
from kotaemon_desktop.qt.widgets.update_line import UpdateLine, news

_NAME = "Kotaemon Desktop"
_SIZE = (760, 600)
_ICON = 64
_COLUMNS = (N_("Part"), N_("Version"), N_("Licence"))
_WIDTHS = (280, 120)
_SHEET = "QTreeWidget { border: 1px solid palette(mid); border-radius: 6px; } QTreeWidget::item { padding: 4px; }"


class AboutDialog(QDialog):
    """Shows an AboutModel in a window of its own. GUI thread."""

    def __init__(self, view_model: AboutModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._picture = QLabel()
        self._picture.setPixmap(QIcon(str(resource("kotaemon-desktop.svg"))).pixmap(QSize(_ICON, _ICON)))
        self._name = label("heading")
        self._promise = label("muted", wrap=True)
        self._network = NetworkLine(view_model.network)
        self._updates = UpdateLine(view_model.updates)
        self._thanks = label(wrap=True)
        self._news = QPlainTextEdit(readOnly=True)
        self._works = QTreeWidget()
        self._text = QPlainTextEdit(readOnly=True)
        self._copy = push_button()
        self._close = push_button("primary")
        self._arrange()
        self._works.currentItemChanged.connect(self._choose)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._model.versions))
        self._close.clicked.connect(self.close)
        view_model.changed.connect(self._show_works)
        view_model.updates.changed.connect(self._show_news)
        view_model.text_read.connect(self._show_text)
        view_model.failed.connect(lambda error: self._text.setPlainText(said(error)))
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("About Kotaemon Desktop"))
        self._name.setText(f"{_NAME} {__version__}")
        self._promise.setText(_("Apache-2.0. Your documents, models and questions stay on this computer."))
        self._network.retranslate()
        self._updates.retranslate()
        self._news.setAccessibleName(_("What is new"))
        self._show_news()
        self._thanks.setText(_("It rests on the work of many others. Choose a part to read its licence."))
        self._works.setAccessibleName(_("Parts and their licences"))
        self._works.setHeaderLabels([_(words) for words in _COLUMNS])
        self._text.setAccessibleName(_("Text of the licence"))
        self._copy.setText(_("Copy versions"))
        self._copy.setToolTip(_("For a report of an error"))
        self._close.setText(_("Close"))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Read whose work it is when somebody wants to know, and say what the settings allow by now."""
        super().showEvent(event)
        self._model.load()
        self._updates.retranslate()
        self._show_news()

    def _arrange(self) -> None:
        words = column(theme.TIGHT)
        words.addStretch(1)
        words.addWidget(self._name)
        words.addWidget(self._promise)
        words.addWidget(self._network)
        words.addWidget(self._updates)
        words.addStretch(1)
        top = row(theme.WIDE)
        top.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        self._works.setStyleSheet(_SHEET)
        self._works.setRootIsDecorated(False)
        self._works.setUniformRowHeights(True)
        self._works.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        for place, width in enumerate(_WIDTHS):
            self._works.setColumnWidth(place, width)
        for text in (self._news, self._text):
            text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        parts = QSplitter(Qt.Orientation.Vertical)
        parts.setChildrenCollapsible(False)
        parts.setHandleWidth(theme.GAP)
        parts.setStyleSheet("QSplitter::handle { background: transparent; }")
        for part in (self._works, self._text):
            parts.addWidget(part)
        buttons = row()
        buttons.addStretch(1)
        buttons.addWidget(self._copy)
        buttons.addWidget(self._close)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        body.addLayout(top)
        body.addWidget(self._news, 1)
        body.addWidget(self._thanks)
        body.addWidget(parts, 3)
        body.addLayout(buttons)
        self.setLayout(body)
        self._close.setDefault(True)

    def _show_works(self) -> None:
        self._works.clear()
        for work in self._model.works:
            item = QTreeWidgetItem([work.name, work.version, work.licence])
            item.setData(0, Qt.ItemDataRole.UserRole, work)
            item.setToolTip(0, work.home)
            item.setToolTip(2, work.licence)
            self._works.addTopLevelItem(item)
        if first := self._works.topLevelItem(0):
            self._works.setCurrentItem(first)

    def _show_news(self) -> None:
        found = self._model.updates.found
        words = news(found) if found else ""
        self._news.setVisible(bool(words))
        if words != self._news.toPlainText():  # who reads them stays where they are
            self._news.setPlainText(words)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self._model.read(item.data(0, Qt.ItemDataRole.UserRole))

    def _show_text(self, text: str) -> None:
        item = self._works.currentItem()
        work: Work | None = item.data(0, Qt.ItemDataRole.UserRole) if item else None
        home = work.home if work else ""
        self._text.setPlainText("\n\n".join(filter(None, (home, text))))
