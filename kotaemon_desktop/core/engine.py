"""Opens a data folder and holds every service of the core: what the window and the commands share.

Longer than other files because it is the one place where all of them are put together, in order.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from kotaemon_desktop.core import log_file, machine
from kotaemon_desktop.core.canary.canary import Canary
from kotaemon_desktop.core.components import Components, hardware_of, hosts_of_plugins
from kotaemon_desktop.core.generators import Generators
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.imports import Imports
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.fit import Memory
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.models.remote import RemoteModels
from kotaemon_desktop.core.models.shelf import Shelf
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.monitoring.publisher import Publisher
from kotaemon_desktop.core.outgoing import Outgoing
from kotaemon_desktop.core.paths import DataFolder, FolderLock
from kotaemon_desktop.core.previews import Previews
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.questions import Questions
from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.core.residency.budget import Budget
from kotaemon_desktop.core.residency.component import SystemClock
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR, READER, RETRIEVAL
from kotaemon_desktop.core.residency.triggers import (
    Battery,
    FreeMemory,
    KeepWarmHours,
    Resume,
    ScreenLock,
    Trigger,
)
from kotaemon_desktop.core.retention import Retention
from kotaemon_desktop.core.server.key import Key
from kotaemon_desktop.core.server.local import LocalServer
from kotaemon_desktop.core.settings import KeepWarm, Settings
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.storage.collections import Collections
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.model_speeds import ModelSpeeds
from kotaemon_desktop.core.storage.scans import Scans
from kotaemon_desktop.core.storage.tool_results import ToolResults
from kotaemon_desktop.core.storage.traces import Traces
from kotaemon_desktop.core.storage.trials import Trials
from kotaemon_desktop.core.storage.usage import Usage
from kotaemon_desktop.core.storage.watched import WatchedFolders
from kotaemon_desktop.core.trial import Trial

if TYPE_CHECKING:
    from kotaemon_desktop.core.errors import PluginBroken, PluginMissing
    from kotaemon_desktop.core.gpu_pack import GpuPack
    from kotaemon_desktop.core.monitoring.notices import Notices
    from kotaemon_desktop.core.monitoring.sampler import Sampler
    from kotaemon_desktop.core.plugins.registry import Plugins
    from kotaemon_desktop.core.server.service import Service
    from kotaemon_desktop.core.storage.repair import ShrinkReport
    from kotaemon_desktop.core.updates.updates import Updates

_log = logging.getLogger(__name__)


class Engine:
    """Owns the data folder, its lock and every service; lives in the main process, its methods in any thread.

    Opening it wakes nothing. Every start step puts its stop step on a stack, and :meth:`close` runs them backwards.
    """

    def __init__(self, folder: DataFolder, *, clock: Clock | None = None, lock: FolderLock | None = None) -> None:
        """Open ``folder``, of which the caller keeps the ``lock``; else it is taken here.

        Raises FolderInUse, NewerLibrary or DamagedLibrary; nothing stays open.
        """
        self.folder = folder
        self.clock = clock or SystemClock()
        with ExitStack() as steps:
            if lock is None:
                steps.enter_context(folder.lock())
            steps.callback(log_file.log_to(folder.logs))
            self.settings_file = SettingsFile(folder.settings, self._take_settings)
            use_language(self.settings.appearance.language)
            database = Database(folder.database)
            steps.callback(database.close)
            self._database = database
            self.library = Library(database, now=self.clock.wall)
            self.collections = Collections(database, now=self.clock.wall)
            self.watched = WatchedFolders(database, os.sep)
            self.scans = Scans(database)
            self._shelf = Shelf(folder.caches)
            self.history = History(database, now=self.clock.wall, on_removed=self._shelf.forget)
            steps.callback(self._tidy_shelf)
            self.results = ToolResults(database, self.library.passages)
            self.traces = Traces(database, self.results.sources)
            self.usage = Usage(database, now=self.clock.wall)
            steps.callback(self.usage.close)
            self._retention = Retention(
                folder,
                database,
                self.library,
                self.history,
                self.traces,
                self.usage,
                self.clock,
                lambda: self.settings.traces.days,
            )
            self.keychain = Keychain()
            self.outgoing = Outgoing(self.clock.wall)
            self.models = ModelStore(folder.models, self.outgoing)
            self.remote = RemoteModels(lambda: self.settings, self.keychain, self.outgoing)
            self.embedders = Embedders(
                self.models,
                self.remote,
                lambda: self.plugins,
                lambda: self.settings.models.embedder,
                self.library.complete_embedders,
            )
            self.speeds = ModelSpeeds(database, self.clock.wall)
            self._components = Components(
                folder,
                lambda: self.settings,
                self.embedders,
                self.remote,
                self.reranker,
                self.outgoing,
                lambda: self.plugins,
            )
            self.screen_lock = ScreenLock()
            self.keeper = Keeper(
                self._components.specs(),
                self.clock,
                self.usage,
                budget=Budget(self._allowance),
                triggers=self._triggers(),
                at_rest=database.forget_cached,
            )
            self.generators = Generators(
                self._components,
                self.keeper,
                self.models,
                self.remote,
                lambda: self.plugins,
                lambda: self.settings.answering.model,
            )
            self.trial = Trial(self._components, self.keeper, self.library, self.speeds)
            self.previews = Previews(self.keeper, self.library, self.scans, folder.originals)
            self.server = LocalServer(Key(folder.server_key), self._service)
            self.publisher = Publisher(self.keeper.status, self.clock)
            self.canary = Canary(
                Trials(database), self.clock, lambda: self.settings, self.change_setting, self.generators.default_id
            )
            self.questions = Questions(
                self.keeper,
                self.library,
                self.collections,
                self.history,
                self._shelf,
                self.embedders,
                self.generators,
                self.reranker,
                self.clock,
                self.settings_file,
                self.publisher,
                self.results,
                self.canary,
                lambda: self.plugins,
                self.outgoing,
            )
            self.imports = Imports(
                self.keeper,
                self.library,
                self.scans,
                self.watched,
                self.clock,
                lambda: self.settings,
                folder.originals,
                self.embedders,
                self.use_embedder,
                self.previews,
                self.questions,
                lambda: self.plugins,
            )
            self.keeper.subscribe(self.usage.hear)
            self.keeper.subscribe(self.publisher.hear)
            self._pin(self.settings.residency.pinned, True)
            steps.callback(self.publisher.close)
            steps.callback(self.keeper.close)
            steps.callback(self.server.close)
            steps.callback(self._close_watching)
            self.publisher.follow(self.settings.monitoring)
            self.server.follow(self.settings.server)
            steps.callback(self.publisher.say_closing)
            self._stop = steps.pop_all()

    # Built with the first job or sample: a window that has only just opened does not import them.

    @cached_property
    def plugins(self) -> Plugins:
        """What installed packages add."""
        from kotaemon_desktop.core.plugins.registry import Plugins

        def unload(kinds: Collection[str]) -> None:
            for name in hosts_of_plugins(kinds):
                self.keeper.unload(name)
            if "vector_stores" in kinds:
                self.questions.index_behind = True

        return Plugins(self.folder.plugins, lambda: self.settings.plugins.off, unload)

    @cached_property
    def updates(self) -> Updates:
        """Looks for newer versions, where a person wishes it."""
        from kotaemon_desktop.core.updates.updates import Updates

        return Updates(self.keeper, lambda: self.settings, self.outgoing, self.folder.update_check, self.clock)

    @cached_property
    def gpu_pack(self) -> GpuPack:
        """What an installed program lacks to compute on this machine's card."""
        from kotaemon_desktop.core.gpu_pack import GpuPack

        return GpuPack(self.folder.gpu_pack, lambda: self.settings.models, self.outgoing)

    def use_gpu_anew(self) -> None:
        """The GPU pack has come or gone: the next host of a language model tries again what it can run on."""
        self.generators.forget_provider()
        self.keeper.unload(GENERATOR)

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
                notices.FullDisk(self.folder.root, self.clock),
                notices.LowMemory(lambda: self.settings.residency.low_memory_megabytes << 20, self.clock),
                notices.OnProcessor(self.generators.why_no_gpu),
                notices.UnservedMetrics(lambda: self.publisher.problem),
                notices.BrokenPlugins(self._plugin_problems),
                notices.DuplicateRuntime(duplicate_runtime.advice),
                notices.LogErrors("kotaemon_desktop", self.folder.logs / log_file.NAME),
            )
        )

    def _plugin_problems(self) -> Sequence[PluginBroken | PluginMissing]:
        search = self.settings.search
        wishes = {"vector_stores": search.vectors, "retrievers": search.retriever}
        return self.plugins.problems(wishes) if "plugins" in self.__dict__ else ()

    def _service(self) -> Service:
        from kotaemon_desktop.core.server.service import Service

        return Service(
            self.keeper,
            self.generators,
            self.embedders,
            self.models,
            self.collections,
            lambda: self.settings.answering,
            self.questions.answer,
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
    def open(cls, folder: DataFolder, lock: FolderLock | None = None) -> Engine:
        """Open ``folder``; see the constructor."""
        return cls(folder, lock=lock)

    def close(self) -> None:
        """Stop everything, the last started first. Imports go on at the next start."""
        self._stop.close()

    # --- upkeep ----------------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Let the keeper unload what is due, follow the settings, note that the program runs; about once a second."""
        self.settings_file.look()
        self.keeper.tick()
        self.usage.beat()
        self.delete_due()

    def delete_due(self) -> None:
        """Delete for good what is due, about once a day: the window's :meth:`tick` does, a command once."""
        self._retention.look()

    def shrink(self) -> ShrinkReport:
        """Give unused room back to the disk; see :func:`repair.shrink`."""
        from kotaemon_desktop.core.storage import repair

        return repair.shrink(self.folder, self._database)

    # --- settings --------------------------------------------------------------------------------------------------

    @property
    def settings(self) -> Settings:
        """The settings in force: the last good ones."""
        return self.settings_file.settings

    def change_setting(self, section: str, name: str, value: object) -> None:
        """Set one setting for now and for later. Raises SettingsError with nothing changed."""
        self.settings_file.change(section, name, value)

    def _take_settings(self, before: Settings) -> None:
        """Do at once what follows from new settings; everything else asks for them when it needs them."""
        now = self.settings
        if now.appearance.language != before.appearance.language:
            use_language(now.appearance.language)
        self.publisher.follow(now.monitoring)
        self.server.follow(now.server)
        self._pin(set(before.residency.pinned) - set(now.residency.pinned), False)
        self._pin(set(now.residency.pinned) - set(before.residency.pinned), True)
        elsewhere = (now.remote, now.models.offline) != (before.remote, before.models.offline)
        held = (now.search.vectors, now.plugins) != (before.search.vectors, before.plugins)
        if elsewhere or held or now.models.embedder != before.models.embedder:
            self.use_embedder()
        if held:
            self.questions.index_behind = True  # another engine may have nothing yet
        if elsewhere:
            self.keeper.unload(GENERATOR)
        if hardware_of(now.answering) != hardware_of(before.answering):
            self.use_gpu_anew()
        if now.traces != before.traces:
            self._retention.keep_traces_shorter()
        if now.imports != before.imports:
            self.keeper.unload(READER)  # the next one is started with the new limits

    def _pin(self, names: Iterable[str], pinned: bool) -> None:
        known = {component.name for component in self.keeper.status()}
        for name in names:
            if name in known:
                self.keeper.pin(name, pinned)
            else:
                _log.warning("settings: there is no component %s", name)

    def prewarm(self, conversation_id: int | None = None) -> None:
        """Somebody types in a conversation: wake what will answer, see :meth:`Questions.prewarm`."""
        self.screen_lock.locked = False  # not every desktop tells when it is unlocked
        self.questions.prewarm(conversation_id)

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
        if brought := self.plugins.model("rerankers", wish):
            return brought
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
        total, available = machine.memory()
        return Memory(self._allowance(total), available)

    def forget_embedder(self, id: str) -> None:  # noqa: A002 - it is what it is
        """Delete the vectors and the index of an embedder that is gone."""
        self.library.forget_embedder(id)
        for index in self.folder.indexes(id):
            shutil.rmtree(index, ignore_errors=True)

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
            Battery(self.clock),
            self.screen_lock,
            Resume(self.clock, self._after_sleep),
            KeepWarmHours(self.clock, self._keep_warm),
        )

    def _after_sleep(self) -> None:
        self.generators.forget_provider()  # a GPU may not have survived it

    def _keep_warm(self) -> Sequence[KeepWarm]:
        windows = self.settings.residency.keep_warm
        if windows:
            self.generators.choose_before_keeping_warm()
        return windows
