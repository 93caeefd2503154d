"""What the models page shows and does: models with their fit, downloads, self-tests, and where models come from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from kotaemon_desktop.core.models.manifest import Task
from kotaemon_desktop.core.records import DownloadProgress, ProviderChoice
from kotaemon_desktop.core.registry import Card, Change, ModelRegistry
from kotaemon_desktop.qt.viewmodels.gpu_pack import GpuPackModel
from kotaemon_desktop.qt.viewmodels.transfer import Transfer
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

UNDO_SECONDS = 10
_BROWSING, _DOWNLOADING, _WORKING = "browsing", "downloading", "models"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Source:
    """Where models come from: the address as set (empty: the public one), and whether nothing may be fetched."""

    endpoint: str
    host: str
    offline: bool
    has_token: bool


class ModelsModel(QObject):
    """Owns the list of models, their downloads and tests; lives in the GUI thread, works on lanes of its own.

    Signals: ``changed()``: ``cards``, ``transfers`` or ``testing`` are new. ``moved(str)``: a download got on.
    ``source_changed()``: ``source`` is new. ``added(Card)``: a model came in. ``removed(Card)``: one went and can come
    back until ``undo_closed()``. ``priced(Card, Change)``: what it costs to search by that embedder; nothing is changed
    yet. ``chosen(str)``: a model of this task does its work from now on. ``token_kept(bool)``: a token was taken, by
    the system's keyring or until the end of the program only. ``key_kept(str)``: a key was taken; where no keyring
    answers with the environment's variable that would hold it for longer. ``key_forgotten()``. ``failed(Exception)``.
    """

    changed = Signal()
    moved = Signal(str)
    source_changed = Signal()
    added = Signal(object)
    removed = Signal(object)
    undo_closed = Signal()
    priced = Signal(object, object)
    chosen = Signal(str)
    token_kept = Signal(bool)
    key_kept = Signal(str)
    key_forgotten = Signal()
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cards: list[Card] = []
        self.transfers: dict[str, Transfer] = {}
        self.testing: set[str] = set()
        self.adding = ""  # the folder that is being copied in
        self.source: Source | None = None
        self._engine = engine
        self._lanes = lanes
        self.gpu_pack = GpuPackModel(engine, lanes, self)
        self._registry = ModelRegistry(engine)
        self._jobs: dict[str, Job] = {}
        self._undoable: Card | None = None
        self._undo_timer = QTimer(self, singleShot=True, interval=UNDO_SECONDS * 1000)
        self._undo_timer.timeout.connect(self.close_undo)

    # --- what there is ---------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Look at everything anew."""
        self._do(self._registry.cards, self._take_cards)
        self._do(self._look_at_source, self._take_source)

    @property
    def provider(self) -> ProviderChoice | None:
        """The processor that runs the models, and why; None until somebody has tried it."""
        return self._engine.generators.known_provider()

    def card(self, id: str) -> Card | None:  # noqa: A002 - it is what it is
        """Return the model ``id``."""
        return next((card for card in self.cards if card.id == id), None)

    # --- choosing and testing --------------------------------------------------------------------------------------

    def choose(self, id: str, task: Task = "generation") -> None:  # noqa: A002
        """Let a model do its task from now on (``none``: no model); an embedder is priced first, see ``priced``."""
        card = self.card(id)
        if card is None or card.task != "embedding":
            self._do(partial(self._registry.choose, id, task), self._chosen)
        elif not card.is_default:
            self._test_begins(id)
            self._do(partial(self._price, id), partial(self._take_price, id), partial(self._test_failed, id), _WORKING)

    def confirm(self, id: str) -> None:  # noqa: A002
        """Let the embedder ``id`` search, once everything is embedded anew."""
        self._do(partial(self._registry.choose, id), self._chosen)

    def test(self, id: str) -> None:  # noqa: A002
        """Measure how fast an installed model is here."""
        self._test_begins(id)
        self._do(partial(self._registry.test, id), partial(self._tested, id), partial(self._test_failed, id), _WORKING)

    # --- coming and going ------------------------------------------------------------------------------------------

    def download(self, id: str, variant: str = "") -> None:  # noqa: A002
        """Fetch a model of the catalogue, or ``owner/repository``, going on from what has arrived before."""
        if id in self.transfers:
            return
        self.transfers[id] = Transfer(id, variant)
        self._jobs[id] = self._lanes.run(
            _DOWNLOADING,
            partial(self._registry.download, id, variant),
            on_event=partial(self._got_on, id),
            on_done=partial(self._ended, id),
            on_error=self.failed.emit,
        )
        self.changed.emit()

    def cancel(self, id: str) -> None:  # noqa: A002
        """Stop a download; what has arrived is kept."""
        if id in self.transfers:
            self.transfers[id] = replace(self.transfers[id], stopping=True)
            self._jobs[id].cancel()
            self.moved.emit(id)

    def discard(self, id: str, variant: str) -> None:  # noqa: A002
        """Delete what has arrived of a download that was stopped."""
        self._do(partial(self._registry.discard, id, variant), self._refreshed)

    def add(self, folder: Path) -> None:
        """Copy the model in ``folder`` in."""
        self.adding = folder.name
        self.changed.emit()
        self._do(partial(self._registry.add, folder), lambda model: self._added(model.id), self._add_failed, _WORKING)

    def remove(self, id: str) -> None:  # noqa: A002
        """Take a model away; :meth:`undo` brings it back for ``UNDO_SECONDS``."""
        card = self.card(id)
        if card is not None and card.installed:
            self.close_undo()
            self._undoable = card
            self._do(partial(self._registry.remove, id), self._removed)

    def undo(self) -> None:
        """Bring back what the last :meth:`remove` took away."""
        card, self._undoable = self._undoable, None
        self._undo_timer.stop()
        if card is not None:
            self._do(partial(self._registry.restore, card.id), self._refreshed)
            self.undo_closed.emit()

    def close_undo(self) -> None:
        """Delete for good what was removed."""
        self._undo_timer.stop()
        if self._undoable is not None:
            self._undoable = None
            self.undo_closed.emit()
            self._do(self._registry.purge, self._refreshed, lane=_WORKING)

    # --- where models come from ------------------------------------------------------------------------------------

    def set_offline(self, offline: bool) -> None:
        """Never fetch anything, or do so when asked."""
        self._change("offline", offline)

    def set_endpoint(self, endpoint: str) -> None:
        """Fetch models from the hub at this address; empty: the public one."""
        self._change("endpoint", endpoint.strip())

    def set_token(self, token: str) -> None:
        """Keep a token for the present hub; empty: forget it."""
        self._do(partial(self._registry.set_token, token), self._token_taken, lane=_WORKING)

    def set_key(self, id: str, key: str) -> None:  # noqa: A002
        """Keep the key for a model elsewhere; empty: forget it."""
        told = self.key_kept.emit if key.strip() else lambda _variable: self.key_forgotten.emit()
        self._do(partial(self._registry.set_key, id, key), told, lane=_WORKING)

    def _change(self, name: str, value: object) -> None:
        def refused(error: Exception) -> None:
            self.failed.emit(error)
            self.source_changed.emit()  # shows what is in force

        self._do(partial(self._engine.change_setting, "models", name, value), self._refreshed, refused)

    def _token_taken(self, kept: bool) -> None:
        self.token_kept.emit(kept)
        self.refresh()

    # --- in the lanes ----------------------------------------------------------------------------------------------

    def _look_at_source(self) -> Source:
        hub = self._registry.hub()
        return Source(self._engine.settings.models.endpoint, hub.host, hub.offline, bool(hub.token))

    def _price(self, id: str) -> Change:  # noqa: A002
        change = self._registry.change(id)
        if change.passages and change.seconds is None:
            self._registry.test(id)
            change = self._registry.change(id)
        return change

    # --- what the lanes report -------------------------------------------------------------------------------------

    def _do(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
        lane: str = _BROWSING,
    ) -> None:
        self._lanes.call(lane, work, on_result=then, on_error=failed or self.failed.emit)

    def _take_cards(self, cards: list[Card]) -> None:
        self.cards = cards
        self.changed.emit()

    def _take_source(self, source: Source) -> None:
        if source != self.source:
            self.source = source
            self.source_changed.emit()

    def _refreshed(self, _result: object) -> None:
        self.refresh()

    def _chosen(self, task: str) -> None:
        self.chosen.emit(task)
        self.refresh()

    def _test_begins(self, id: str) -> None:  # noqa: A002
        self.testing.add(id)
        self.changed.emit()

    def _tested(self, id: str, _speed: object = None) -> None:  # noqa: A002
        self.testing.discard(id)
        self.refresh()

    def _test_failed(self, id: str, error: Exception) -> None:  # noqa: A002
        self._tested(id)
        self.failed.emit(error)

    def _take_price(self, id: str, change: Change) -> None:  # noqa: A002
        self._tested(id)
        card = self.card(id)
        if card is not None and change.passages:
            self.priced.emit(card, change)
        else:
            self.confirm(id)

    def _got_on(self, id: str, progress: DownloadProgress) -> None:  # noqa: A002
        self.transfers[id] = replace(self.transfers[id], progress=progress)
        self.moved.emit(id)

    def _ended(self, id: str) -> None:  # noqa: A002
        transfer = self.transfers.pop(id)
        self._jobs.pop(id)
        progress = transfer.progress
        if progress is not None and progress.done == progress.total and not transfer.stopping:
            self._added(progress.model)
        else:
            self.refresh()
        self.changed.emit()

    def _added(self, id: str) -> None:  # noqa: A002
        self.adding = ""
        self._do(self._registry.cards, partial(self._take_added, id))

    def _take_added(self, id: str, cards: list[Card]) -> None:  # noqa: A002
        self._take_cards(cards)
        card = self.card(id)
        if card is not None and card.installed:
            self.added.emit(card)

    def _add_failed(self, error: Exception) -> None:
        self.adding = ""
        self.changed.emit()
        self.failed.emit(error)

    def _removed(self, _result: object) -> None:
        self.refresh()
        if self._undoable is not None:
            self._undo_timer.start()
            self.removed.emit(self._undoable)
