"""Gives every passage its vector, and the vectors their index: the second half of an import."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack

from kotaemon_desktop.core.errors import ComponentError, KotaemonError, ModelError, ModelNotFound
from kotaemon_desktop.core.events import Embedding, ImportEvent, ImportNote, Ready, Waking
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.protocols import Clock, Lease, Lender, WritableLibrary
from kotaemon_desktop.core.records import ComponentState, ModelInfo
from kotaemon_desktop.core.residency.names import BUILDER, EMBEDDER, RETRIEVAL
from kotaemon_desktop.core.retrieval.search import covers

_BATCH = 8  # passages a request: about 0.1 s
_WINDOW = 64  # passages a transaction, sorted by length before they are cut into batches
_ATTEMPTS = 3
_NOT_COVERED = b""  # the mark for a passage whose language the embedder does not declare


class LibraryEmbedding:
    """Embeds what lacks vectors. Building it loads nothing; runs in the importing lane."""

    def __init__(
        self,
        keeper: Lender,
        library: WritableLibrary,
        clock: Clock,
        embedders: Embedders,
        switched: Callable[[], None],
        can_build: Callable[[], bool],
    ) -> None:
        """``switched`` is called when another embedder searches from now on."""
        self._keeper = keeper
        self._library = library
        self._clock = clock
        self._embedders = embedders
        self._switched = switched
        self._can_build = can_build

    def embed(self) -> Iterator[ImportEvent]:
        """Yield the events of embedding all passages that lack a vector, then of bringing the index in step.

        A host that dies is replaced and the embedding goes on where it was; when that fails again and again without
        getting on it ends with an ImportNote: keyword search has everything, and the next import or start goes on.
        """
        failures, left, is_new = 0, self._unembedded(), False
        while True:
            try:
                yield from self._build_embedder()
                embedder = self._embedders.chosen()
                if embedder is not None:
                    is_new = (yield from self._embed_pending(embedder)) or is_new
                    self._complete(embedder, is_new)
                return
            except (ComponentError, ModelError) as error:
                before, left = left, self._unembedded()
                failures = 1 if left < before else failures + 1
                if failures == _ATTEMPTS:
                    yield ImportNote(error)
                    return

    def sync(self) -> Iterator[tuple[int, int]]:
        """Bring the vector index in step with the library, yielding (done, total) rows."""
        with self._keeper.lease(RETRIEVAL, urgent=False) as lease:
            yield from lease.stream("sync")

    def left(self) -> bool:
        """Return whether passages lack vectors, or all have them and their embedder does not search yet."""
        return bool(self._unembedded()) or (self._is_changing() and self._library.counts()[1] > 0)

    def _is_changing(self) -> bool:
        return self._embedders.chosen() != self._embedders.searching()

    def _complete(self, embedder: ModelInfo, is_new: bool) -> None:
        """Bring the index in step with the vectors; a new embedder's aside, while the old one goes on searching."""
        if self._embedders.searching() == embedder:
            if is_new:
                for _ in self.sync():
                    pass
            self._library.mark_complete(embedder.id)
            return
        with self._keeper.lease(EMBEDDER, urgent=False) as lease:
            _expect(lease, embedder)
            for _ in lease.stream("index"):
                pass
        self._library.mark_complete(embedder.id)
        self._switched()

    def _build_embedder(self) -> Iterator[ImportEvent]:
        """Build the embedded embedder, once on this machine, when no other is installed."""
        if self._embedders.chosen() is not None or not self._can_build() or not self._library.counts()[1]:
            return
        yield from self._waking(BUILDER)
        try:
            with self._keeper.lease(BUILDER, urgent=False) as lease:
                for _ in lease.stream("build"):
                    pass
        except KotaemonError as error:  # keyword search does not need it
            yield ImportNote(error)

    def _unembedded(self) -> int:
        embedder = self._embedders.chosen()
        if embedder is None:
            return self._library.counts()[1] if self._can_build() else 0
        return self._library.pending_count(embedder.id)

    def _waking(self, component: str) -> Iterator[ImportEvent]:
        status = self._keeper.status(component)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(component, status.expected_wake)

    def _embed_pending(self, embedder: ModelInfo) -> Generator[ImportEvent, None, bool]:
        """Embed window by window; the host wakes with the first passage whose language the embedder knows.

        Returns whether there are vectors that the index does not have.
        """
        done, total = 0, self._library.pending_count(embedder.id)
        started = self._clock.monotonic()
        lease: Lease | None = None
        with ExitStack() as stack:
            while window := self._library.pending(embedder.id, _WINDOW):
                covered = sorted((row for row in window if covers(embedder, row[2])), key=lambda row: len(row[2]))
                if covered and lease is None:
                    yield from self._waking(EMBEDDER)
                    lease = stack.enter_context(self._keeper.lease(EMBEDDER, urgent=False))
                    _expect(lease, embedder)
                vectors = dict.fromkeys((passage_id for passage_id, _, _ in window), _NOT_COVERED)
                if lease is not None:
                    vectors |= _embedded(lease, covered)
                    lease.worked()
                finished = self._library.store_vectors(embedder.id, list(vectors.items()))
                done += len(window)
                yield self._embedding(done, max(done, total), started, window[-1][1], embedder.id)
                yield from map(Ready, finished)
        return lease is not None

    def _embedding(self, done: int, total: int, started: float, document_id: int, model: str) -> Embedding:
        rate = done / max(1e-6, self._clock.monotonic() - started)
        document_done, document_total = self._library.progress(document_id, model)
        return Embedding(done, total, rate, (total - done) / rate, document_id, document_done, document_total)


def _expect(lease: Lease, embedder: ModelInfo) -> None:
    """Raise ModelNotFound when another embedder was chosen between the plan and the wake: the next attempt takes it."""
    if lease.call("embedder") != embedder.id:
        raise ModelNotFound(model=embedder.id)


def _embedded(lease: Lease, rows: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, bytes]]:
    """Yield (passage id, vector) of each row, a few a request."""
    for first in range(0, len(rows), _BATCH):
        batch = rows[first : first + _BATCH]
        vectors: list[bytes] = lease.call("embed", [text for _, _, text in batch])
        yield from zip((passage_id for passage_id, _, _ in batch), vectors, strict=True)
