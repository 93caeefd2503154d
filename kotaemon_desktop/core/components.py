"""The components of this program: which class each host builds, from what, and how long it may rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec

from kotaemon_desktop.core import gpu_pack
from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.models import providers, session
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.fit import needed
from kotaemon_desktop.core.models.remote import RemoteModels, host_of, leaves
from kotaemon_desktop.core.monitoring import gpu
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.records import Hardware, ModelInfo
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.names import (
    BUILDER,
    EMBEDDER,
    GENERATOR,
    OCR,
    PLUGINS,
    PROBE,
    READER,
    RETRIEVAL,
    TOOLS,
    TRIAL,
    UPDATES,
)
from kotaemon_desktop.core.settings import Answering, Search, Settings

if TYPE_CHECKING:
    from kotaemon_desktop.core.plugins.registry import Plugins

_CORE = "kotaemon_desktop.core"
_BUILD_SECONDS = 600.0
_PLUGIN_SECONDS = 10.0
_MOST_READERS = 4

# What a first wake is expected to hold; from the second on this machine's own history says it.
_READER_BYTES = 80 << 20
_OCR_BYTES = 600 << 20
_ENCODER_BYTES = 70 << 20  # beside its weights
_CHROMA_BYTES = 150 << 20
_REMOTE_BYTES = 40 << 20  # a model elsewhere, an update check: an HTTP client
_TOOLS_BYTES = 40 << 20
_GENERATOR_BYTES = 200 << 20  # beside its weights: the runtime, the tokenizer and a cache of some thousand tokens


class Components:
    """Knows what hosts are built from at the moment they wake: the settings, the models, the chosen generator."""

    def __init__(
        self,
        folder: DataFolder,
        settings: Callable[[], Settings],
        embedders: Embedders,
        remote: RemoteModels,
        reranker: Callable[[], ModelInfo | None],
        outgoing: Outgoing,
        plugins: Callable[[], Plugins],
        gpu_memory: Callable[[], int | None] = gpu.free_memory,
    ) -> None:
        """``gpu_memory`` returns the free bytes of the GPU, or None where there is none to ask."""
        self.generator: ModelInfo | None = None
        self.tried: ModelInfo | None = None
        self.lost: dict[str, str] = {}  # execution providers that took their host with them, and why
        self._folder = folder
        self._settings = settings
        self._embedders = embedders
        self._remote = remote
        self._reranker = reranker
        self._outgoing = outgoing
        self._brought = plugins
        self._gpu_memory = gpu_memory

    def specs(self) -> tuple[ComponentSpec, ...]:
        """Return every component."""
        return (
            self._reader(),
            self._recognition(),
            self._embedding(),
            self._retrieval(),
            self._generation(),
            self._building(),
            self._trying(),
            self._tools(),
            self._plugins(),
            _PROBING,
            _LOOKING,
        )

    def _reader(self) -> ComponentSpec:
        return ComponentSpec(
            READER,
            f"{_CORE}.documents.reader:ReaderService",
            lambda: {
                "passage_characters": self._settings().imports.passage_characters,
                "memory_megabytes": self._settings().imports.reader_megabytes,
            },
            lambda: self._settings().residency.reader_idle,
            size_hint=lambda: _READER_BYTES,
            most_hosts=reading_at_once() + 1,  # one is left for the page that somebody looks at
            leases_per_host=1,
            background=True,
            has_breaker=False,  # each file is a trial of its own
        )

    def _recognition(self) -> ComponentSpec:
        return ComponentSpec(
            OCR,
            f"{_CORE}.documents.ocr:OcrService",
            lambda: {
                "passage_characters": self._settings().imports.passage_characters,
                "memory_megabytes": self._settings().imports.ocr_megabytes,
                "threads": session.threads(),
            },
            lambda: self._settings().residency.ocr_idle,
            size_hint=lambda: _OCR_BYTES,
            available=recognised.installed,
            leases_per_host=1,
            background=True,
            has_breaker=False,  # each page is a trial of its own
        )

    def _embedding(self) -> ComponentSpec:
        return ComponentSpec(
            EMBEDDER,
            f"{_CORE}.retrieval.embedding:EmbeddingService",
            lambda: self._files_of(_there(self._embedders.chosen())),
            lambda: self._settings().residency.reader_idle,
            size_hint=lambda: _ENCODER_BYTES + _there(self._embedders.chosen()).bytes,
            background=True,
        )

    def _retrieval(self) -> ComponentSpec:
        return ComponentSpec(
            RETRIEVAL,
            f"{_CORE}.retrieval.service:RetrievalService",
            lambda: self._files_of(_there(self._embedders.searching())),
            lambda: self._settings().residency.retrieval_idle,
            size_hint=self._retrieval_bytes,
            available=lambda: self._embedders.searching() is not None,
        )

    def _retrieval_bytes(self) -> int:
        reranker = self._reranker()
        reading = _ENCODER_BYTES + reranker.bytes if reranker else 0
        return _ENCODER_BYTES + _there(self._embedders.searching()).bytes + _CHROMA_BYTES + reading

    def _generation(self) -> ComponentSpec:
        return ComponentSpec(
            GENERATOR,
            f"{_CORE}.models.opening:conversation",
            self._generator_arguments,
            lambda: self._settings().residency.generator_idle,
            rest_seconds=lambda: self._settings().residency.conversation_idle,
            size_hint=self._generator_bytes,
            available=lambda: self.generator is not None,
            variant=lambda: self.generator.id if self.generator else "",
            leases_per_host=1,  # two answers at once would each take twice as long
            large_pages=True,  # each token reads all weights once
        )

    def _generator_arguments(self) -> dict[str, Any]:
        chosen = self.generator
        if remote := self._remote.connection(chosen):
            return {"remote": remote}
        return {
            "remote": None,
            "folder": chosen.folder if chosen else "",
            "caches": str(self._folder.caches),
            "cache_bytes": self._settings().residency.conversation_cache_megabytes << 20,
            "hardware": self.hardware(chosen),
        }

    def _generator_bytes(self) -> int:
        chosen = self.generator
        return _REMOTE_BYTES if chosen and chosen.address else _GENERATOR_BYTES + (chosen.bytes if chosen else 0)

    def _trying(self) -> ComponentSpec:
        return ComponentSpec(
            TRIAL,
            f"{_CORE}.models.opening:trial",
            self._trial_arguments,
            lambda: 0.0,
            size_hint=self._trial_bytes,
            variant=lambda: self.tried.id if self.tried else "",
            leases_per_host=1,
            large_pages=True,  # as when it is used
            has_breaker=False,  # each model is a trial of its own
        )

    def _tools(self) -> ComponentSpec:
        return ComponentSpec(
            TOOLS,
            f"{_CORE}.tools.service:ToolService",
            idle_seconds=lambda: self._settings().residency.tools_idle,
            size_hint=lambda: _TOOLS_BYTES,
            leases_per_host=1,
            has_breaker=False,  # one tool's failures say nothing of another's
        )

    def _plugins(self) -> ComponentSpec:
        return ComponentSpec(
            PLUGINS,
            f"{_CORE}.plugins.loading:PluginService",
            idle_seconds=lambda: self._settings().residency.retrieval_idle,
            call_timeout=_PLUGIN_SECONDS,
            has_breaker=False,  # each plugin is a trial of its own
        )

    def _trial_arguments(self) -> dict[str, Any]:
        if remote := self._remote.connection(self.tried):
            return {"remote": remote}
        folder = self.tried.folder if self.tried else ""
        return {"remote": None, "folder": folder, "hardware": self.hardware(self.tried)}

    def _trial_bytes(self) -> int:
        if self.tried is None:
            return _ENCODER_BYTES
        return _REMOTE_BYTES if self.tried.address else needed(self.tried.task, self.tried.bytes)

    def hardware(self, model: ModelInfo | None = None) -> Hardware:
        """Return where language models may run now: as the settings say, without what has failed.

        Nor on a GPU without room for ``model``: it would fail in mid-answer, or push out what others have there.
        """
        answering = self._settings().answering
        lost = dict(self.lost)
        free = self._gpu_memory() if model is not None else None
        if model is not None and free is not None:
            room = min(free, answering.gpu_megabytes << 20 or free)
            if needed(model.task, model.bytes) > room:
                lost = dict.fromkeys(providers.NVIDIA, providers.NO_ROOM) | lost
        return msgspec.structs.replace(hardware_of(answering, lost), pack=gpu_pack.installed(self._folder.gpu_pack))

    def _building(self) -> ComponentSpec:
        return ComponentSpec(
            BUILDER,
            f"{_CORE}.models.embedded:BuilderService",
            lambda: {"models_folder": str(self._folder.models)},
            lambda: 0.0,
            call_timeout=_BUILD_SECONDS,
        )

    def _files_of(self, embedder: ModelInfo) -> dict[str, Any]:
        engine, address = self._engine()
        if leaves(server := host_of(engine)):
            self._outgoing.note(Errand.VECTORS, server.rpartition("@")[2])
        return {
            "embedder_folder": embedder.folder,
            "database_file": str(self._folder.database),
            "index_folder": str(self._folder.index(embedder.id, engine)),
            "engine": address,
            "remote": self._remote.connection(embedder),
        }

    def _engine(self) -> tuple[str, str]:
        """Return what holds the vectors, as the settings name it and as a host finds it.

        In the place of a plugin that is gone, off or broken stands what comes along: the library has all vectors.
        """
        wish = self._settings().search.vectors
        if not wish.startswith(PREFIX):
            return wish, wish
        plugin = self._brought().find("vector_stores", wish.removeprefix(PREFIX))
        return (wish, plugin.address) if plugin else (Search().vectors, Search().vectors)


def _there(embedder: ModelInfo | None) -> ModelInfo:
    assert embedder is not None, "search and import look for an embedder before they borrow a host for it"
    return embedder


_PLUGGED = {
    "readers": (READER,),
    "embedders": (EMBEDDER, RETRIEVAL),
    "vector_stores": (EMBEDDER, RETRIEVAL),
    "rerankers": (RETRIEVAL,),
    "generators": (GENERATOR,),
}
_PROBING = ComponentSpec(PROBE, f"{_CORE}.models.providers:ProbeService", idle_seconds=lambda: 0.0)
_LOOKING = ComponentSpec(
    UPDATES,
    f"{_CORE}.updates.service:UpdateService",
    idle_seconds=lambda: 0.0,
    size_hint=lambda: _REMOTE_BYTES,
    has_breaker=False,  # an address that does not answer says nothing of the next look
    call_timeout=60.0,
)


def hosts_of_plugins(kinds: Iterable[str]) -> set[str]:
    """Return the components whose hosts hold code of plugins of these ``kinds``."""
    return {name for kind in kinds for name in _PLUGGED.get(kind, (PLUGINS,))}


def hardware_of(answering: Answering, lost: Mapping[str, str] = MappingProxyType({})) -> Hardware:
    """Return where language models may run by the settings, without the providers that were ``lost``."""
    return Hardware(answering.provider, answering.gpu, answering.gpu_megabytes, answering.threads, tuple(lost.items()))


def reading_at_once() -> int:
    """Return how many files are read side by side: one for each core, but never many copies of a parser."""
    return max(1, min(_MOST_READERS, os.cpu_count() or 1))
