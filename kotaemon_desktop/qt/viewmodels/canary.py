"""What the page of the candidate shows and does: what can be tried, the comparison, starting, stopping, promoting."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.canary.records import Way
from kotaemon_desktop.core.canary.report import Report
from kotaemon_desktop.core.offers import offered
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


class Shown(msgspec.Struct, frozen=True):
    """What can be tried (values, and what people call them), what is set, and how it goes; None: nothing tried yet."""

    models: dict[str, str]
    pipelines: dict[str, str]
    candidate: Way
    share: float
    report: Report | None

    @property
    def choices(self) -> tuple[dict[str, str], dict[str, str], Way, float]:
        """What a person can choose from, and what is set."""
        return self.models, self.pipelines, self.candidate, self.share

    @property
    def is_running(self) -> bool:
        """Whether a candidate is being tried."""
        return self.report is not None and self.report.trial.ending is None


class CanaryModel(QObject):
    """Owns what is shown; lives in the GUI thread, works on the browsing lane.

    Signals: ``changed(Shown)``, ``decided()``: the settings have changed by it. ``failed(Exception)``.
    """

    changed = Signal(object)
    decided = Signal()
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes

    def refresh(self) -> None:
        """Read how it goes now; ``changed`` follows."""
        self._lanes.call(
            "browsing", partial(_read, self._engine), on_result=self.changed.emit, on_error=self.failed.emit
        )

    def start(self, candidate: Way, share: float) -> None:
        """Try ``candidate`` on a share of the conversations."""
        self._do(partial(self._engine.canary.start, candidate, share))

    def stop(self) -> None:
        """Try it no more."""
        self._do(self._engine.canary.stop)

    def promote(self) -> None:
        """Let the candidate answer everything."""
        self._do(self._engine.canary.promote)

    def _do(self, work: Callable[[], None]) -> None:
        self._lanes.call("browsing", work, on_result=self._done, on_error=self.failed.emit)

    def _done(self, _none: object) -> None:
        self.decided.emit()
        self.refresh()


def _read(engine: Engine) -> Shown:
    """Runs in the browsing lane."""
    asked = engine.settings.canary
    return Shown(
        offered(engine, "candidate generators"),
        offered(engine, "candidate pipelines"),
        Way(asked.model, asked.pipeline),
        asked.share,
        engine.canary.report(),
    )
