"""What the window says of this machine's card: how models can run on it, and how far a download of that is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.gpu_pack import NAME, Offer
from kotaemon_desktop.core.models.providers import NVIDIA
from kotaemon_desktop.core.records import DownloadProgress
from kotaemon_desktop.qt.viewmodels.transfer import Transfer
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

_LANE = "downloading"  # one download after the other, models as well


class GpuPackModel(QObject):
    """Looks and fetches on lanes; lives in the GUI thread.

    Signals: ``changed()``: ``offer`` or ``transfer`` are new. ``failed(Exception)``.
    """

    changed = Signal()
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.offer: Offer | None = None
        self.transfer: Transfer | None = None
        self._engine = engine
        self._lanes = lanes
        self._job: Job | None = None

    def look(self) -> None:
        """Look whether there is a card that models could run on."""
        self._lanes.call("models", self._look, on_result=self._take, on_error=self.failed.emit)

    def install(self) -> None:
        """Fetch the pack, going on from what has arrived before."""
        if self.transfer is not None:
            return
        self.transfer = Transfer(NAME, "")
        self.changed.emit()
        self._job = self._lanes.run(
            _LANE,
            self._install,
            on_event=self._got_on,
            on_done=self._ended,
            on_error=self.failed.emit,
        )

    def cancel(self) -> None:
        """Stop the download; what has arrived is kept."""
        if self._job is not None and self.transfer is not None:
            self.transfer = replace(self.transfer, stopping=True)
            self._job.cancel()
            self.changed.emit()

    def remove(self) -> None:
        """Delete the pack: models run on the processor again."""
        self._lanes.call("models", self._remove, on_result=lambda _none: self.look(), on_error=self.failed.emit)

    def _look(self) -> Offer | None:
        offer = self._engine.gpu_pack.offer()
        if offer is not None and not offer.installed and self._engine.generators.provider().name in NVIDIA:
            return None  # models run on it already
        return offer

    def _install(self) -> Iterator[DownloadProgress]:
        yield from self._engine.gpu_pack.install()
        self._engine.use_gpu_anew()  # not reached by a download that was stopped or failed: models stay in memory

    def _remove(self) -> None:
        self._engine.gpu_pack.remove()
        self._engine.use_gpu_anew()

    def _take(self, offer: Offer | None) -> None:
        self.offer = offer
        self.changed.emit()

    def _got_on(self, progress: DownloadProgress) -> None:
        if self.transfer is not None:
            self.transfer = replace(self.transfer, progress=progress)
            self.changed.emit()

    def _ended(self) -> None:
        self.transfer = self._job = None
        self.changed.emit()
        self.look()
