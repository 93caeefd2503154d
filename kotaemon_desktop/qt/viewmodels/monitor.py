"""What the monitor shows: the past of memory and CPU, the components, what was freed, and what a person should know."""

from __future__ import annotations

import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from kotaemon_desktop.core.events import Done, Loaded, Released, ResidencyEvent
from kotaemon_desktop.core.records import ComponentStatus, ProviderChoice, Sample
from kotaemon_desktop.qt.viewmodels.network import NetworkModel
from kotaemon_desktop.qt.viewmodels.timeline import Speed, Timeline
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine
    from kotaemon_desktop.core.monitoring.notices import Notice

_INTERVAL_MS = 1000
_KEPT_RELEASES = 8


class _Measured(NamedTuple):
    """What one beat brings from the lane."""

    sample: Sample
    components: list[ComponentStatus]
    notices: list[Notice]
    provider: ProviderChoice | None


class MonitorModel(QObject):
    """Owns the timeline; lives in the GUI thread, samples once a second on the sampling lane.

    The same beat drives the engine's clocks (idle components leave), so it goes on while nobody looks.
    Signals:
        ``sampled()``: ``timeline``, ``latest``, ``components``, ``notices`` and ``provider`` are new.
        ``components_changed()``: a component came, went or changed its state between two samples.
        ``released(Released)``: a component has gone; ``releases`` holds the last ones, newest first.
        ``failed(Exception)``: sampling, pinning or the check of the provider failed.
    """

    sampled = Signal()
    components_changed = Signal()
    released = Signal(object)
    failed = Signal(object)
    _happened = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.timeline = Timeline()
        self.latest: Sample | None = None
        self.components: list[ComponentStatus] = []
        self.notices: list[Notice] = []
        self.provider: ProviderChoice | None = None  # None: nobody knows before check_provider()
        self.releases: deque[Released] = deque(maxlen=_KEPT_RELEASES)
        self.network = NetworkModel(engine.outgoing, self)
        self._engine = engine
        self._lanes = lanes
        self._job: Job | None = None
        self._check: Job | None = None
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
        self.network.close()

    @property
    def checking(self) -> bool:
        """Whether the provider is being tried."""
        return self._check is not None and not self._check.finished

    # --- what a person asks for ------------------------------------------------------------------------------------

    def unload(self, component: str) -> None:
        """Ask a component to leave memory as soon as nobody uses it."""
        self._engine.keeper.unload(component)
        self._look()

    def unload_all(self) -> None:
        """Ask every component to leave memory as soon as nobody uses it."""
        self._engine.keeper.unload_all()
        self._look()

    def pin(self, component: str, pinned: bool) -> None:
        """Keep a component in memory, also after the next start, or let it go again."""
        self._lanes.call(
            "browsing", partial(self._engine.pin, component, pinned), on_result=self._look, on_error=self.failed.emit
        )

    def check_provider(self) -> None:
        """Try which provider works, in a host of its own; ``provider`` follows."""
        if not self.checking:
            self._check = self._lanes.call(
                "browsing", self._engine.generators.provider, on_result=self._take_provider, on_error=self.failed.emit
            )

    def dismiss(self, kind: str) -> None:
        """Say nothing more of a kind of notice until it has ended once."""
        self._lanes.call("sampling", partial(self._engine.notices.dismiss, kind), on_result=self._look_again)

    def note_answer(self, done: Done) -> None:
        """Remember how fast the language model wrote an answer, if one did."""
        tokens, seconds = done.timings.get("tokens", 0.0), done.timings.get("decode", 0.0)
        if tokens and seconds:
            self.timeline.add_speed(Speed(time.time(), tokens / seconds))

    # --- what the lane and the keeper tell -------------------------------------------------------------------------

    @Slot()
    def _sample(self) -> None:
        if self._job is None or self._job.finished:  # a slow machine gets fewer samples, never a queue of them
            self._job = self._lanes.call("sampling", self._measure, on_result=self._take, on_error=self.failed.emit)

    def _measure(self) -> _Measured:
        """Runs in the lane."""
        engine = self._engine
        engine.tick()
        return _Measured(
            engine.sampler.sample(), engine.keeper.status(), engine.notices.look(), engine.generators.known_provider()
        )

    def _take(self, measured: _Measured) -> None:
        self.latest, self.components, self.notices, self.provider = measured
        self.timeline.add(self.latest)
        self.sampled.emit()

    def _take_provider(self, provider: ProviderChoice) -> None:
        self.provider = provider
        self.sampled.emit()

    def _look(self, _result: object = None) -> None:
        """Read the components anew."""
        self.components = self._engine.keeper.status()
        self.components_changed.emit()

    def _look_again(self, _result: object) -> None:
        self._sample()

    def _hear(self, event: ResidencyEvent) -> None:
        """Any thread."""
        if not self._closed:
            self._happened.emit(event)

    @Slot(object)
    def _note(self, event: ResidencyEvent) -> None:
        if self._closed:
            return
        if isinstance(event, Loaded | Released):
            self.timeline.add_mark(event)
        if isinstance(event, Released):
            self.releases.appendleft(event)
            self.released.emit(event)
        else:
            self._look()
