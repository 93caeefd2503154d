"""Imports files: read, cut, store, then embed. A generator of events from end to end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

from kotaemon_desktop.core.documents.selection import expand
from kotaemon_desktop.core.errors import ComponentError, KotaemonError, ModelError, ReaderCrashed
from kotaemon_desktop.core.events import (
    Embedding,
    Imported,
    ImportEvent,
    ImportFailed,
    ImportNote,
    Moved,
    Queued,
    Reading,
    Ready,
    Skipped,
    Split,
    Stored,
    Waking,
)
from kotaemon_desktop.core.pipeline.reading import Contents, FileReading
from kotaemon_desktop.core.protocols import Clock, Lease, Lender, WritableLibrary
from kotaemon_desktop.core.records import ComponentState, ModelInfo
from kotaemon_desktop.core.residency.names import BUILDER, EMBEDDER, RETRIEVAL
from kotaemon_desktop.core.retrieval.search import covers
from kotaemon_desktop.core.settings import Settings

_BATCH = 8  # passages a request: about 0.1 s
_WINDOW = 64  # passages a transaction, sorted by length before they are cut into batches
_ATTEMPTS = 3
_NOT_COVERED = b""  # the mark for a passage whose language the embedder does not declare


@dataclass
class _Tally:
    """The numbers of one import."""

    started: float
    documents: int = 0
    passages: int = 0
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def note(self, event: ImportEvent) -> None:
        """Count what happened to a file."""
        if isinstance(event, Stored):
            self.documents += 1
            self.passages += event.passages
        elif isinstance(event, Skipped | Moved):
            self.skipped += 1
        elif isinstance(event, ImportFailed):
            self.failed.append((event.path, str(event.error)))


class Importing:
    """The import pipeline. Building it loads nothing. Runs in the importing lane; one import at a time."""

    def __init__(
        self,
        keeper: Lender,
        library: WritableLibrary,
        clock: Clock,
        settings: Callable[[], Settings],
        originals: Path,
        embedder: Callable[[], ModelInfo | None],
        can_build_embedder: Callable[[], bool],
        workers: Callable[[], int],
    ) -> None:
        """``workers`` says how many files may be read at once."""
        self._keeper = keeper
        self._library = library
        self._clock = clock
        self._settings = settings
        self._originals = originals
        self._embedder = embedder
        self._can_build_embedder = can_build_embedder
        self._workers = workers
        self._reading = FileReading(keeper, clock, settings, self._known)

    def import_(self, paths: Sequence[Path]) -> Iterator[ImportEvent]:
        """Yield the events of importing ``paths``, folders opened out; see design.md, "The way of a file".

        All files are read first, so that keyword search finds them soon; then their passages are embedded. Closing the
        generator stops after the current step: finished documents stay, and :meth:`resume` goes on from there unless
        :meth:`forget` was called.
        """
        tally = _Tally(self._clock.monotonic())
        files = [str(path) for path in expand(paths)]
        self._library.enqueue(files)
        yield from self._import_files(files, tally)
        yield from self.embed()
        yield self._end(tally)

    def resume(self) -> Iterator[ImportEvent]:
        """Yield the events of finishing what a kill interrupted: files not yet read, passages not yet embedded."""
        files = self._library.queue()
        if not files and not self._unembedded():
            return
        tally = _Tally(self._clock.monotonic())
        yield from self._import_files(files, tally)
        yield from self.embed()
        yield self._end(tally)

    def forget(self) -> None:
        """Drop the files that imports have promised and not read yet."""
        self._library.dequeue(self._library.queue())

    def _end(self, tally: _Tally) -> Imported:
        return Imported(
            documents=tally.documents,
            passages=tally.passages,
            failed=tuple(tally.failed),
            skipped=tally.skipped,
            seconds=self._clock.monotonic() - tally.started,
        )

    # --- reading ---------------------------------------------------------------------------------------------------

    def _import_files(self, files: Sequence[str], tally: _Tally) -> Iterator[ImportEvent]:
        yield Queued(tuple(files))
        workers = max(1, min(len(files), self._workers()))
        with closing(_generator(self._reading.read(files, workers))) as arriving:
            for item in arriving:
                if not isinstance(item, Contents):
                    yield item
                    continue
                for event in self._keep(item):
                    tally.note(event)
                    yield event
                self._library.dequeue([str(item.path)])

    def _keep(self, contents: Contents) -> Iterator[ImportEvent]:
        """Store what was read of one file, or why it was not."""
        path = contents.path
        known = contents.known or self._known(contents.sha256)  # a twin may have come in while this one was read
        if known is not None and contents.error is None:
            yield self._recognise(path, known)
            return
        if contents.error is not None or contents.head is None:
            error = contents.error or ReaderCrashed(name=path.name)
            self._library.add_failed(str(path), path.name, contents.size, contents.sha256, str(error))
            yield ImportFailed(str(path), error)
            return
        yield Split(str(path), len(contents.passages))
        if self._settings().imports.originals == "copy":
            self._copy(path, contents.sha256)
        document_id = self._library.add(
            path=str(path),
            name=path.name,
            kind=contents.head.kind,
            title=contents.head.title,
            size=contents.size,
            sha256=contents.sha256,
            page_count=contents.head.page_count,
            pages=contents.pages,
            passages=contents.passages,
            modified_at=contents.modified_at,
        )
        yield Stored(str(path), document_id, len(contents.passages))

    def _recognise(self, path: Path, document_id: int) -> Moved | Skipped:
        """Note where the file of a known document is now, if it is no longer where it was."""
        document = self._library.document(document_id)
        if document is None or document.path == str(path) or Path(document.path).exists():
            return Skipped(str(path), document_id)
        self._library.move(document_id, str(path), path.name)
        return Moved(str(path), document_id, document.path)

    def _known(self, sha256: str) -> int | None:
        document = self._library.find_by_hash(sha256) if sha256 else None
        return document.id if document else None

    def _copy(self, path: Path, sha256: str) -> None:
        """Keep a copy of the file, complete or not there at all."""
        self._originals.mkdir(parents=True, exist_ok=True, mode=0o700)
        target = self._originals / f"{sha256}{path.suffix}"
        partial = target.with_name(f"{target.name}.part")
        shutil.copyfile(path, partial)
        partial.replace(target)

    # --- embedding -------------------------------------------------------------------------------------------------

    def embed(self) -> Iterator[ImportEvent]:
        """Yield the events of embedding all passages that lack a vector, then of bringing the index in step.

        A host that dies is replaced and the embedding goes on where it was; when that fails again and again without
        getting on it ends with an ImportNote: keyword search has everything, and the next import or start goes on.
        """
        failures, left, is_new = 0, self._unembedded(), False
        while True:
            try:
                yield from self._build_embedder()
                is_new = (yield from self._embed_pending()) or is_new
                if is_new:
                    for _ in self.sync():
                        pass
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

    def _build_embedder(self) -> Iterator[ImportEvent]:
        """Build the embedded embedder, once on this machine, when no other is installed."""
        if self._embedder() is not None or not self._can_build_embedder() or not self._library.counts()[1]:
            return
        yield from self._waking(BUILDER)
        try:
            with self._keeper.lease(BUILDER, urgent=False) as lease:
                for _ in lease.stream("build"):
                    pass
        except KotaemonError as error:  # keyword search does not need it
            yield ImportNote(error)

    def _unembedded(self) -> int:
        embedder = self._embedder()
        if embedder is None:
            return self._library.counts()[1] if self._can_build_embedder() else 0
        return self._library.pending_count(embedder.id)

    def _waking(self, component: str) -> Iterator[ImportEvent]:
        status = self._keeper.status(component)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(component, status.expected_wake)

    def _embed_pending(self) -> Generator[ImportEvent, None, bool]:
        """Embed window by window; the host wakes with the first passage whose language the embedder knows.

        Returns whether there are vectors that the index does not have.
        """
        embedder = self._embedder()
        if embedder is None:
            return False
        done, total = 0, self._library.pending_count(embedder.id)
        started = self._clock.monotonic()
        lease: Lease | None = None
        with ExitStack() as stack:
            while window := self._library.pending(embedder.id, _WINDOW):
                covered = sorted((row for row in window if covers(embedder, row[2])), key=lambda row: len(row[2]))
                if covered and lease is None:
                    yield from self._waking(EMBEDDER)
                    lease = stack.enter_context(self._keeper.lease(EMBEDDER, urgent=False))
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


def _embedded(lease: Lease, rows: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, bytes]]:
    """Yield (passage id, vector) of each row, a few a request."""
    for first in range(0, len(rows), _BATCH):
        batch = rows[first : first + _BATCH]
        vectors: list[bytes] = lease.call("embed", [text for _, _, text in batch])
        yield from zip((passage_id for passage_id, _, _ in batch), vectors, strict=True)


def _generator(items: Iterator[Reading | Contents]) -> Generator[Reading | Contents]:
    yield from items
