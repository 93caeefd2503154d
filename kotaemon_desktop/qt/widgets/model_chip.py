"""A small chip that says who answers and how, and leads to the models."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QToolButton, QWidget

from kotaemon_desktop.core.i18n import _, sentences
from kotaemon_desktop.core.models.remote import leaves_with
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.tips import plain

KEYS = "Ctrl+Shift+M"  # as in the menu
_LONGEST = 28  # characters of a name


class ModelChip(QToolButton):
    """Shows the name of the model that answers; GUI thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = ""
        self._pipeline = ""
        self.setIconSize(QSize(14 + theme.TIGHT, 14))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.retranslate()

    def show_answerer(self, model: str, pipeline: str = "") -> None:
        """Say that ``model`` answers (empty: the documents are quoted), by ``pipeline`` if every question takes it."""
        self._model, self._pipeline = model, pipeline
        self.retranslate()

    def retranslate(self) -> None:
        """Write the words again, in the current language."""
        name = self._model or _("Quotes only")
        away = leaves_with(self._model)
        self.setIcon(theme.icon("elsewhere", "warning") if away else theme.icon("processor", "text_muted"))
        shown = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        self.setText(" · ".join(dict.fromkeys(filter(None, (shown, self._pipeline)))))
        answers = (
            _("{model} answers.").format(model=name)
            if self._model
            else _("No language model: the documents are quoted word for word.")
        )
        if away:
            answers = sentences(answers, _("Questions and passages leave this machine."))
        way = _("Pipeline: {name}").format(name=self._pipeline) if self._pipeline else ""
        tip = "\n".join(filter(None, (answers, way, _("Choose a model ({keys})").format(keys=KEYS))))
        self.setToolTip(plain(tip))
        self.setAccessibleName(_("Answers: {model}").format(model=name))
        self.setAccessibleDescription(tip)
