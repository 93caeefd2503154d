"""The library: the documents and how far each is, adding and removing them, and the import under way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QSize, QSortFilterProxyModel, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListView,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.numbers import count
from kotaemon_desktop.qt.viewmodels.documents import ENTRY, Entry
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.widgets.document_row import DocumentRow
from kotaemon_desktop.qt.widgets.import_bar import ImportBar
from kotaemon_desktop.qt.widgets.notice import Notice, NoticeBar
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row, tool_button

_FEW = 20  # files that may be opened at once; a thousand windows help nobody
_COUNT_MS = 200  # the footer counts all documents, so not at every row that changes


class LibraryPanel(QWidget):
    """Shows a LibraryModel; lives in the GUI thread.

    Signals: ``document_activated(int)``: somebody wants to see the document with this id.
    """

    document_activated = Signal(int)

    def __init__(self, view_model: LibraryModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._actions: dict[str, QAction] = {}
        self._build_heading()
        self._filter = QLineEdit(clearButtonEnabled=True)
        self._filter.addAction(theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._filter.textChanged.connect(self._filter_changed)
        self._build_list()
        self._undo = NoticeBar()
        self._import_bar = ImportBar()
        self._import_bar.cancel_asked.connect(view_model.cancel)
        self._import_bar.resume_asked.connect(view_model.resume)
        layout = column(margins=(theme.GAP, theme.TIGHT, theme.GAP, theme.GAP))
        self.setLayout(layout)
        layout.addLayout(self._heading)
        layout.addWidget(self._filter)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._undo)
        layout.addWidget(self._import_bar)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._counting.timeout.connect(self._show_counts)
        view_model.documents_changed.connect(self._documents_changed)
        view_model.activity_changed.connect(self._import_bar.show_activity)
        view_model.activity_changed.connect(self._documents_changed)
        view_model.removed.connect(self._offer_undo)
        view_model.undo_closed.connect(self._undo.clear)
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
        ):
            button.setToolTip(words)
            button.setAccessibleName(words)
        self._filter.setPlaceholderText(_("Filter by name"))
        self._filter.setAccessibleName(_("Filter the documents by name"))
        self._list.setAccessibleName(_("Documents"))
        self._first_step.setText(_("Drop documents here"))
        self._first_words.setText(
            _("PDF, Office, HTML, e-mail, EPUB and text files, or whole folders. They stay on this computer.")
        )
        self._first_button.setText(_("Add files…"))
        self._first_folder.setText(_("Add a folder…"))
        self._no_match.setText(_("No document has this in its name."))
        for name, words in _ACTIONS.items():
            self._actions[name].setText(_(words))
        self._undo.retranslate()
        self._import_bar.retranslate()
        self._list.viewport().update()

    # --- parts -----------------------------------------------------------------------------------------------------

    def _build_heading(self) -> None:
        self._title = label("heading")
        self._add_files = tool_button("add", side=theme.ICON)
        self._add_files.clicked.connect(self.choose_files)
        self._add_folder = tool_button("add-folder", side=theme.ICON)
        self._add_folder.clicked.connect(self.choose_folder)
        self._heading = row(theme.TIGHT)
        self._heading.addWidget(self._title, 1)
        for button in (self._add_files, self._add_folder):
            self._heading.addWidget(button)

    def _build_list(self) -> None:
        self._proxy = QSortFilterProxyModel(self)
        self._proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._proxy.setSourceModel(self._model.documents)
        self._list = QListView()
        self._list.setUniformItemSizes(True)
        self._list.setMouseTracking(True)
        self._list.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setModel(self._proxy)
        self._list.setItemDelegate(DocumentRow(self._list))
        self._list.activated.connect(self._activate)
        self._list.selectionModel().selectionChanged.connect(self._selection_changed)
        self._add_actions()
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

    def _add_actions(self) -> None:
        does: dict[str, Callable[[], None]] = {
            "show": lambda: self._activate(self._list.currentIndex()),
            "open": self._open_files,
            "folder": self._open_folders,
            "copy": self._copy_paths,
            "again": lambda: self._model.import_([Path(entry.path) for entry in self.selected()]),
            "remove": lambda: self._model.remove(self.selected()),
        }
        for name, do in does.items():
            action = self._actions[name] = QAction(self._list)
            action.triggered.connect(do)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self._list.addAction(action)
        self._actions["remove"].setShortcut(QKeySequence(QKeySequence.StandardKey.Delete))
        self._actions["remove"].setIcon(theme.icon("trash"))
        self._actions["copy"].setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        self._list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._selection_changed()

    # --- what a person does ----------------------------------------------------------------------------------------

    def selected(self) -> list[Entry]:
        """Return the selected rows, from top to bottom."""
        rows = sorted(self._list.selectedIndexes(), key=lambda index: index.row())
        return [index.data(ENTRY) for index in rows]

    def _activate(self, index: QModelIndex) -> None:
        entry: Entry | None = index.data(ENTRY) if index.isValid() else None
        if entry is not None and entry.document is not None:
            self.document_activated.emit(entry.document.id)

    def _open_files(self) -> None:
        for entry in self.selected():
            QDesktopServices.openUrl(QUrl.fromLocalFile(entry.path))

    def _open_folders(self) -> None:
        for folder in dict.fromkeys(str(Path(entry.path).parent) for entry in self.selected()):
            QDesktopServices.openUrl(QUrl.fromLocalFile(folder))

    def _copy_paths(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(entry.path for entry in self.selected()))

    def _choose(self, title: str, *, folder: bool) -> None:
        from PySide6.QtWidgets import QFileDialog  # a big class, and most days nobody needs it

        dialog = QFileDialog(self.window(), title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(lambda paths: self._model.import_([Path(path) for path in paths]))
        dialog.open()

    def _selection_changed(self) -> None:
        number = sum(span.height() for span in self._list.selectionModel().selection().toList())
        few = number <= _FEW
        entries = self.selected() if few else []
        resting = [entry for entry in entries if entry.work is None]
        self._actions["show"].setEnabled(number == 1 and entries[0].document is not None)
        self._actions["again"].setVisible(any(entry.failed or entry.failure for entry in resting))
        self._actions["remove"].setEnabled(bool(resting) or not few)
        self._actions["copy"].setEnabled(number > 0)
        for name in ("open", "folder"):
            self._actions[name].setEnabled(0 < number <= _FEW)

    def _filter_changed(self, text: str) -> None:
        self._proxy.setFilterFixedString(text.strip())
        self._show_page()

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _documents_changed(self) -> None:
        self._show_page()
        if not self._counting.isActive():
            self._counting.start()

    def _show_page(self) -> None:
        if self._model.documents.rowCount() == 0:
            page = self._empty
        else:
            page = self._list if self._proxy.rowCount() else self._no_match
        self._pages.setCurrentWidget(page)
        self._filter.setVisible(page is not self._empty)

    def _show_counts(self) -> None:
        documents = [entry.document for entry in self._model.documents.entries if entry.document is not None]
        passages = sum(document.passages for document in documents)
        self._import_bar.show_counts(len(documents), passages, self._model.unfinished)
        self._selection_changed()

    def _offer_undo(self, number: int) -> None:
        self._undo.clear()
        self._undo.show_notice(
            Notice(
                lambda: count(number, N_("Removed {n} document"), N_("Removed {n} documents")),
                action=lambda: _("Undo"),
                do=self._model.undo,
            )
        )

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the sign of the empty state again in a new theme's colour."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_sign()

    def _draw_sign(self) -> None:
        self._sign.setPixmap(theme.icon("library", "text_muted").pixmap(QSize(40, 40), self.devicePixelRatioF()))


_ACTIONS = {
    "show": N_("Show the text"),
    "open": N_("Open in its own program"),
    "folder": N_("Show in folder"),
    "copy": N_("Copy path"),
    "again": N_("Try again"),
    "remove": N_("Remove from the library"),
}
