"""What the patterns of a watched folder leave out, tried on the files that are there now before they count."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.qt.viewmodels.places import Place


class LeavingOut(QObject):
    """Tries and keeps the patterns of one watched folder; lives in the GUI thread, works on the watching lane.

    Signals: ``tried(LeftOut)``: what the patterns would leave out now. ``kept()``. ``failed(Exception)``.
    """

    tried = Signal(object)
    kept = Signal()
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, place: Place, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self._engine = engine
        self._lanes = lanes
        self._trying: Job | None = None

    def try_(self, patterns: Sequence[str]) -> None:
        """Look what ``patterns`` would leave out; ``tried`` follows, for the last ones only."""
        self.stop()
        work = partial(self._engine.imports.left_out, self.place.path, tuple(patterns))
        self._trying = self._lanes.call("watching", work, on_result=self.tried.emit, on_error=self.failed.emit)

    def keep(self, patterns: Sequence[str]) -> None:
        """Leave out what ``patterns`` fit from now on, come what may; ``kept`` follows."""
        self.stop()
        work = partial(self._engine.watched.watch, self.place.path, tuple(patterns))
        self._lanes.call("watching", work, on_result=lambda _done: self.kept.emit(), on_error=self.failed.emit)

    def stop(self) -> None:
        """Tell no more of what the patterns tried last would leave out."""
        if self._trying is not None:
            self._trying.cancel()

    def close(self) -> None:
        """Go away, once what is being kept is stored and told."""
        self.stop()
        self._lanes.call("watching", lambda: None, on_result=lambda _none: self.deleteLater())  # the lane keeps order
