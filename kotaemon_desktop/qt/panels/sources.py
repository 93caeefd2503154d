"""The sources of the answer, and the page of the chosen one with the cited words marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.preview import (
    PictureComing,
    PictureShown,
    PreviewEvent,
    PreviewFailed,
    Target,
    TextShown,
)
from kotaemon_desktop.qt.viewmodels.sources import Source, SourcesModel
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.page_view import PageView
from kotaemon_desktop.qt.widgets.source_list import SourceList, SourceListModel
from kotaemon_desktop.qt.widgets.text_preview import TextPreview
from kotaemon_desktop.qt.widgets.tone_label import ToneLabel

_HEADING_HEIGHT = 30  # as of the panels that have buttons beside theirs
_PATIENCE_MILLISECONDS = 120  # until an empty page stands in for one that is being made: a shorter wait would flash


class SourcesPanel(QWidget):
    """Shows a SourcesModel: the list above, the preview below. GUI thread."""

    def __init__(self, view_model: SourcesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._fresh = False  # another page was opened and has not come yet
        self._patience = QTimer(self, interval=_PATIENCE_MILLISECONDS, singleShot=True)
        self._patience.timeout.connect(self._show_waiting)
        self._build_list()
        self._build_preview()
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._lists)
        self._split.addWidget(self._preview)
        self._split.setStretchFactor(0, 2)
        self._split.setStretchFactor(1, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP)
        layout.setSpacing(theme.TIGHT)
        layout.addWidget(self._title)
        layout.addWidget(self._weak)
        layout.addWidget(self._split, 1)
        view_model.sources_changed.connect(self._show_sources)
        view_model.selected.connect(self._select)
        view_model.opened.connect(self._show_place)
        view_model.previewed.connect(self._show_preview)
        view_model.file_ready.connect(self._open_file)
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
        self._empty = _words()
        self._lists = QStackedWidget()
        self._lists.addWidget(self._empty)
        self._lists.addWidget(self._list)

    def _build_preview(self) -> None:
        self._name = ElidedLabel()
        self._page_number = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._page_number.setProperty("muted", True)
        self._notice = ToneLabel("warning")
        self._notice.setWordWrap(True)
        self._notice.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._notice.hide()
        self._page = PageView()
        self._page.width_wanted.connect(self._model.set_width)
        self._page.turned.connect(self._model.turn)
        self._text = TextPreview()
        self._nothing = _words()
        self._views = QStackedWidget()
        for view in (self._nothing, self._page, self._text):
            self._views.addWidget(view)
        presses: dict[str, Callable[[], None]] = {
            "chevron-left": partial(self._model.turn, -1),
            "chevron-right": partial(self._model.turn, 1),
            "zoom-out": self._page.zoom_out,
            "fit-width": self._page.fit_width,
            "zoom-in": self._page.zoom_in,
            "open": self._model.find_file,
        }
        self._buttons = {icon: _button(icon, press) for icon, press in presses.items()}
        bar = QHBoxLayout()
        bar.setSpacing(2)
        bar.addWidget(self._page_number, 1)
        for button in self._buttons.values():
            bar.addWidget(button)
        self._preview = QWidget()
        column = QVBoxLayout(self._preview)
        column.setContentsMargins(0, theme.TIGHT, 0, 0)
        column.setSpacing(theme.TIGHT)
        column.addWidget(self._name)
        column.addLayout(bar)
        column.addWidget(self._notice)
        column.addWidget(self._views, 1)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Sources"))
        self._title.setText(_("Sources"))
        self._weak.setText(_("Only weak matches: read them before you rely on the answer."))
        self._list.setAccessibleName(_("Sources of the answer"))
        self._empty.setText(_("The passages that an answer rests on are listed here."))
        self._nothing.setText(_("Choose a source, or a number in an answer, to see its page."))
        self._page.setAccessibleName(_("Page of the document"))
        self._text.setAccessibleName(_("Text of the document"))
        words = {
            "chevron-left": _("Previous page (Left)"),
            "chevron-right": _("Next page (Right)"),
            "zoom-out": _("Smaller (-)"),
            "fit-width": _("Fit the width (0)"),
            "zoom-in": _("Larger (+)"),
            "open": _("Open in its own program"),
        }
        for name, button in self._buttons.items():
            button.setToolTip(words[name])
            button.setAccessibleName(words[name])
        self._show_heading()

    # --- the list ----------------------------------------------------------------------------------------------------

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
        self._list.viewport().update()

    # --- the preview -------------------------------------------------------------------------------------------------

    def _show_heading(self) -> None:
        target, pages = self._model.target, self._model.pages
        self._name.setText(target.name if target else "")
        number = ""
        if target is not None and target.page is not None:
            words = _("Page {n} of {count}") if pages else _("Page {n}")
            number = words.format(n=f"{target.page:,}", count=f"{pages or 0:,}")
        self._page_number.setText(number)
        page = target.page if target else None
        self._buttons["chevron-left"].setEnabled(page is not None and page > 1)
        self._buttons["chevron-right"].setEnabled(page is not None and pages is not None and page < pages)
        for name in ("zoom-out", "fit-width", "zoom-in"):
            self._buttons[name].setEnabled(self._views.currentWidget() is self._page)
        self._buttons["open"].setEnabled(target is not None)

    def _show_place(self, _target: Target) -> None:
        self._fresh = True
        self._notice.hide()
        self._show_heading()

    def _show_preview(self, event: PreviewEvent) -> None:
        match event:
            case PictureComing():
                if self._fresh:
                    self._patience.start()
            case PictureShown():
                self._patience.stop()
                self._views.setCurrentWidget(self._page)
                self._page.show_picture(event.picture, event.boxes, reveal=self._fresh)
                self._fresh = False
                self._tell_doubts(event)
            case TextShown():
                self._views.setCurrentWidget(self._text)
                self._text.show_text(event.text, event.start, event.end)
            case PreviewFailed():
                self._patience.stop()
                self._views.setCurrentWidget(self._nothing)
                self._say(str(event.error))
        self._show_heading()

    def _show_waiting(self) -> None:
        """Take the old page away when the new one lets itself be waited for."""
        self._views.setCurrentWidget(self._page)
        self._page.show_place(_("Preparing the page…"))
        self._show_heading()

    def _tell_doubts(self, shown: PictureShown) -> None:
        """Say why the marks on a page may be missing or not where they belong."""
        target = self._model.target
        if shown.changed:
            self._say(_("This file was changed after it was imported: the marks may be off. Import it again."))
        elif target is not None and target.end > target.start and not shown.boxes:
            self._say(_("Where exactly on this page is not known."))

    def _say(self, words: str) -> None:
        self._notice.setText(words)
        self._notice.show()

    def _open_file(self, path: Path) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _words() -> QLabel:
    """Return the words of an empty state, on the ground of a list."""
    label = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter, textFormat=Qt.TextFormat.PlainText)
    label.setProperty("muted", True)
    label.setAutoFillBackground(True)
    label.setBackgroundRole(QPalette.ColorRole.Base)
    label.setMargin(theme.WIDE)
    return label


def _button(icon: str, press: Callable[[], None]) -> QToolButton:
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setIconSize(QSize(theme.ICON, theme.ICON))
    button.clicked.connect(press)
    return button
