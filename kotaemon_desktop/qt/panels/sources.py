"""The sources of the answer, and the page of the chosen one with the cited words marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.preview import Target
from kotaemon_desktop.qt.viewmodels.sources import Source, SourcesModel
from kotaemon_desktop.qt.widgets.parts import repaint_rows
from kotaemon_desktop.qt.widgets.source_list import SourceList, SourceListModel, quoted
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

if TYPE_CHECKING:
    from kotaemon_desktop.qt.widgets.preview import Preview

_HEADING_HEIGHT = 30  # as of the panels that have buttons beside theirs
_HEIGHTS = (220, 420)  # of list and preview: three sources at 1280x800


class SourcesPanel(QWidget):
    """Shows a SourcesModel: the list above, the preview, built with the first page to show, below. GUI thread.

    Signals: ``quoted(str)``: words of a source that belong into the question.
    """

    quoted = Signal(str)

    def __init__(self, view_model: SourcesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._build_list()
        self._preview: Preview | None = None
        self._no_page = _hint()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(1)
        self._split.addWidget(self._lists)
        self._split.addWidget(self._no_page)
        self._split.setStretchFactor(0, 1)
        self._split.setStretchFactor(1, 3)
        self._split.setSizes(list(_HEIGHTS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP)
        layout.setSpacing(theme.TIGHT)
        layout.addWidget(self._title)
        layout.addWidget(self._weak)
        layout.addWidget(self._split, 1)
        view_model.sources_changed.connect(self._show_sources)
        view_model.selected.connect(self._select)
        view_model.opened.connect(self._show_preview, Qt.ConnectionType.SingleShotConnection)
        self._show_sources(view_model.sources)
        self.retranslate()

    def _build_list(self) -> None:
        self._title = QLabel()
        self._title.setProperty("heading", True)
        self._title.setMinimumHeight(_HEADING_HEIGHT)
        self._weak = ToneLabel("warning")
        self._weak.setWordWrap(True)
        self._list = SourceList()
        self._rows = SourceListModel(self)
        self._list.setModel(self._rows)
        self._list.clicked.connect(self._choose)
        self._list.activated.connect(self._choose)
        self._list.selectionModel().currentChanged.connect(self._choose)
        self._list.menu_wanted.connect(self._show_menu)
        self._empty = _hint()
        self._lists = QStackedWidget()
        self._lists.addWidget(self._empty)
        self._lists.addWidget(self._list)

    @property
    def preview(self) -> Preview:
        """The preview, built now if there was no page to show yet."""
        if self._preview is None:
            from kotaemon_desktop.qt.widgets.preview import Preview

            self._preview = Preview(self._model)
            self._split.replaceWidget(1, self._preview)
            self._split.setStretchFactor(1, 3)
            self._no_page.deleteLater()
        return self._preview

    @property
    def heights(self) -> tuple[int, ...]:
        """The heights of list and preview, in pixels."""
        return tuple(self._split.sizes())

    def set_heights(self, heights: tuple[int, ...]) -> None:
        """Share the height as it was left."""
        if len(heights) == len(_HEIGHTS):
            self._split.setSizes(list(heights))

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Sources"))
        self._title.setText(_("Sources"))
        self._weak.setText(_("Only weak matches: read them before you rely on the answer."))
        self._list.setAccessibleName(_("Sources of the answer"))
        self._empty.setText(_("The passages that an answer rests on are listed here."))
        if self._preview is not None:
            self._preview.retranslate()
        else:
            self._no_page.setText(_("Choose a source, or a number in an answer, to see its page."))

    def _show_sources(self, sources: tuple[Source, ...]) -> None:
        self._rows.show_sources(sources)
        self._lists.setCurrentWidget(self._list if sources else self._empty)
        self._weak.setVisible(self._model.weak_only)

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid():
            self._model.select(index.row())

    def _select(self, row: int) -> None:
        """Mark the row that the preview belongs to, without choosing it again."""
        selection = self._list.selectionModel()
        selection.blockSignals(True)
        self._list.setCurrentIndex(self._rows.index(row) if row >= 0 else QModelIndex())
        selection.blockSignals(False)
        repaint_rows(self._list)

    def _show_preview(self, target: Target) -> None:
        self.preview.show_place(target)

    def _show_menu(self, source: Source, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(_("Quote in the question"), lambda: self.quoted.emit(quoted(source)))
        menu.addAction(_("Open in its own program"), self._model.find_file)
        menu.popup(at)


def _hint() -> QLabel:
    """Return a label that stands where something will be shown."""
    made = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
    made.setProperty("muted", True)
    made.setAutoFillBackground(True)
    made.setBackgroundRole(QPalette.ColorRole.Base)
    made.setMargin(theme.WIDE)
    return made
