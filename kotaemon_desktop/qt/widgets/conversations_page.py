"""The conversations in place of the chat: search everything that was said, and open, rename, pin or delete."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QLineEdit, QMenu, QStackedWidget, QWidget

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.records import Conversation
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel, Entry
from kotaemon_desktop.qt.widgets.conversation_list import ENTRY, ConversationList, ConversationListModel
from kotaemon_desktop.qt.widgets.parts import column, label, name_line, push_button, row

_TO_LIST = {Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp}
_ENTER = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


class ConversationsPage(QWidget):
    """Shows a ConversationsModel. GUI thread.

    Signals: ``chosen(int, int | None)``: a conversation, and the turn to show; ``left()``: back to the chat.
    """

    chosen = Signal(int, object)
    left = Signal()

    def __init__(self, view_model: ConversationsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._search = QLineEdit(clearButtonEnabled=True)
        self._search.addAction(theme.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._search.textChanged.connect(view_model.search)
        self._search.installEventFilter(self)
        self._import = push_button("flat")
        self._import.clicked.connect(partial(choose_import, self, view_model))
        self._rows = ConversationListModel(self)
        self._rows.renamed.connect(view_model.rename)
        self._list = ConversationList()
        self._list.setModel(self._rows)
        self._list.installEventFilter(self)
        self._list.clicked.connect(self._open)
        self._list.menu_wanted.connect(self._show_menu)
        self._nothing = label("muted", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._list)
        self._pages.addWidget(self._nothing)
        above = row(theme.GAP)
        above.addWidget(self._search, 1)
        above.addWidget(self._import)
        layout = column(theme.GAP)
        self.setLayout(layout)
        layout.addLayout(above)
        layout.addWidget(self._pages, 1)
        self.setFocusProxy(self._search)
        view_model.listed.connect(self._show)
        self.retranslate()

    def open(self, conversation_id: int | None) -> None:
        """List all conversations; ``conversation_id`` is the one that the chat shows."""
        self._rows.open = conversation_id
        self._search.clear()
        self._model.search("")
        self._search.setFocus()

    def rename(self) -> None:
        """Let the title of the chosen conversation be changed in its row."""
        if (index := self._list.currentIndex()).isValid():
            self._list.setFocus()
            self._list.edit(index)

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setAccessibleName(_("Conversations"))
        self._search.setPlaceholderText(_("Search everything that was said"))
        name_line(self._search, _("Search the conversations"))
        self._import.setText(_("Import…"))
        self._list.setAccessibleName(_("Conversations"))
        self._say_nothing()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Lead the keyboard from the search to the list and back."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            if self._search.text():
                self._search.clear()
                self._search.setFocus()
            else:
                self.left.emit()
        elif key in _ENTER:
            self._open(self._list.currentIndex())
        elif watched is self._search and key in _TO_LIST:
            self._list.setFocus()
            self._list.event(event)
        elif watched is self._list and key == Qt.Key.Key_Delete:
            self._delete(self._list.currentIndex().data(ENTRY))
        else:
            return super().eventFilter(watched, event)
        return True

    def _show(self, entries: list[Entry]) -> None:
        before: Entry | None = self._list.currentIndex().data(ENTRY)
        self._list.setUniformItemSizes(not self._model.query)  # what was found has rows of two heights, but few
        self._rows.show_entries(entries)
        self._pages.setCurrentWidget(self._list if entries else self._nothing)
        self._say_nothing()
        kept = before.conversation_id if before is not None and not self._model.query else self._rows.open
        index = self._rows.index(0 if self._model.query else self._rows.row_of(kept))
        self._list.setCurrentIndex(index)
        self._list.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _say_nothing(self) -> None:
        searching = bool(self._model.query)
        self._nothing.setText(_("Nobody said that here.") if searching else _("No conversations yet"))

    def _open(self, index: QModelIndex) -> None:
        if (entry := index.data(ENTRY)) is not None:
            self.chosen.emit(entry.conversation_id, entry.turn_id)

    def _show_menu(self, entry: Entry, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        known = self._model.conversation(entry.conversation_id)
        pinned = known is not None and known.pinned
        menu.addAction(_("Open"), partial(self.chosen.emit, entry.conversation_id, entry.turn_id))
        if entry.turn_id is None:
            menu.addAction(_("Rename (F2)"), self.rename)
        pin = partial(self._model.pin, entry.conversation_id, not pinned)
        menu.addAction(_("Unpin") if pinned else _("Pin to the top"), pin)
        if known is not None:
            menu.addAction(_("Export…"), partial(choose_export, self, self._model, known))
        menu.addSeparator()
        menu.addAction(_("Delete"), partial(self._delete, entry))
        menu.popup(at)

    def _delete(self, entry: Entry | None) -> None:
        if entry is not None:
            self._model.remove(entry.conversation_id)


def choose_export(parent: QWidget, model: ConversationsModel, conversation: Conversation) -> QFileDialog:
    """Ask where to, and in which format, then export."""
    filters = {_("Markdown (*.md)"): ".md", _("Web page (*.html)"): ".html", _("With all versions (*.json)"): ".json"}
    dialog = QFileDialog(parent.window(), _("Export the conversation"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters(list(filters))
    dialog.setDefaultSuffix("md")
    dialog.filterSelected.connect(lambda name: dialog.setDefaultSuffix(filters[name][1:]))
    dialog.selectFile(_file_name(conversation.title))

    def chosen(name: str) -> None:
        path = Path(name)
        known = path.suffix in filters.values()
        model.export(conversation.id, path if known else path.with_name(path.name + ".md"))

    dialog.fileSelected.connect(chosen)
    dialog.open()
    return dialog


def choose_import(parent: QWidget, model: ConversationsModel) -> QFileDialog:
    """Ask for a file, then import the conversation that it holds."""
    dialog = QFileDialog(parent.window(), _("Import a conversation"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(_("Exported conversations (*.json)"))
    dialog.fileSelected.connect(lambda name: model.import_(Path(name)))
    dialog.open()
    return dialog


def _file_name(title: str) -> str:
    """Return ``title`` without what no file name may hold."""
    return "".join(" " if c in '<>:"/\\|?*' or not c.isprintable() else c for c in title)[:60].strip(" .…")
