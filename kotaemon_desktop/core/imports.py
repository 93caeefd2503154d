"""Everything about bringing documents in: the imports, what is left of them, the watched folders, the vector index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kotaemon_desktop.core import machine
from kotaemon_desktop.core.components import reading_at_once
from kotaemon_desktop.core.events import ImportEvent
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.previews import Previews
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.questions import Questions
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.scans import Scans
from kotaemon_desktop.core.storage.watched import WatchedFolders

if TYPE_CHECKING:
    from kotaemon_desktop.core.pipeline.ingest import Importing
    from kotaemon_desktop.core.pipeline.watching import LeftOut, Look, Watching
    from kotaemon_desktop.core.plugins.registry import Plugins


class Imports:
    """Owns the importing pipeline, built with the first import; lives in the main process, its jobs in one lane."""

    def __init__(
        self,
        keeper: Keeper,
        library: Library,
        scans: Scans,
        watched: WatchedFolders,
        clock: Clock,
        settings: Callable[[], Settings],
        originals: Path,
        embedders: Embedders,
        use_embedder: Callable[[], None],
        previews: Previews,
        questions: Questions,
        plugins: Callable[[], Plugins],
    ) -> None:
        """``use_embedder`` lets hosts go that hold another embedder or index than the chosen one."""
        self._keeper = keeper
        self._library = library
        self._scans = scans
        self._watched = watched
        self._clock = clock
        self._settings = settings
        self._originals = originals
        self._embedders = embedders
        self._use_embedder = use_embedder
        self._previews = previews
        self._questions = questions
        self._plugins = plugins

    @cached_property
    def _importing(self) -> Importing:
        from kotaemon_desktop.core.models import embedded
        from kotaemon_desktop.core.pipeline.ingest import Importing

        return Importing(
            self._keeper,
            self._library,
            self._scans,
            self._clock,
            self._settings,
            self._originals,
            self._embedders,
            self._use_embedder,
            embedded.available,
            reading_at_once,
            self._previews.original,
            self._plugins(),
        )

    @cached_property
    def watching(self) -> Watching:
        """Looks at the watched folders."""
        from kotaemon_desktop.core.pipeline.watching import Watching

        return Watching(self._watched, self._library, self._clock, self.run, lambda: self._importing.endings)

    def run(self, paths: Sequence[Path]) -> Iterator[ImportEvent]:
        """Import files and folders; see :meth:`Importing.import_`."""
        return self._importing.import_(paths)

    def resume(self) -> Iterator[ImportEvent]:
        """Finish what a kill or a quit interrupted, the vector index included; nothing to do yields nothing."""
        if not self.work_left():
            return
        yield from self._importing.resume()
        if self._questions.index_behind:
            for _ in self.sync_index():
                pass
            self._questions.index_behind = False

    def later(self, paths: Sequence[Path]) -> None:
        """Promise to import files and folders; :meth:`resume`, or the next start, does it."""
        self._importing.promise(paths)

    def read_scans(self, document_ids: Sequence[int]) -> Iterator[ImportEvent]:
        """Have the scanned pages of documents read by text recognition; see :meth:`Importing.read_scans`."""
        return self._importing.read_scans(document_ids)

    def sync_index(self) -> Iterator[tuple[int, int]]:
        """Bring the vector index in step with the library, yielding (done, total) rows."""
        if self._embedders.searching() is not None:
            yield from self._importing.sync()

    def left(self) -> list[str]:
        """Return the paths of the files that are still to be read, those with scanned pages to be read included."""
        scanned = (self._library.document(scan.document_id) for scan in self._scans.wanted())
        return [*self._library.queue(), *(document.path for document in scanned if document)]

    def work_left(self) -> bool:
        """Return whether :meth:`resume` may have something to do. Neither wakes nor imports anything."""
        if self._library.queue() or self._questions.index_behind:
            return True
        embedder = self._embedders.chosen()
        if embedder is None or embedder != self._embedders.searching():
            return self._library.counts()[1] > 0
        return self._library.pending_count(embedder.id) > 0

    def cancel(self) -> None:
        """Forget the files and scans that were promised and not read yet; closing the import's generator stops it."""
        self._importing.forget()

    def left_out(self, folder: str, patterns: Sequence[str]) -> LeftOut:
        """Return what ``patterns`` would leave out of a watched folder; see :meth:`Watching.left_out`."""
        return self.watching.left_out(folder, patterns)

    def look_at_folders(self) -> Look:
        """Return what has happened in the watched folders; nothing while the machine saves its battery."""
        from kotaemon_desktop.core.pipeline.watching import Look

        if not self._settings().imports.watch_on_battery and machine.on_battery():
            return Look()
        return self.watching.look()
