"""Opens a data folder and holds every service of the core: what the window and the commands share."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kotaemon_desktop.core import log_file
from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.components import Components, hardware_of, reading_at_once
from kotaemon_desktop.core.events import AnswerEvent, Found, ImportEvent, Waking
from kotaemon_desktop.core.generators import Generators
from kotaemon_desktop.core.i18n import _, use_language
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.fit import Memory
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.models.shelf import Shelf
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.monitoring.publisher import Publisher
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.previews import Previews
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import ModelInfo, ModelSpeed, Sleep
from kotaemon_desktop.core.residency.budget import Budget
from kotaemon_desktop.core.residency.component import SystemClock
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR, OCR, READER, RETRIEVAL, TRIAL
from kotaemon_desktop.core.residency.triggers import (
    Battery,
    FreeMemory,
    KeepWarmHours,
    Resume,
    ScreenLock,
    Trigger,
    is_on_battery,
)
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.settings import KeepWarm, Settings
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.storage.collections import Collections
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import UNDO_SECONDS, Library
from kotaemon_desktop.core.storage.model_speeds import ModelSpeeds
from kotaemon_desktop.core.storage.scans import Scans
from kotaemon_desktop.core.storage.usage import Usage
from kotaemon_desktop.core.storage.watched import WatchedFolders

if TYPE_CHECKING:
    from kotaemon_desktop.core.monitoring.notices import Notices
    from kotaemon_desktop.core.monitoring.sampler import Sampler
    from kotaemon_desktop.core.pipeline.answer import Answering
    from kotaemon_desktop.core.pipeline.ingest import Importing
    from kotaemon_desktop.core.pipeline.watching import Look, Watching
    from kotaemon_desktop.core.retrieval.search import Search
    from kotaemon_desktop.core.storage.repair import ShrinkReport
    from kotaemon_desktop.core.storage.usage_report import Period, UsageReport

_log = logging.getLogger(__name__)

_TRIED_PASSAGES = 24


class Engine:
    """Owns the data folder, its lock and every service; lives in the main process, its methods in any thread.

    Opening it wakes nothing. Every start step puts its stop step on a stack, and :meth:`close` runs them backwards.
    """

    def __init__(self, folder: DataFolder, *, clock: Clock | None = None) -> None:
        """Open ``folder``. Raises FolderInUse, NewerLibrary or DamagedLibrary; nothing stays open."""
        self.folder = folder
        self._clock = clock or SystemClock()
        with ExitStack() as steps:
            folder.create()
            lock = folder.lock()
            steps.callback(lock.release)
            steps.callback(log_file.log_to(folder.logs))
            self.settings_file = SettingsFile(folder.settings, self._take_settings)
            use_language(self.settings.appearance.language)
            database = Database(folder.database)
            steps.callback(database.close)
            self._database = database
            self.library = Library(database)
            self.library.purge(self._clock.wall() - UNDO_SECONDS)
            self.collections = Collections(database)
            self.watched = WatchedFolders(database, os.sep)
            self.scans = Scans(database)
            self._shelf = Shelf(folder.caches)
            self.history = History(database, on_removed=self._shelf.forget)
            steps.callback(self._tidy_shelf)
            self.history.purge(self._clock.wall() - UNDO_SECONDS)
            self.usage = Usage(database, now=self._clock.wall)
            steps.callback(self.usage.close)
            self.keychain = Keychain()
            self.models = ModelStore(folder.models)
            self.embedders = Embedders(
                self.models, lambda: self.settings.models.embedder, self.library.complete_embedders
            )
            self.speeds = ModelSpeeds(database, self._clock.wall)
            self._trying = threading.Lock()
            self._components = Components(folder, lambda: self.settings, self.embedders, self.reranker)
            self.screen_lock = ScreenLock()
            self.keeper = Keeper(
                self._components.specs(),
                self._clock,
                self.usage,
                budget=Budget(self._allowance),
                triggers=self._triggers(),
            )
            self.generators = Generators(
                self._components, self.keeper, self.models, lambda: self.settings.answering.model
            )
            self.previews = Previews(self.keeper, self.library, self.scans, folder.originals)
            self.publisher = Publisher(self.keeper.status, self._clock)
            self.keeper.subscribe(self.usage.hear)
            self.keeper.subscribe(self.publisher.hear)
            self._pin(self.settings.residency.pinned, True)
            steps.callback(self.publisher.close)
            steps.callback(self.keeper.close)
            steps.callback(self._close_watching)
            self.publisher.follow(self.settings.monitoring)
            steps.callback(self.publisher.say_closing)
            self._stop = steps.pop_all()

    # Built with the first job or sample: a window that has only just opened does not import them.

    @cached_property
    def sampler(self) -> Sampler:
        """Reads what the program and its machine use."""
        from kotaemon_desktop.core.monitoring.sampler import Sampler

        return Sampler(self.keeper.status)

    @cached_property
    def notices(self) -> Notices:
        """What a person should know now; asked by the sampling lane. Errors in the log count from the first use on."""
        from kotaemon_desktop.core.models import duplicate_runtime
        from kotaemon_desktop.core.monitoring import notices

        return notices.Notices(
            (
                notices.FullDisk(self.folder.root, self._clock),
                notices.LowMemory(lambda: self.settings.residency.low_memory_megabytes << 20, self._clock),
                notices.OnProcessor(self.generators.why_no_gpu),
                notices.UnservedMetrics(lambda: self.publisher.problem),
                notices.DuplicateRuntime(duplicate_runtime.advice),
                notices.LogErrors("kotaemon_desktop", self.folder.logs / log_file.NAME),
            )
        )

    @cached_property
    def _search(self) -> Search:
        from kotaemon_desktop.core.retrieval.search import Search

        return Search(self.keeper, self.library, self.embedders.searching, self.reranker)

    @cached_property
    def _importing(self) -> Importing:
        from kotaemon_desktop.core.models import embedded
        from kotaemon_desktop.core.pipeline.ingest import Importing

        return Importing(
            self.keeper,
            self.library,
            self.scans,
            self._clock,
            lambda: self.settings,
            self.folder.originals,
            self.embedders,
            self.use_embedder,
            embedded.available,
            reading_at_once,
            self.previews.original,
        )

    @cached_property
    def watching(self) -> Watching:
        """Looks at the watched folders."""
        from kotaemon_desktop.core.pipeline.watching import Watching

        return Watching(self.watched, self.library, self._clock, self.import_, lambda: self._importing.endings)

    @cached_property
    def _answering(self) -> Answering:
        from kotaemon_desktop.core.pipeline.answer import Answering
        from kotaemon_desktop.core.pipeline.writing import Writing

        return Answering(
            self.keeper,
            self._search,
            self.history,
            self._clock,
            lambda: self.settings,
            self.generators.choose,
            self.generators.smaller,
            self.collections.documents,
            Writing(
                self.keeper,
                self._clock,
                lambda: self.settings,
                self._search.passages,
                self.generators.note_provider,
                self.generators.note_crash,
            ),
        )

    def _tidy_shelf(self) -> None:
        """Once no host writes any more: a conversation that was removed while one had it has left a file."""
        if self.folder.caches.is_dir():
            self._shelf.keep_only([each.id for each in self.history.conversations()])

    def _close_watching(self) -> None:
        for name in ("sampler", "notices"):
            if name in self.__dict__:
                getattr(self, name).close()

    @classmethod
    def open(cls, folder: DataFolder) -> Engine:
        """Open ``folder``; see the constructor."""
        return cls(folder)

    def close(self) -> None:
        """Stop everything, the last started first. Imports go on at the next start."""
        self._stop.close()

    # --- the two long jobs -----------------------------------------------------------------------------------------

    def import_(self, paths: Sequence[Path]) -> Iterator[ImportEvent]:
        """Import files and folders; see :meth:`Importing.import_`."""
        return self._importing.import_(paths)

    def resume_import(self) -> Iterator[ImportEvent]:
        """Finish what a kill or a quit interrupted, the vector index included; nothing to do yields nothing."""
        if not self.work_left():
            return
        yield from self._importing.resume()
        if self._search.index_behind:
            for _ in self._importing.sync():
                pass
            self._search.index_behind = False

    def import_later(self, paths: Sequence[Path]) -> None:
        """Promise to import files and folders; :meth:`resume_import`, or the next start, does it."""
        self._importing.promise(paths)

    def read_scans(self, document_ids: Sequence[int]) -> Iterator[ImportEvent]:
        """Have the scanned pages of documents read by text recognition; see :meth:`Importing.read_scans`."""
        return self._importing.read_scans(document_ids)

    def sync_index(self) -> Iterator[tuple[int, int]]:
        """Bring the vector index in step with the library, yielding (done, total) rows."""
        if self.embedders.searching() is not None:
            yield from self._importing.sync()

    def shrink(self) -> ShrinkReport:
        """Give unused room back to the disk; see :func:`repair.shrink`."""
        from kotaemon_desktop.core.storage import repair

        return repair.shrink(self.folder, self._database)

    def import_left(self) -> list[str]:
        """Return the paths of the files that are still to be read, those with scanned pages to be read included."""
        scanned = (self.library.document(scan.document_id) for scan in self.scans.wanted())
        return [*self.library.queue(), *(document.path for document in scanned if document)]

    def look_at_folders(self) -> Look:
        """Return what has happened in the watched folders; nothing while the machine saves its battery."""
        from kotaemon_desktop.core.pipeline.watching import Look

        if not self.settings.imports.watch_on_battery and is_on_battery():
            return Look()
        return self.watching.look()

    def cancel_import(self) -> None:
        """Forget the files and scans that were promised and not read yet; closing the import's generator stops it."""
        self._importing.forget()

    def work_left(self) -> bool:
        """Return whether :meth:`resume_import` may have something to do. Neither wakes nor imports anything."""
        searched: Search | None = self.__dict__.get("_search")
        if self.library.queue() or (searched is not None and searched.index_behind):
            return True
        embedder = self.embedders.chosen()
        if embedder is None or embedder != self.embedders.searching():
            return self.library.counts()[1] > 0
        return self.library.pending_count(embedder.id) > 0

    def answer(
        self,
        question: str,
        *,
        conversation_id: int | None = None,
        instead_of: int | None = None,
        model: str | None = None,
        scope: Scope = ALL,
    ) -> Iterator[AnswerEvent]:
        """Answer ``question``; see :meth:`Answering.answer`."""
        self.settings_file.look()  # what was just edited counts for this question
        return self.publisher.watch(
            self._answering.answer(
                question, conversation_id=conversation_id, instead_of=instead_of, model=model, scope=scope
            )
        )

    def search(self, text: str, top: int, scope: Scope = ALL) -> Iterator[Waking | Found]:
        """Find passages for ``text``, in which filters go before ``scope``; see :meth:`Search.find`."""
        from kotaemon_desktop.core.retrieval import filters

        words, typed = filters.parse(text)
        scope = scope.narrowed(typed)
        within = self.collections.documents(scope) if scope else None
        return self._search.find(self._search.query(words), top, within)

    def sleep_of(self, conversation_id: int) -> Sleep | None:
        """Return how a conversation sleeps; None while its model holds it in memory, or has never spoken in it."""
        model = self.generators.current
        if model is None:
            return None
        status = self.keeper.status(GENERATOR)
        answering: Answering | None = self.__dict__.get("_answering")
        if status.hosts and not status.resting and answering and answering.in_memory == conversation_id:
            return None
        reading = self._shelf.seconds(conversation_id, model.id)
        if reading is None and not any(turn.generated for turn in self.history.turns(conversation_id)):
            return None
        waking = 0.0 if status.hosts else status.expected_wake
        if reading is None or waking is None:
            return Sleep(kept=reading is not None, seconds=None)
        return Sleep(kept=True, seconds=waking + reading)

    # --- upkeep ----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let the keeper unload what is due, follow the settings, note that the program runs; about once a second."""
        self.settings_file.look()
        self.keeper.tick()
        self.usage.beat()

    def usage_report(self, period: Period, workspace: str = "") -> UsageReport:
        """Return what was in memory in ``period`` and for how long; takes some milliseconds a month.

        ``workspace`` names another one than the open one, see :meth:`DataFolder.workspaces`.
        """
        from kotaemon_desktop.core.storage import usage_log
        from kotaemon_desktop.core.storage.usage_report import edges

        residency = self.settings.residency
        timers = {
            READER: residency.reader_idle,
            OCR: residency.ocr_idle,
            RETRIEVAL: residency.retrieval_idle,
            GENERATOR: residency.generator_idle,
        }
        free = {name: seconds for name, seconds in timers.items() if name not in residency.pinned}
        borders = edges(period, self._clock.wall())
        if workspace in {"", self.folder.workspace}:
            return self.usage.report(borders, timers=free, now=self.keeper.status())
        with usage_log.read_only(DataFolder(self.folder.root, workspace).database) as fetch:
            return usage_log.report(fetch, borders, free)

    # --- settings --------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings in force: the last good ones."""
        return self.settings_file.settings

    def change_setting(self, section: str, name: str, value: object) -> None:
        """Set one setting for now and for later. Raises SettingsError with nothing changed."""
        self.settings_file.change(section, name, value)

    def offered(self, kind: str) -> dict[str, str]:
        """Return what is proposed for a setting that ``offers`` a ``kind``: values, and what people call them."""
        if kind == "components":
            resting = (RETRIEVAL, GENERATOR, EMBEDDER, READER)
            return {name: component_name(name) for name in resting}
        task = {"embedders": "embedding", "rerankers": "reranking"}.get(kind, "generation")
        installed = {each.id: each.id for each in self.models.models() if each.task == task}
        if kind == "embedders":
            return {"": _("The one that made the index"), **installed}
        none = _("None") if kind == "rerankers" else _("None, quotes only")
        return {"": _("What is installed"), "none": none, **installed}

    def _take_settings(self, before: Settings) -> None:
        """Do at once what follows from new settings; everything else asks for them when it needs them."""
        now = self.settings
        if now.appearance.language != before.appearance.language:
            use_language(now.appearance.language)
        self.publisher.follow(now.monitoring)
        self._pin(set(before.residency.pinned) - set(now.residency.pinned), False)
        self._pin(set(now.residency.pinned) - set(before.residency.pinned), True)
        if (now.models.embedder, now.search) != (before.models.embedder, before.search):
            self.use_embedder()
        if hardware_of(now.answering) != hardware_of(before.answering):
            self.generators.forget_provider()
            self.keeper.unload(GENERATOR)
        if now.imports != before.imports:
            self.keeper.unload(READER)  # the next one is started with the new limits

    def _pin(self, names: Iterable[str], pinned: bool) -> None:
        known = {component.name for component in self.keeper.status()}
        for name in names:
            if name in known:
                self.keeper.pin(name, pinned)
            else:
                _log.warning("settings: there is no component %s", name)

    def prewarm(self) -> None:
        """Wake what will answer the question that is being typed, as far as memory allows; returns at once."""
        self.screen_lock.locked = False  # somebody types; not every desktop tells when it is unlocked
        if not self.settings.residency.prewarm or not self._search.has_documents():
            return
        if self.embedders.searching() is not None:
            self.keeper.prewarm(RETRIEVAL)
        if self.generators.choose() is not None:
            self.keeper.prewarm(GENERATOR)

    def pin(self, name: str, pinned: bool) -> None:
        """Keep component ``name`` in memory, now and after the next start, or let it go again."""
        if name not in {component.name for component in self.keeper.status()}:
            raise KeyError(name)
        others = [each for each in self.settings.residency.pinned if each != name]
        self.change_setting("residency", "pinned", [*others, name] if pinned else others)
        self.keeper.pin(name, pinned)  # unloading by hand has unpinned it perhaps, which no setting tells

    def reranker(self) -> ModelInfo | None:
        """Return the model that puts what was found in order, or None to do without. One that is gone is not missed."""
        wish = self.settings.models.reranker
        wished = [each for each in self.models.models() if each.id == wish and each.task == "reranking"]
        return None if wish == "none" else (wished or [self.models.reranker()])[0]

    def unknown_passages(self) -> int:
        """Return how many passages are in languages that the chosen embedder does not know: words alone find them."""
        chosen = self.embedders.chosen()
        if chosen is None or MULTILINGUAL in chosen.languages:
            return 0
        return self.library.unknown_count(chosen.id)

    def memory(self) -> Memory:
        """Return what components may take of this machine's memory, and what of it is available now."""
        import psutil

        machine = psutil.virtual_memory()
        return Memory(self._allowance(machine.total), machine.available)

    def forget_embedder(self, id: str) -> None:  # noqa: A002 - it is what it is
        """Delete the vectors and the index of an embedder that is gone."""
        self.library.forget_embedder(id)
        for index in self.folder.indexes(id):
            shutil.rmtree(index, ignore_errors=True)

    def try_model(self, model: ModelInfo) -> ModelSpeed:
        """Let ``model`` show in a host of its own how fast it is, and keep what it did. Blocks for some seconds.

        Raises ComponentError or ModelError. One trial at a time.
        """
        with self._trying:
            self._components.tried = model
            self.keeper.look_up_again(TRIAL)
            pending = self.library.pending(model.id, _TRIED_PASSAGES) if model.task == "embedding" else []
            with self.keeper.lease(TRIAL) as lease:
                speed: ModelSpeed = lease.call("measure", [text for _id, _document, text in pending])
        self.speeds.keep(speed)
        return speed

    def use_embedder(self) -> None:
        """Let hosts that hold another embedder or index than the chosen one go; the next ones have it."""
        self.keeper.unload(EMBEDDER)
        self.keeper.unload(RETRIEVAL)

    def _allowance(self, total: int) -> int:
        residency = self.settings.residency
        return residency.memory_megabytes << 20 or int(total * residency.memory_share)

    def _triggers(self) -> tuple[Trigger, ...]:
        return (
            FreeMemory(lambda: self.settings.residency.low_memory_megabytes << 20),
            Battery(self._clock),
            self.screen_lock,
            Resume(self._clock, self._after_sleep),
            KeepWarmHours(self._clock, self._keep_warm),
        )

    def _after_sleep(self) -> None:
        self.generators.forget_provider()  # a GPU may not have survived it

    def _keep_warm(self) -> Sequence[KeepWarm]:
        windows = self.settings.residency.keep_warm
        if windows:
            self.generators.choose_before_keeping_warm()
        return windows
