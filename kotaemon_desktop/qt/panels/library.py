"""The library: the documents and how far each is, adding and removing them, and the import under way."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QListView, QSizePolicy, QStackedWidget, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.panels.document_actions import DocumentActions
from kotaemon_desktop.qt.panels.library_offers import LibraryOffers
from kotaemon_desktop.qt.panels.place_actions import PlaceActions
from kotaemon_desktop.qt.viewmodels.document_filter import DocumentFilter
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.order import Show
from kotaemon_desktop.qt.viewmodels.places import PlaceKind
from kotaemon_desktop.qt.widgets.document_row import DocumentRow
from kotaemon_desktop.qt.widgets.import_bar import ImportBar
from kotaemon_desktop.qt.widgets.notice import NoticeBar
from kotaemon_desktop.qt.widgets.order_button import OrderButton
from kotaemon_desktop.qt.widgets.parts import (
    column,
    label,
    name_line,
    push_button,
    repaint_rows,
    row,
    tool_button,
)
from kotaemon_desktop.qt.widgets.place_list import PlaceList

_COUNT_MS = 200  # the footer counts all documents, so not at every row that changes


class LibraryPanel(QWidget):
    """Shows a LibraryModel; lives in the GUI thread.

    Signals: ``document_activated(int)``: somebody wants to see the document with this id. ``scope_asked(Scope)``:
    somebody wants to ask these documents only. ``report_asked(int)``: somebody wants the import report of a document.
    """

    document_activated = Signal(int)
    scope_asked = Signal(object)
    report_asked = Signal(int)

    def __init__(self, view_model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._build_heading()
        self._build_places()
        self._filter = QLineEdit(clearButtonEnabled=True)
        self._filter.addAction(theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._filter.textChanged.connect(self._filter_changed)
        self._build_list()
        self._undo = NoticeBar()
        self._offers = LibraryOffers(view_model, self._undo)
        self._import_bar = ImportBar()
        self._import_bar.cancel_asked.connect(view_model.cancel)
        self._import_bar.pause_asked.connect(view_model.pause)
        self._import_bar.resume_asked.connect(view_model.resume)
        layout = column(margins=(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP))
        self.setLayout(layout)
        layout.addLayout(self._heading)
        layout.addWidget(self._place_list)
        search = row(theme.TIGHT)
        search.addWidget(self._filter, 1)
        search.addWidget(self._order)
        layout.addLayout(search)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._undo)
        layout.addWidget(self._import_bar)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._counting.timeout.connect(self._show_counts)
        view_model.documents_changed.connect(self._documents_changed)
        view_model.activity_changed.connect(self._import_bar.show_activity)
        view_model.activity_changed.connect(self._documents_changed)
        view_model.places.changed.connect(self._show_places)
        view_model.places.chosen.connect(self._show_chosen_place)
        view_model.places.failed.connect(view_model.failed)
        self.retranslate()
        self._documents_changed()

    # --- what the window may ask -----------------------------------------------------------------------------------

    def choose_files(self) -> None:
        """Let a person choose files to add."""
        self._choose(_("Add files"), folder=False)

    def choose_folder(self) -> None:
        """Let a person choose a folder to add."""
        self._choose(_("Add a folder"), folder=True)

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self._filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.selectAll()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Library"))
        self._title.setText(_("Library"))
        for button, words in (
            (self._add_files, _("Add files (Ctrl+O)")),
            (self._add_folder, _("Add a folder (Ctrl+Shift+O)")),
            (self._add_collection, _("New collection")),
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._filter.setPlaceholderText(_("Filter by name"))
        name_line(self._filter, _("Filter the documents by name"))
        self._list.setAccessibleName(_("Documents"))
        self._first_step.setText(_("Drop documents here"))
        self._first_words.setText(
            _("PDF, Office, HTML, e-mail, EPUB and text files, or whole folders. They stay on this computer.")
        )
        self._first_button.setText(_("Add files…"))
        self._first_folder.setText(_("Add a folder…"))
        self._actions.retranslate()
        self._order.retranslate()
        self._place_list.retranslate()
        self._undo.retranslate()
        self._import_bar.retranslate()
        repaint_rows(self._list)
        self._show_page()

    # --- parts -----------------------------------------------------------------------------------------------------

    def _build_heading(self) -> None:
        self._title = label("heading")
        self._add_files = tool_button("add", side=theme.ICON)
        self._add_files.clicked.connect(self.choose_files)
        self._add_folder = tool_button("add-folder", side=theme.ICON)
        self._add_folder.clicked.connect(self.choose_folder)
        self._add_collection = tool_button("add-collection", side=theme.ICON)
        self._heading = row(theme.TIGHT)
        self._heading.addWidget(self._title, 1)
        for button in (self._add_collection, self._add_files, self._add_folder):
            self._heading.addWidget(button)

    def _build_places(self) -> None:
        self._place_list = PlaceList()
        self._place_actions = PlaceActions(self._place_list, self._model)
        self._place_actions.scope_asked.connect(self.scope_asked)
        self._add_collection.clicked.connect(lambda _checked: self._place_actions.new_collection())
        self._place_list.hide()  # while there is only one place

    def _build_list(self) -> None:
        self._proxy = DocumentFilter(self)
        self._proxy.setSourceModel(self._model.documents)
        self._order = OrderButton()
        self._order.order_chosen.connect(self._model.documents.sort_by)
        self._order.show_chosen.connect(self._narrow)
        self._list = QListView()
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setModel(self._proxy)
        self._list.setItemDelegate(DocumentRow(self._list))
        self._list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self._actions = DocumentActions(self._list, self._model)
        self._actions.document_activated.connect(self.document_activated)
        self._actions.scope_asked.connect(self.scope_asked)
        self._actions.report_asked.connect(self.report_asked)
        self._actions.collection_asked.connect(self._place_actions.new_collection)
        self._list.selectionModel().selectionChanged.connect(self._actions.fit)
        self._actions.fit()
        self._no_match = label("muted", wrap=True)
        self._no_match.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._empty = self._build_empty()
        for page in (self._empty, self._list, self._no_match):
            self._pages.addWidget(page)

    def _build_empty(self) -> QWidget:
        page = QWidget()
        self._sign = label()
        self._draw_sign()
        self._first_step = label("heading", wrap=True)
        self._first_words = label("muted", wrap=True)
        self._first_button = push_button("primary")
        self._first_button.clicked.connect(self.choose_files)
        self._first_folder = push_button("flat")
        self._first_folder.clicked.connect(self.choose_folder)
        layout = column(margins=(theme.WIDE, 0, theme.WIDE, 0))
        page.setLayout(layout)
        layout.addStretch(2)
        for words in (self._sign, self._first_step, self._first_words):
            words.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(words)
        for button in (self._first_button, self._first_folder):
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            layout.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        return page

    # --- what a person does ----------------------------------------------------------------------------------------

    def _choose(self, title: str, *, folder: bool) -> None:
        from PySide6.QtWidgets import QFileDialog  # a big class, and most days nobody needs it

        dialog = QFileDialog(self.window(), title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda paths: self._model.import_([Path(path) for path in paths]))
        dialog.open()

    def _filter_changed(self, text: str) -> None:
        self._proxy.set_words(text)
        self._show_page()

    def _narrow(self, show: Show) -> None:
        self._proxy.set_show(show)
        self._show_page()

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _documents_changed(self) -> None:
        self._show_page()
        if not self._counting.isActive():
            self._counting.start()

    def _show_page(self) -> None:
        if self._model.documents.rowCount() == 0 and self._model.places.current.kind is PlaceKind.ALL:
            page = self._empty
        else:
            page = self._list if self._proxy.rowCount() else self._no_match
            self._no_match.setText(self._why_nothing())
        self._pages.setCurrentWidget(page)
        for widget in (self._filter, self._order, self._add_collection):
            widget.setVisible(page is not self._empty)

    def _why_nothing(self) -> str:
        if self._proxy.narrows:
            return _("No document fits the filter.")
        if self._model.places.current.kind is PlaceKind.COLLECTION:
            return _("Nothing is in this collection yet. Drag documents onto its name, or use their menu.")
        return _("There is nothing here.")

    def _show_places(self) -> None:
        places = self._model.places
        self._place_list.show_places(places.all, places.current)
        self._place_list.setVisible(len(places.all) > 1)
        self._show_page()

    def _show_chosen_place(self) -> None:
        places = self._model.places
        removed = places.current.kind is PlaceKind.REMOVED
        self._proxy.set_place(members=places.members, folder=places.current.path)
        self._proxy.setSourceModel(places.removed if removed else self._model.documents)
        self._show_page()
        self._actions.fit()

    def _show_counts(self) -> None:
        documents = [entry.document for entry in self._model.documents.entries if entry.document is not None]
        passages = sum(document.passages for document in documents)
        self._import_bar.show_counts(len(documents), passages, self._model.unfinished, self._model.paused)
        self._actions.fit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the sign of the empty state again in a new theme's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_sign()

    def _draw_sign(self) -> None:
        self._sign.setPixmap(theme.icon("library", "text_muted").pixmap(QSize(40, 40), self.devicePixelRatioF()))
