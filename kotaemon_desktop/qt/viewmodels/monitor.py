"""What the monitor shows: the last two minutes of memory and CPU, the components, and what was freed."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kotaemon_desktop.core.events import ComponentChanged, Released, ResidencyEvent
from kotaemon_desktop.core.records import ComponentState, ComponentStatus, Sample
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

SECONDS = 120
_INTERVAL_MS = 1000
_AWAKE = {ComponentState.READY, ComponentState.BUSY, ComponentState.IDLE}


@dataclass(frozen=True, slots=True)
class Mark:
    """A component that came (``loaded``) or went at a time (wall clock, seconds)."""

    at: float
    component: str
    loaded: bool


class MonitorModel(QObject):
    """Owns the samples; lives in the GUI thread, samples once a second on the sampling lane.

    The same beat drives the engine's clocks (idle components leave), so it goes on while nobody looks.
    Signals: ``sampled()``: ``samples``, ``marks`` and ``components`` are new. ``components_changed()``: a component
    came, went or changed its state between two samples. ``released(Released)``. ``failed(Exception)``: sampling failed.
    """

    sampled = Signal()
    components_changed = Signal()
    released = Signal(object)
    failed = Signal(object)
    _happened = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.samples: deque[Sample] = deque(maxlen=SECONDS + 1)
        self.marks: deque[Mark] = deque(maxlen=64)
        self.components: list[ComponentStatus] = []
        self.last_released: Released | None = None
        self._engine = engine
        self._lanes = lanes
        self._job: Job | None = None
        self._closed = False
        self._happened.connect(self._note)
        self._beat = QTimer(self, interval=_INTERVAL_MS)
        self._beat.timeout.connect(self._sample)

    def start(self) -> None:
        """Take the first sample and go on once a second."""
        self._engine.keeper.subscribe(self._hear)
        self._sample()
        self._beat.start()

    def close(self) -> None:
        """Stop sampling and hear nothing more."""
        self._closed = True
        self._beat.stop()

    def unload(self, component: str) -> None:
        """Ask a component to leave memory as soon as nobody uses it."""
        self._engine.keeper.unload(component)

    @Slot()
    def _sample(self) -> None:
        if self._job is None or self._job.finished:  # a slow machine gets fewer samples, never a queue of them
            self._job = self._lanes.call("sampling", self._measure, on_result=self._take, on_error=self.failed.emit)

    def _measure(self) -> tuple[Sample, list[ComponentStatus]]:
        """Runs in the lane."""
        self._engine.tick()
        return self._engine.sampler.sample(), self._engine.keeper.status()

    def _take(self, measured: tuple[Sample, list[ComponentStatus]]) -> None:
        sample, self.components = measured
        self.samples.append(sample)
        while self.marks and self.marks[0].at < sample.at - SECONDS:
            self.marks.popleft()
        self.sampled.emit()

    def _hear(self, event: ResidencyEvent) -> None:
        """Any thread."""
        if not self._closed:
            self._happened.emit(event)

    @Slot(object)
    def _note(self, event: ResidencyEvent) -> None:
        if self._closed:
            return
        if isinstance(event, Released):
            self.last_released = event
            self.released.emit(event)
        elif isinstance(event, ComponentChanged):
            was, is_ = event.before in _AWAKE, event.after in _AWAKE
            if was != is_:
                self.marks.append(Mark(event.at, event.component, loaded=is_))
            self.components = self._engine.keeper.status()
            self.components_changed.emit()
