"""The models page: which models answer and search, what suits this machine, downloads and tests."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QLineEdit,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from kotaemon_desktop.core.i18n import N_, _, sentences
from kotaemon_desktop.core.models.manifest import Task
from kotaemon_desktop.core.registry import NONE, Card, Change
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.error_words import said
from kotaemon_desktop.qt.text_question import ask_text
from kotaemon_desktop.qt.viewmodels.models import ModelsModel
from kotaemon_desktop.qt.widgets import model_words
from kotaemon_desktop.qt.widgets.connection_form import ConnectionForm
from kotaemon_desktop.qt.widgets.drop_veil import local_paths
from kotaemon_desktop.qt.widgets.gpu_line import GpuLine
from kotaemon_desktop.qt.widgets.model_list import ModelList
from kotaemon_desktop.qt.widgets.notice import Level, Notice, NoticeBar
from kotaemon_desktop.qt.widgets.parts import column, label, name_line, push_button, row
from kotaemon_desktop.qt.widgets.transfer_line import TransferLine

_SIZE = (920, 680)
_TASKS: dict[Task, tuple[str, str]] = {
    "generation": (
        N_("Answers"),
        N_("A language model writes the answer from the passages that were found. Without one they are quoted."),
    ),
    "embedding": (
        N_("Search"),
        N_("An embedder finds passages by meaning, in the languages that it knows; words are always searched as well."),
    ),
    "reranking": (
        N_("Order"),
        N_("A reranker reads the best passages together with the question and puts them in order. It takes a moment."),
    ),
}
_REPOSITORY = re.compile(r"(?:https?://[^/]+/)?([\w.-]+/[\w.-]+)(?:/.*)?")
_PROVIDERS = {"CPUExecutionProvider": N_("Processor"), "CUDAExecutionProvider": N_("NVIDIA GPU")}


class ModelsDialog(QDialog):
    """Shows a ModelsModel in a window of its own, beside the main one. GUI thread."""

    def __init__(self, view_model: ModelsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = view_model
        self._typed = ""  # the repository that was typed in and is on its way
        self.setAcceptDrops(True)
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.lists = {task: ModelList(view_model) for task in _TASKS}
        self.connection = ConnectionForm()
        self._pages = QStackedWidget()
        self._provider = QToolButton()
        self._provider.setIcon(theme.icon("processor", "text_muted"))
        self._provider.setIconSize(QSize(16 + theme.TIGHT, 16))
        self._provider.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.notices = NoticeBar()
        self._gpu = GpuLine(view_model.gpu_pack)
        self._repository = QLineEdit(clearButtonEnabled=True)
        self._fetch, self._folder, self._close = push_button(), push_button(), push_button("primary")
        self._told = label("muted", wrap=True)
        self.transfer = TransferLine()
        self._arrange()
        self._connect()
        self.resize(*_SIZE)
        self.retranslate()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self.setWindowTitle(_("Models"))
        for place, words in enumerate((*(words for words, _lead in _TASKS.values()), N_("Connection"))):
            self.tabs.setTabText(place, _(words))
        self.tabs.setAccessibleName(_("Kinds of models"))
        self._repository.setPlaceholderText(_("Another model: owner/name on the hub"))
        name_line(self._repository, _("Repository of another model"))
        self._fetch.setText(_("Download"))
        self._folder.setText(_("Add a folder…"))
        self._folder.setToolTip(_("Copy a model folder in; it can be dropped on this page as well"))
        self._close.setText(_("Close"))
        self.connection.retranslate()
        self.notices.retranslate()
        self._gpu.retranslate()
        self._show()
        self._show_provider()

    def show_task(self, task: Task) -> None:
        """Bring the models of ``task`` to the front."""
        self.tabs.setCurrentIndex(list(_TASKS).index(task))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Look at everything anew, each time the page comes up."""
        super().showEvent(event)
        if not event.spontaneous():
            self._show()
            self._model.refresh()
            self._model.gpu_pack.look()
            self._show_provider()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Forget what was removed: who leaves has not missed it. The rows go too: they would slow a change of theme."""
        self._model.close_undo()
        if not event.spontaneous():
            for models in self.lists.values():
                models.clear()

    # --- how it is put together ------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        top = row(theme.GAP)
        for _task in (*_TASKS, "connection"):
            self.tabs.addTab("")
        top.addWidget(self.tabs)
        top.addStretch(1)
        top.addWidget(self._provider)
        for page in (*self.lists.values(), self.connection):
            self._pages.addWidget(page)
        body = column(theme.GAP, (theme.WIDE, theme.WIDE, theme.WIDE, theme.WIDE))
        body.addLayout(top)
        body.addWidget(self.notices)
        body.addWidget(self._gpu)
        body.addWidget(self._pages, 1)
        body.addWidget(self.transfer)
        body.addWidget(self._told)
        body.addLayout(self._footer())
        self.setLayout(body)
        self.transfer.hide()
        self._told.hide()
        for button in (self._fetch, self._folder, self._close):
            button.setAutoDefault(False)

    def _footer(self) -> QVBoxLayout:
        line = row()
        line.addWidget(self._repository, 1)
        for button in (self._fetch, self._folder):
            line.addWidget(button)
        line.addSpacing(theme.WIDE)
        line.addWidget(self._close)
        footer = column(0)
        footer.addLayout(line)
        return footer

    def _connect(self) -> None:
        model = self._model
        self.tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self._provider.clicked.connect(self._tell_provider)
        self._repository.returnPressed.connect(self._fetch_typed)
        self._fetch.clicked.connect(self._fetch_typed)
        self._folder.clicked.connect(self._choose_folder)
        self._close.clicked.connect(self.close)
        for models in self.lists.values():
            models.key_asked.connect(self._ask_key)
        self.transfer.cancelled.connect(lambda: model.cancel(self._typed))
        self.connection.offline_changed.connect(model.set_offline)
        self.connection.endpoint_changed.connect(model.set_endpoint)
        self.connection.token_given.connect(model.set_token)
        model.changed.connect(self._show)
        model.moved.connect(self._show_moved)
        model.source_changed.connect(lambda: self.connection.show_source(model.source))
        model.token_kept.connect(self.connection.tell_token)
        model.key_kept.connect(self._tell_key)
        model.key_forgotten.connect(lambda: self._tell(lambda: _("Forgotten.")))
        model.added.connect(self._tell_added)
        model.removed.connect(self._offer_undo)
        model.undo_closed.connect(self.notices.clear)
        model.priced.connect(self._offer_change)
        model.failed.connect(self._tell_failed)
        model.gpu_pack.failed.connect(self._tell_failed)
        model.gpu_pack.changed.connect(self._show_provider)

    # --- what the view-model says ----------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self.isVisible():
            return  # when it comes up
        for task, (_words, lead) in _TASKS.items():
            cards = [card for card in self._model.cards if card.task == task]
            if task != "embedding":
                cards.insert(0, _without(task, is_default=not any(card.is_default for card in cards)))
            self.lists[task].show_cards(cards, _(lead))
        self._told.setText(_("Copying {folder}…").format(folder=self._model.adding))
        self._told.setVisible(bool(self._model.adding))
        self._show_moved(self._typed)

    def _show_moved(self, id: str) -> None:  # noqa: A002 - it is what it is
        for models in self.lists.values():
            models.show_transfer(id)
        if id == self._typed:
            transfer = self._model.transfers.get(id)
            self.transfer.setVisible(transfer is not None)
            if transfer is not None:
                self.transfer.show_transfer(id, transfer)

    def _show_provider(self) -> None:
        provider = self._model.provider
        self._provider.setVisible(provider is not None)
        if provider is not None:
            name = _(_PROVIDERS.get(provider.name, provider.name))
            self._provider.setText(name)
            self._provider.setToolTip(_(provider.why))
            self._provider.setAccessibleName(_("Models run on: {name}").format(name=name))
            self._provider.setAccessibleDescription(_(provider.why))

    def _tell_provider(self) -> None:
        provider = self._model.provider
        if provider is not None:
            name = _PROVIDERS.get(provider.name, provider.name)
            self._tell(lambda: sentences(_("Models run on: {name}.").format(name=_(name)), _(provider.why)))

    def _tell_added(self, card: Card) -> None:
        self._repository.clear()
        self.show_task(card.task)
        use = None if card.is_default else partial(self._model.choose, card.id)
        self.notices.show_notice(
            Notice(
                lambda: _("{model} is installed.").format(model=card.name),
                action=(lambda: _("Use it")) if use else None,
                do=use,
            )
        )

    def _offer_undo(self, card: Card) -> None:
        said = partial(_("{model} was removed.").format, model=card.name)
        self.notices.show_notice(Notice(said, action=lambda: _("Undo"), do=self._model.undo))

    def _offer_change(self, card: Card, change: Change) -> None:
        self.notices.show_notice(
            Notice(
                lambda: sentences(
                    _("Search by {model}?").format(model=card.name),
                    model_words.cost(change.passages, change.seconds),
                    model_words.sending(card),
                    _("Until then the present index goes on answering."),
                ),
                action=lambda: _("Embed anew"),
                do=partial(self._model.confirm, card.id),
            )
        )

    def _tell_key(self, variable: str) -> None:
        forgotten = N_("No keyring answers: the key is known until the program ends. The variable {name} can hold it.")
        self._tell(lambda: _(forgotten).format(name=variable) if variable else _("Kept in the system's keyring."))

    def _tell_failed(self, error: Exception) -> None:
        self.notices.show_notice(Notice(partial(said, error), Level.ERROR))

    def _tell(self, words: Callable[[], str]) -> None:
        self.notices.show_notice(Notice(words))

    # --- what a person does ----------------------------------------------------------------------------------------

    def _fetch_typed(self) -> None:
        found = _REPOSITORY.fullmatch(self._repository.text().strip())
        if found is None:
            self._tell(lambda: _("A repository is written as owner/name, for example onnx-community/Qwen3-0.6B-ONNX."))
            self._repository.setFocus()
            return
        self._typed = found[1]
        self._model.download(self._typed)

    def _ask_key(self, id: str) -> None:  # noqa: A002
        title = _("Key for {model}").format(model=id)
        words = _("It is kept in the system's keyring and sent to this model's address only. An empty one forgets it.")
        ask_text(self, title, words, _("Keep"), partial(self._model.set_key, id), secret=True)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, _("Add a model folder"))
        if chosen:
            self._model.add(Path(chosen))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Take a folder, or a file in one."""
        if local_paths(event.mimeData()):
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Copy the dropped model in."""
        path = local_paths(event.mimeData())[0]
        event.acceptProposedAction()
        self._model.add(path if path.is_dir() else path.parent)


def _without(task: Task, *, is_default: bool) -> Card:
    """Return the choice to have no model for ``task``, as a card of its own."""
    return Card(NONE, NONE, task, 0, (), "", installed=True, is_default=is_default)
