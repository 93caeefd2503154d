"""Follows watched folders by looking at them: new and changed files are imported, deleted ones can be brought back.

Looking works alike on every system and on network drives, where notifications of the system get lost, and costs no
memory between two looks. Ten thousand files take a look of about 50 ms (tests/benchmarks/library.py measures it).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from kotaemon_desktop.core.documents.listing import Listing, Stamp, listing
from kotaemon_desktop.core.events import ImportEvent
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import WatchedFolder
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.watched import WatchedFolders

_SETTLED_SECONDS = 2.0  # a file that has not changed for so long is no longer being written


class FolderChanges(msgspec.Struct, frozen=True):
    """What has happened in one folder: files to import with their stamps, and files that are gone.

    ``known`` are files that the library has as they are, from before the folder was watched.
    """

    folder: str
    identity: str
    fresh: dict[str, Stamp]
    known: dict[str, Stamp]
    gone: tuple[str, ...]


class Look(msgspec.Struct, frozen=True):
    """What a look at all folders found. ``away`` are folders that cannot be reached; ``unsettled`` files may change."""

    changes: tuple[FolderChanges, ...] = ()
    away: tuple[str, ...] = ()
    unsettled: int = 0


class LeftOut(msgspec.Struct, frozen=True):
    """What patterns leave out: paths below the folder, sorted, of the ``total`` files that are there."""

    files: tuple[str, ...]
    total: int


class Watching:
    """Owns what is known of files that are still being written. One thread looks, another may apply."""

    def __init__(
        self,
        folders: WatchedFolders,
        library: Library,
        clock: Clock,
        import_: Callable[[Sequence[Path]], Iterator[ImportEvent]],
        wanted: Callable[[], frozenset[str]],
    ) -> None:
        """``import_`` imports files; ``wanted`` returns the endings of files that are."""
        self._folders = folders
        self._library = library
        self._clock = clock
        self._import = import_
        self._wanted = wanted
        self._unsettled: dict[str, tuple[Stamp, float]] = {}

    def look(self) -> Look:
        """Compare the folders with what was seen in them; changes nothing."""
        changes: list[FolderChanges] = []
        away: list[str] = []
        unsettled: dict[str, tuple[Stamp, float]] = {}
        for folder in self._folders.all():
            seen = self._folders.seen(folder.path)
            try:
                listed = listing(folder.path, self._wanted(), folder.ignored)
            except OSError:
                away.append(folder.path)
                continue
            if _is_another(folder, listed, seen):
                away.append(folder.path)
                continue
            changed = {path: stamp for path, stamp in listed.files.items() if seen.get(path) != stamp}
            stored = self._library.stamps(changed) if changed else {}
            known = {path: stamp for path, stamp in changed.items() if stored.get(path) == stamp}
            fresh = self._settled({path: changed[path] for path in changed.keys() - known.keys()}, unsettled)
            gone = tuple(path for path in seen if path not in listed.files and listed.knows(path))
            if fresh or known or gone:
                changes.append(FolderChanges(folder.path, listed.identity, fresh, known, gone))
        self._unsettled = unsettled
        return Look(tuple(changes), tuple(away), len(unsettled))

    def left_out(self, folder: str, patterns: Sequence[str]) -> LeftOut:
        """Return what ``patterns`` leave out of the files in ``folder`` now. Raises OSError where it cannot be read."""
        everything = listing(folder, self._wanted()).files
        kept = listing(folder, self._wanted(), patterns).files if patterns else everything
        files = sorted(path[len(folder) + 1 :] for path in everything.keys() - kept.keys())
        return LeftOut(tuple(files), len(everything))

    def apply(self, look: Look) -> Iterator[ImportEvent]:
        """Yield the events of importing what is new or changed; then take out of the library what is gone.

        In this order a file that was moved keeps its document. What was seen is noted first: the import's own queue
        keeps what a quit leaves undone.
        """
        for changes in look.changes:
            self._folders.note(changes.folder, changes.identity, changes.known | changes.fresh)
        fresh = [Path(path) for changes in look.changes for path in sorted(changes.fresh)]
        if fresh:
            yield from self._import(fresh)
        for changes in look.changes:
            gone = [path for path in changes.gone if not Path(path).exists()]
            self._library.remove_paths(gone)
            self._folders.forget(changes.folder, changes.gone)

    def _settled(self, changed: dict[str, Stamp], unsettled: dict[str, tuple[Stamp, float]]) -> dict[str, Stamp]:
        """Return those of ``changed`` that have stayed as they are for a while, and put the others in ``unsettled``."""
        now = self._clock.monotonic()
        settled: dict[str, Stamp] = {}
        for path, stamp in changed.items():
            before, since = self._unsettled.get(path, (stamp, now))
            if before == stamp and now - since >= _SETTLED_SECONDS:
                settled[path] = stamp
            else:
                unsettled[path] = (stamp, since if before == stamp else now)
        return settled


def _is_another(folder: WatchedFolder, listed: Listing, seen: dict[str, Stamp]) -> bool:
    """Return whether an empty folder is only where a drive used to be: not everything was deleted then."""
    return bool(seen) and not listed.files and folder.identity not in {"", listed.identity}
