"""Reads several files at once, each in a reader host of its own, and gives what they hold to one consumer."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kotaemon_desktop.core.documents.plain_file import details_of
from kotaemon_desktop.core.errors import (
    ComponentCrashed,
    ComponentError,
    ComponentTimedOut,
    PluginBroken,
    ReaderCrashed,
    ReadError,
    StillChanging,
    TooLarge,
    TooSlow,
    Unreadable,
    WakeFailed,
)
from kotaemon_desktop.core.events import Reading
from kotaemon_desktop.core.plugins.found import Plugin, broken
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.protocols import Clock, Lender
from kotaemon_desktop.core.records import DocumentHead, PageText, PassageDraft, ReadPage
from kotaemon_desktop.core.residency.names import READER
from kotaemon_desktop.core.settings import Settings

_ATTEMPTS = 2  # a host that dies may have been killed from outside; a second death is the file's doing
_LARGEST_FILE = 4_000_000_000  # bytes: only to know it again, a reader has to go through all of it
_AHEAD = 64  # messages that readers may be ahead of the consumer: what waits is held in the window process


@dataclass
class Contents:
    """A file as far as it was read; ``error`` says why there is no more, ``known`` that it was not read at all."""

    path: Path
    size: int = 0
    modified_at: float | None = None
    sha256: str = ""
    head: DocumentHead | None = None
    pages: list[PageText] = field(default_factory=list[PageText])
    passages: list[PassageDraft] = field(default_factory=list[PassageDraft])
    known: int | None = None  # the document of the library that has this content already
    error: ReadError | None = None


class FileReading:
    """Owns the threads that wait for reader hosts; lives in the importing lane for as long as one import reads."""

    def __init__(
        self,
        keeper: Lender,
        clock: Clock,
        settings: Callable[[], Settings],
        known: Callable[[str], int | None],
        plugins: Plugins,
    ) -> None:
        """``known`` returns the document that has a content with this SHA-256, if there is one; any thread calls it."""
        self._plugins = plugins
        self._keeper = keeper
        self._clock = clock
        self._settings = settings
        self._known = known
        self._queued = 0  # files that no thread has taken up yet; a guess is enough

    def read(self, files: Sequence[str], workers: int) -> Iterator[Reading | Contents]:
        """Yield Reading events of all files as they come and, for each file, its Contents once it is done.

        Closing the iterator stops the readers after their current page. Raises what is no fault of a file:
        ComponentError when no reader can start, LibraryError.
        """
        arrived: queue.Queue[Reading | Contents | Exception] = queue.Queue(_AHEAD)
        stopped = threading.Event()

        def put(item: Reading | Contents | Exception) -> None:
            while not stopped.is_set():
                with contextlib.suppress(queue.Full):
                    arrived.put(item, timeout=0.1)
                    break

        self._queued = len(files)

        def work(file: str) -> None:
            self._queued -= 1
            if not stopped.is_set():
                try:
                    put(self._contents(Path(file), put, stopped))
                except Exception as error:  # noqa: BLE001 - whatever it is, the consumer must not wait for ever
                    put(error)

        with self._pool(workers, stopped) as pool:
            for file in files:
                pool.submit(work, file)
            done = 0
            while done < len(files):
                item = arrived.get()
                if isinstance(item, Exception):
                    raise item
                done += isinstance(item, Contents)
                yield item

    @contextlib.contextmanager
    def _pool(self, workers: int, stopped: threading.Event) -> Generator[ThreadPoolExecutor]:
        pool = ThreadPoolExecutor(workers, thread_name_prefix="reading")
        try:
            yield pool
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)

    def _contents(self, path: Path, tell: Callable[[Reading], None], stopped: threading.Event) -> Contents:
        contents = Contents(path)
        try:
            details = details_of(path)
            contents.size, contents.modified_at = details.st_size, details.st_mtime
            if contents.size > _LARGEST_FILE:
                raise TooLarge(name=path.name, limit=f"{_LARGEST_FILE // 1_000_000} MB")
            self._read_twice(contents, tell, stopped)
        except ReadError as error:
            contents.error = error
        except OSError as error:
            contents.error = Unreadable(name=path.name, detail=error.strerror or str(error))
        if contents.sha256 and contents.known is None and has_changed(contents):
            contents.error = StillChanging(name=path.name)
        return contents

    def _read_twice(self, contents: Contents, tell: Callable[[Reading], None], stopped: threading.Event) -> None:
        path = contents.path
        failure: ComponentError | None = None
        for _ in range(_ATTEMPTS):
            contents.head, contents.pages, contents.passages = None, [], []
            plugin = self._plugins.find("readers", path.suffix.lower().removeprefix("."))
            try:
                return self._read(contents, plugin, tell, stopped)
            except PluginBroken as error:  # without it the program's own readers try
                self._plugins.give_up(error)
                failure = error
            except (ComponentCrashed, WakeFailed) as error:
                if plugin is not None and isinstance(error, ComponentCrashed):
                    self._plugins.give_up(broken(plugin, error))
                failure = error
            except ComponentTimedOut as error:
                raise TooSlow(name=path.name, seconds=error.facts["seconds"]) from error
        if isinstance(failure, WakeFailed):  # the host never saw the file
            raise failure
        raise ReaderCrashed(name=path.name) from failure

    def _read(
        self, contents: Contents, plugin: Plugin | None, tell: Callable[[Reading], None], stopped: threading.Event
    ) -> None:
        """Read one file in one host, unless its content is known; its time limit counts for all pages together."""
        path, limit = contents.path, self._settings().imports.file_seconds
        with self._keeper.lease(READER, urgent=False, queued=self._queued) as lease:
            deadline = self._clock.monotonic() + limit
            contents.sha256 = lease.call("fingerprint", str(path), timeout=limit)
            contents.known = self._known(contents.sha256)
            if contents.known is not None:
                return
            with closing(_generator(lease.stream("read", str(path), plugin, timeout=limit))) as items:
                for item in items:
                    if self._clock.monotonic() > deadline:
                        raise TooSlow(name=path.name, seconds=round(limit))
                    if isinstance(item, DocumentHead):
                        contents.head = item
                        continue
                    contents.passages.extend(item.passages)
                    if item.page is not None:
                        contents.pages.append(item.page)
                        pages = contents.head.page_count if contents.head else None
                        tell(Reading(str(path), item.page.number or 1, pages))
                    if stopped.is_set():
                        return


def _generator(items: Iterator[DocumentHead | ReadPage]) -> Generator[DocumentHead | ReadPage]:
    yield from items


def has_changed(contents: Contents) -> bool:
    """Tell whether what was read may be another content than the one that the SHA-256 is of."""
    try:
        details = contents.path.stat()
    except OSError:  # gone: what was read of it is whole, or else the reader's error says more
        return False
    return (details.st_size, details.st_mtime) != (contents.size, contents.modified_at)
