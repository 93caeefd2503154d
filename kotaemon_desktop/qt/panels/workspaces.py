"""The workspaces page: which there are, and the quick way from one to another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHeaderView,
    QMessageBox,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE
from kotaemon_desktop.core.workspaces import Workspace
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.numbers import size
from kotaemon_desktop.qt.text_question import ask_text
from kotaemon_desktop.qt.viewmodels.workspaces import WorkspacesModel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row

_SIZE = (640, 440)
_COLUMNS = (N_("Workspace"), N_("Documents"), N_("On disk"))
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_ENDING = ".kotaemon.zip"
_SHEET = "QTreeWidget { border: 1px solid palette(mid); border-radius: 6px; } QTreeWidget::item { padding: 6px 4px; }"


class WorkspacesDialog(QDialog):
    """Shows a WorkspacesModel in a window of its own. GUI thread.

    Signals: ``open_wanted(str)``: the workspace that the program shall show in place of this one.
    """

    open_wanted = Signal(str)

    def __init__(self, view_model: WorkspacesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._heading = label("heading")
        self._promise = label("muted", wrap=True)
        self._list = QTreeWidget()
        self._told = label("muted", wrap=True)
        self._new, self._export, self._import, self._remove, self._close = (push_button() for _each in range(5))
        self._open = push_button("primary")
        self._arrange()
        self._list.currentItemChanged.connect(self._offer)
        self._list.itemActivated.connect(self._switch)
        self._open.clicked.connect(self._switch)
        self._new.clicked.connect(lambda: self._name(_("New workspace"), "", _("Create"), self._model.create))
        self._export.clicked.connect(self._ask_where)
        self._import.clicked.connect(self._ask_which)
        self._remove.clicked.connect(self._ask_whether)
        self._close.clicked.connect(self.close)
        view_model.changed.connect(self._show_workspaces)
        view_model.busy_changed.connect(self._show_busy)
        view_model.removed.connect(self._tell_removed)
        view_model.exported.connect(lambda file: self._told.setText(_("Saved: {file}").format(file=file)))
        view_model.failed.connect(self._tell_failed)
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Workspaces"))
        self._heading.setText(_("Workspaces"))
        self._promise.setText(
            _(
                "Each has documents, conversations and settings of its own; nothing of one is ever found from another. "
                "They share the models."
            )
        )
        self._list.setAccessibleName(_("Workspaces"))
        self._list.setHeaderLabels([_(words) for words in _COLUMNS])
        self._open.setText(_("Open"))
        self._new.setText(_("New…"))
        self._export.setText(_("Export…"))
        self._import.setText(_("Import…"))
        self._remove.setText(_("Remove…"))
        self._close.setText(_("Close"))
        self._show_workspaces()
        self._show_busy()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look what is there now, each time the page comes up."""
        super().showEvent(event)
        if not event.spontaneous():
            self._show_busy()
            self._model.refresh()
            self._list.setFocus()

    def _arrange(self) -> None:
        self._list.setStyleSheet(_SHEET)
        self._list.setRootIsDecorated(False)
        self._list.setUniformRowHeights(True)
        header = self._list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for place in (1, 2):
            self._list.headerItem().setTextAlignment(place, _RIGHT)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        for widget in (self._heading, self._promise, self._list, self._told):
            body.addWidget(widget)
        buttons = row()
        for button in (self._new, self._export, self._import, self._remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._close)
        buttons.addWidget(self._open)
        body.addLayout(buttons)
        self.setLayout(body)
        self._open.setDefault(True)

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _show_workspaces(self) -> None:
        chosen = self._chosen or self._model.opened
        self._list.clear()
        for each in self._model.workspaces:
            item = self._line(each)
            self._list.addTopLevelItem(item)
            if each.name == chosen:
                self._list.setCurrentItem(item)
        self._offer()

    def _line(self, each: Workspace) -> QTreeWidgetItem:
        name = workspace_name(each.name)
        words = _("{name} (open)").format(name=name) if each.name == self._model.opened else name
        item = QTreeWidgetItem([words, f"{each.documents:,}", size(each.bytes)])
        item.setData(0, Qt.ItemDataRole.UserRole, each.name)
        for place in (1, 2):
            item.setTextAlignment(place, _RIGHT)
        return item

    def _show_busy(self) -> None:
        """Say what is under way; what was told of something before goes."""
        self._told.setText(_(self._model.doing) if self._model.doing else "")
        self._offer()

    def _tell_removed(self, place: Path) -> None:
        self._told.setText(_("Put aside for 30 days: {place}").format(place=place))

    def _tell_failed(self, error: Exception) -> None:
        self._told.setText(_("That did not work: {detail}").format(detail=said(error)))

    # --- what a person does ----------------------------------------------------------------------------------------

    @property
    def _chosen(self) -> str:
        item = self._list.currentItem()
        return item.data(0, Qt.ItemDataRole.UserRole) if item else ""

    def _offer(self) -> None:
        free = not self._model.doing
        other = free and bool(self._chosen) and self._chosen != self._model.opened
        self._new.setEnabled(free)
        self._import.setEnabled(free)
        self._open.setEnabled(other)
        self._export.setEnabled(free and bool(self._chosen))
        self._remove.setEnabled(other and self._chosen != DEFAULT_WORKSPACE)

    def _switch(self) -> None:
        if self._open.isEnabled():
            self.open_wanted.emit(self._chosen)

    def _ask_where(self) -> None:
        name = self._chosen
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        proposed = str(Path(folder) / f"{name}{_ENDING}")
        file, _kind = QFileDialog.getSaveFileName(self, _("Export the workspace"), proposed, f"Zip (*{_ENDING})")
        if file:
            self._model.export(name, Path(file))

    def _ask_which(self) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, _("Import a workspace"), "", "Zip (*.zip)")
        if file:
            proposed = Path(file).name.removesuffix(_ENDING).removesuffix(".zip")
            self._name(_("Import a workspace"), proposed, _("Import"), partial(self._model.bring, Path(file)))

    def _ask_whether(self) -> None:
        name = self._chosen
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(_("Remove the workspace “{name}”?").format(name=name))
        box.setInformativeText(_("Its documents and conversations are put aside and deleted after 30 days."))
        remove = box.addButton(_("Remove"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        remove.clicked.connect(partial(self._model.remove, name))
        box.open()

    def _name(self, title: str, proposed: str, verb: str, do: Callable[[str], None]) -> None:
        ask_text(self, title, _("Name of the workspace"), verb, do, proposed)


def workspace_name(name: str) -> str:
    """Return what people call the workspace ``name``."""
    return _("Default") if name == DEFAULT_WORKSPACE else name
