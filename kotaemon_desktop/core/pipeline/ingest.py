"""Imports files: read, cut, store, then embed. A generator of events from end to end."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.documents.selection import EXTENSIONS, PICTURES, Selected, expand
from kotaemon_desktop.core.errors import DiskFull, PluginBroken, ReaderCrashed, ReadError, StillChanging, Unreadable
from kotaemon_desktop.core.events import (
    Imported,
    ImportEvent,
    ImportFailed,
    ImportNote,
    Moved,
    Queued,
    Reading,
    Recognised,
    Skipped,
    Split,
    Stored,
)
from kotaemon_desktop.core.i18n import harmless
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.paths import kept_copy
from kotaemon_desktop.core.pipeline.embedding import LibraryEmbedding
from kotaemon_desktop.core.pipeline.reading import Contents, FileReading, has_changed
from kotaemon_desktop.core.pipeline.recognising import Recognition, no_text
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.private import private_file
from kotaemon_desktop.core.protocols import Clock, Lender, ScanStore, WritableLibrary
from kotaemon_desktop.core.records import Document
from kotaemon_desktop.core.settings import Settings


@dataclass
class _Tally:
    """The numbers of one import."""

    started: float
    left_out: tuple[tuple[str, int], ...]
    documents: set[str] = field(default_factory=set[str])  # paths: text recognition may find that one holds nothing
    passages: int = 0
    recognised: int = 0  # pages
    skipped: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])

    def note(self, event: ImportEvent) -> None:
        """Count what happened to a file."""
        if isinstance(event, Stored):
            self.documents.add(event.path)
            self.passages += event.passages
        elif isinstance(event, Recognised):
            self.passages += event.passages
            self.recognised += event.pages
        elif isinstance(event, Skipped):
            self.skipped += 1
        elif isinstance(event, ImportFailed):
            self.documents.discard(event.path)
            self.failed.append((event.path, str(event.error)))


class Importing:
    """The import pipeline. Building it loads nothing. Runs in the importing lane; one import at a time."""

    def __init__(
        self,
        keeper: Lender,
        library: WritableLibrary,
        scans: ScanStore,
        clock: Clock,
        settings: Callable[[], Settings],
        originals: Path,
        embedders: Embedders,
        switched: Callable[[], None],
        can_build_embedder: Callable[[], bool],
        workers: Callable[[], int],
        original: Callable[[Document], Path],
        plugins: Plugins,
    ) -> None:
        """``switched`` is called when another embedder searches from now on; ``workers`` files may be read at once.

        ``original`` says where a document's file is.
        """
        self._keeper = keeper
        self._library = library
        self._scans = scans
        self._clock = clock
        self._settings = settings
        self._originals = originals
        self._workers = workers
        self._embedding = LibraryEmbedding(keeper, library, clock, embedders, switched, can_build_embedder)
        self._plugins = plugins
        self._reading = FileReading(keeper, clock, settings, self._known, plugins)
        self._recognition = Recognition(keeper, library, scans, clock, settings, original)

    def import_(self, paths: Sequence[Path]) -> Iterator[ImportEvent]:
        """Yield the events of importing ``paths``, folders opened out; see design.md, "The way of a file".

        All files are read first, so that keyword search finds them soon; then their passages are embedded; scanned
        pages, which take longest, come last. Closing the generator stops after the current step: finished documents
        and pages stay, and :meth:`resume` goes on from there unless :meth:`forget` was called.
        """
        selected = self.promise(paths)
        yield from self._work([str(file) for file in selected.files], selected)

    def resume(self) -> Iterator[ImportEvent]:
        """Yield the events of finishing what a kill interrupted: files and scans not read, passages not embedded."""
        files = self._library.queue()
        if files or self._embedding.left() or self._scans.wanted():
            yield from self._work(files)

    def read_scans(self, document_ids: Sequence[int]) -> Iterator[ImportEvent]:
        """Yield the events of having the scanned pages of these documents read, whatever the setting says."""
        self._scans.want(document_ids)
        yield from self._work([])

    def forget(self) -> None:
        """Drop the files that imports have promised and not read yet, and the scanned pages."""
        self._library.dequeue(self._library.queue())
        self._scans.forget()

    def _work(self, files: Sequence[str], selected: Selected | None = None) -> Iterator[ImportEvent]:
        tally = _Tally(self._clock.monotonic(), tuple(selected.left_out.most_common()) if selected else ())
        yield from self._import_files(files, tally)
        yield from self._embed()
        for event in self._recognition.read():
            tally.note(event)
            yield event
        if tally.recognised:
            yield from self._embed()
        yield self._end(tally)

    def _embed(self) -> Iterator[ImportEvent]:
        for event in self._embedding.embed():
            if isinstance(event, ImportNote) and isinstance(event.error, PluginBroken):
                self._plugins.give_up(event.error)
            yield event

    @property
    def endings(self) -> frozenset[str]:
        """The endings of the files that the import of a folder picks up."""
        pictures = PICTURES if self._reads_scans() else frozenset[str]()
        return EXTENSIONS | pictures | {f".{plugin.name}" for plugin in self._plugins.of("readers")}

    def promise(self, paths: Sequence[Path]) -> Selected:
        """Remember the files of ``paths``, folders opened out, for :meth:`resume`, and return them."""
        selected = expand(paths, self.endings)
        self._library.enqueue([str(file) for file in selected.files])
        return selected

    def _reads_scans(self) -> bool:
        return self._settings().imports.ocr != "never" and recognised.installed()

    def sync(self) -> Iterator[tuple[int, int]]:
        """Bring the vector index in step with the library, yielding (done, total) rows.

        Where a plugin fails that holds it, that is what takes its place.
        """
        try:
            yield from self._embedding.sync()
        except PluginBroken as error:
            self._plugins.give_up(error)
            yield from self._embedding.sync()

    def _end(self, tally: _Tally) -> Imported:
        return Imported(
            documents=len(tally.documents),
            passages=tally.passages,
            failed=tuple(tally.failed),
            skipped=tally.skipped,
            seconds=self._clock.monotonic() - tally.started,
            recognised=tally.recognised,
            left_out=tally.left_out,
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
            yield self._seen_again(path, known)
            return
        kinds = [page.kind for page in contents.pages]
        readable = bool(contents.passages) or (self._reads_scans() and any(kind.is_scan for kind in kinds))
        if contents.error is None and not readable:
            contents.error = no_text(path.name, kinds)
        if contents.error is None and self._settings().imports.originals == "copy":
            contents.error = self._copy(contents)
        if contents.error is not None or contents.head is None:
            error = contents.error or ReaderCrashed(name=path.name)
            self._library.add_failed(str(path), harmless(path.name), contents.size, contents.sha256, error)
            yield ImportFailed(str(path), error)
            return
        yield Split(str(path), len(contents.passages))
        document_id = self._library.add(
            path=str(path),
            name=harmless(path.name),
            kind=contents.head.kind,
            title=harmless(contents.head.title),
            size=contents.size,
            sha256=contents.sha256,
            page_count=contents.head.page_count,
            pages=contents.pages,
            passages=contents.passages,
            modified_at=contents.modified_at,
            scans_wanted=self._settings().imports.ocr == "always" and recognised.installed(),
        )
        yield Stored(str(path), document_id, len(contents.passages))

    def _seen_again(self, path: Path, document_id: int) -> Moved | Skipped:
        """Note where the file of a known document is now, if it is no longer where it was."""
        document = self._library.document(document_id)
        if document is None or document.path == str(path) or Path(document.path).exists():
            return Skipped(str(path), document_id)
        self._library.move(document_id, str(path), harmless(path.name))
        return Moved(str(path), document_id, document.path)

    def _known(self, sha256: str) -> int | None:
        document = self._library.find_by_hash(sha256) if sha256 else None
        return document.id if document else None

    def _copy(self, contents: Contents) -> ReadError | None:
        """Keep a copy of the file, complete or not there at all; return why there is none. Raises DiskFull."""
        path = contents.path
        target = kept_copy(self._originals, path, contents.sha256)
        partial = target.with_name(f"{target.name}.part")
        try:
            self._originals.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(path, private_file(partial))
            if has_changed(contents):
                return StillChanging(name=path.name)
            partial.replace(target)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise DiskFull(folder=str(self._originals)) from error
            return Unreadable(name=path.name, detail=error.strerror or str(error))
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
        return None


def _generator(items: Iterator[Reading | Contents]) -> Generator[Reading | Contents]:
    yield from items
