"""Who answers the next question: a language model, or the documents' own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


class Answerer(QObject):
    """Owns the name of the model that answers; lives in the GUI thread, looks on the browsing lane.

    Signals: ``changed(str, str)``: the model's id, empty where only quotes answer; and what people call the pipeline
    that was chosen for every question, empty where rules choose.
    """

    changed = Signal(str, str)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes

    def look(self) -> None:
        """Find out who answers now."""
        self._lanes.call("browsing", self._engine.generators.default, on_result=self._take)

    def _take(self, model: ModelInfo | None) -> None:
        pipeline = self._engine.settings.pipelines.use
        if pipeline:
            from kotaemon_desktop.core.pipeline.choice import name_of

            pipeline = name_of(pipeline)
        self.changed.emit(model.id if model else "", pipeline)
