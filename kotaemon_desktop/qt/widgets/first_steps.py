"""What the welcome shows while the library is empty: samples to try, language and theme, where everything is kept."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QWidget

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.settings import Appearance
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.menu import LANGUAGES, THEMES
from kotaemon_desktop.qt.widgets.elided_label import ElidedLabel
from kotaemon_desktop.qt.widgets.parts import column, label, push_button, row


class FirstSteps(QWidget):
    """Nothing in it has to be done: whoever drops a file has skipped it. GUI thread.

    Signals: ``samples_wanted()``, ``folder_wanted()`` (to be seen), ``other_folder_wanted()``, ``models_wanted()``,
    ``chosen(str, str)``: a setting of the appearance, and its value.
    """

    samples_wanted = Signal()
    folder_wanted = Signal()
    other_folder_wanted = Signal()
    models_wanted = Signal()
    chosen = Signal(str, str)

    def __init__(self, folder: str, *, can_move: bool, has_models_page: bool) -> None:
        super().__init__()
        self._model = ""
        self._samples = push_button()
        self._samples.clicked.connect(self.samples_wanted.emit)
        self._choices = {"language": (LANGUAGES, QComboBox()), "theme": (THEMES, QComboBox())}
        self._titles = {name: label("muted") for name in (*self._choices, "folder")}
        self._folder = ElidedLabel()
        self._folder.setText(folder)
        self._show = push_button("flat")
        self._show.clicked.connect(self.folder_wanted.emit)
        self._move = push_button("flat")
        self._move.clicked.connect(self.other_folder_wanted.emit)
        self._move.setVisible(can_move)
        self._answers = label("muted", wrap=True)
        self._answers.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._models = push_button("flat")
        self._models.clicked.connect(self.models_wanted.emit)
        self._models.setVisible(has_models_page)
        self._arrange()
        self.retranslate()

    def show_appearance(self, appearance: Appearance) -> None:
        """Show what is chosen now."""
        for name, (_options, box) in self._choices.items():
            box.setCurrentIndex(box.findData(getattr(appearance, name)))

    def show_model(self, model: str) -> None:
        """Say that ``model`` writes the answers; empty: nothing is installed, they are quotes."""
        self._model = model
        self._say_what_answers()

    def retranslate(self) -> None:
        """Write all words again, in the current language."""
        self._samples.setText(_("Try the sample documents"))
        words = {"language": N_("Language"), "theme": N_("Theme"), "folder": N_("Kept in")}
        for name, title in self._titles.items():
            title.setText(_(words[name]))
        for name, (options, box) in self._choices.items():
            box.setAccessibleName(_(words[name]))
            for place, (_value, option) in enumerate(options):
                box.setItemText(place, _(option))
        self._folder.setAccessibleName(_("Your data is kept in {folder}").format(folder=self._folder.text()))
        self._show.setText(_("Show"))
        self._show.setAccessibleName(_("Show the folder with your data"))
        self._move.setText(_("Change…"))
        self._move.setAccessibleName(_("Keep your data in another folder"))
        self._models.setText(_("Models…"))
        self._say_what_answers()

    def _say_what_answers(self) -> None:
        if self._model:
            self._answers.setText(_("{model} writes the answers, on this computer.").format(model=self._model))
        else:
            words = N_(
                "Answers quote your documents. A language model can be added later; nothing is downloaded unasked."
            )
            self._answers.setText(_(words))

    def _arrange(self) -> None:
        below = column(theme.GAP)
        self.setLayout(below)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.WIDE)
        form.setVerticalSpacing(theme.GAP)
        for name, (options, box) in self._choices.items():
            for value, _words in options:
                box.addItem("", value)
            box.activated.connect(partial(self._choose, name, box))
            form.addRow(self._titles[name], box)
        place = row(theme.TIGHT)
        place.addWidget(self._folder, 1)
        place.addWidget(self._show)
        place.addWidget(self._move)
        form.addRow(self._titles["folder"], place)
        below.addWidget(self._samples)
        below.addSpacing(theme.WIDE)
        below.addLayout(form)
        below.addSpacing(theme.WIDE)
        below.addWidget(self._answers)
        below.addWidget(self._models, 0, Qt.AlignmentFlag.AlignHCenter)

    def _choose(self, name: str, box: QComboBox, place: int) -> None:
        self.chosen.emit(name, box.itemData(place))
