"""The first minute: fills the welcome with what suits the library, from sample documents to questions about them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from kotaemon_desktop.core.i18n import N_, _, language, resource
from kotaemon_desktop.qt.widgets.notice import Notice

if TYPE_CHECKING:
    from kotaemon_desktop.qt.widgets.first_steps import FirstSteps
    from kotaemon_desktop.qt.window import MainWindow

# Not translations of each other: the English samples answer the English ones, the Chinese the Chinese.
SAMPLE_QUESTIONS = {
    "en": (
        "How many days of paid holiday do I get after five years?",
        "What does fault code E07 mean?",
        "Can I take the battery on a plane?",
    ),
    "zh_CN": ("工作满十年有几天年假？", "去上海出差住宿标准是多少？", "20万元以上的采购由谁审批？"),
}


class FirstRun(QObject):
    """Knows whether the library is empty and whether it holds the samples; lives in the GUI thread.

    There is no flag for a first run: while nothing is in the library its steps are offered, and then no more.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._steps: FirstSteps | None = None
        self._samples = [str(file) for file in resource("samples").iterdir()]
        window.library_model.documents_changed.connect(self.look)
        window.settings_model.appearance_changed.connect(self.look)

    def look(self) -> None:
        """Show the steps, questions about the samples, or examples, as the library is now."""
        documents = self._window.library_model.documents
        welcome = self._window.chat.welcome
        if not documents.entries:
            welcome.show_steps(self._made_steps())
            return
        welcome.show_steps(None)
        if any(map(documents.entry, self._samples)):
            welcome.show_questions(SAMPLE_QUESTIONS[language()])
        else:
            welcome.show_questions(())

    def _made_steps(self) -> FirstSteps:
        if self._steps is None:
            from kotaemon_desktop.qt.widgets.first_steps import FirstSteps

            window, model = self._window, self._window.settings_model
            models_page = window.action("models")
            folder = window.engine.folder
            steps = self._steps = FirstSteps(
                str(folder.root), can_move=folder.is_of_plain_start(), has_models_page=models_page is not None
            )
            steps.samples_wanted.connect(lambda: window.library_model.import_([resource("samples")]))
            steps.folder_wanted.connect(window.show_data_folder)
            steps.other_folder_wanted.connect(self._choose_folder)
            steps.chosen.connect(partial(model.change, "appearance"))
            if models_page is not None:
                steps.models_wanted.connect(models_page.trigger)
            steps.show_appearance(model.settings.appearance)
            model.appearance_changed.connect(lambda: steps.show_appearance(model.settings.appearance))
            window.lanes.call("browsing", window.engine.models.generator, on_result=self._show_model)
        return self._steps

    def _choose_folder(self) -> None:
        from PySide6.QtWidgets import QFileDialog

        chosen = QFileDialog.getExistingDirectory(self._window, _("Keep everything in this folder"))
        if chosen:
            self.move_to(Path(chosen))

    def move_to(self, place: Path) -> None:
        """Keep everything in ``place``, or in a folder of its own there, from the next start on."""
        use = partial(self._window.engine.folder.use_from_next_start, place)
        self._window.lanes.call("browsing", use, on_result=self._tell_moved)

    def _tell_moved(self, folder: Path) -> None:
        words = N_("From the next start on everything is kept in {folder}.")
        notice = Notice(lambda: _(words).format(folder=folder), action=lambda: _("Quit now"), do=self._window.quit)
        self._window.notices.show_notice(notice)

    def _show_model(self, model: object) -> None:
        if self._steps is not None:
            self._steps.show_model(getattr(model, "id", ""))
