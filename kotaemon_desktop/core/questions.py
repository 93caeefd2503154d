"""Everything about asking: answers, searches, and how ready the program is for the next question."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from kotaemon_desktop.core.canary.canary import Canary
from kotaemon_desktop.core.events import AnswerEvent, Found, Sent, Waking
from kotaemon_desktop.core.generators import Generators
from kotaemon_desktop.core.models.embedders import Embedders
from kotaemon_desktop.core.models.shelf import Shelf
from kotaemon_desktop.core.monitoring.publisher import Publisher
from kotaemon_desktop.core.protocols import Clock
from kotaemon_desktop.core.records import ModelInfo, Sleep
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import GENERATOR, RETRIEVAL
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.settings import Settings
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.storage.collections import Collections
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.tool_results import ToolResults

if TYPE_CHECKING:
    from kotaemon_desktop.core.outgoing import Outgoing
    from kotaemon_desktop.core.pipeline.answer import Answering
    from kotaemon_desktop.core.pipeline.question import Approve
    from kotaemon_desktop.core.pipeline.toolbox import Toolbox
    from kotaemon_desktop.core.plugins.registry import Plugins
    from kotaemon_desktop.core.retrieval.search import Search


class Questions:
    """Owns the answering pipeline, built with the first question; lives in the main process, its jobs in one lane."""

    def __init__(
        self,
        keeper: Keeper,
        library: Library,
        collections: Collections,
        history: History,
        shelf: Shelf,
        embedders: Embedders,
        generators: Generators,
        reranker: Callable[[], ModelInfo | None],
        clock: Clock,
        settings_file: SettingsFile,
        publisher: Publisher,
        results: ToolResults,
        canary: Canary,
        plugins: Callable[[], Plugins],
        outgoing: Outgoing,
    ) -> None:
        """``reranker`` returns the model that puts what was found in order, or None to do without."""
        self._keeper = keeper
        self._library = library
        self._collections = collections
        self._history = history
        self._shelf = shelf
        self._embedders = embedders
        self._generators = generators
        self._reranker = reranker
        self._clock = clock
        self._settings_file = settings_file
        self._publisher = publisher
        self._results = results
        self._canary = canary
        self._plugins = plugins
        self._outgoing = outgoing

    @cached_property
    def _search(self) -> Search:
        from kotaemon_desktop.core.pipeline.plugin_retriever import PluginRetriever
        from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
        from kotaemon_desktop.core.retrieval.search import Search
        from kotaemon_desktop.core.storage.passage_view import PassageView

        return Search(
            self._keeper,
            self._library,
            self._embedders.searching,
            self._reranker,
            lambda error: self._plugins().give_up(error),
            PluginRetriever(
                lambda: PluginSteps(self._keeper, self._plugins()),
                PassageView(str(self._library.file)),
                lambda: self._settings_file.settings.search.retriever,
            ),
        )

    @cached_property
    def tools(self) -> Toolbox:
        """The tools that questions may call."""
        from kotaemon_desktop.core.pipeline.toolbox import Toolbox

        return Toolbox(self._keeper, self._settings_file, self._plugins, self._outgoing, self._clock)

    @cached_property
    def answering(self) -> Answering:
        """The pipelines and the steps that they are made of."""
        from kotaemon_desktop.core.pipeline.answer import Answering
        from kotaemon_desktop.core.pipeline.consent import Asking
        from kotaemon_desktop.core.pipeline.tool_choice import Choosing
        from kotaemon_desktop.core.pipeline.tool_step import Calling
        from kotaemon_desktop.core.pipeline.writing import Writing

        def settings() -> Settings:
            return self._settings_file.settings

        built = Answering(
            self._keeper,
            self._search,
            self._history,
            self._clock,
            settings,
            self._generators.choose,
            self._generators.smaller,
            self._collections.documents,
            Writing(
                self._keeper,
                self._clock,
                settings,
                self._results.sources,
                self._generators.note_provider,
                self._generators.note_crash,
            ),
            self._plugins(),
        )
        asking = Asking(self.tools, self._clock)
        choosing = Choosing(self.tools, asking, self._keeper, self._generators.choose)
        built.steps["tool"] = Calling(self.tools, choosing, asking, self._results, self._keeper, self._clock)
        return built

    def answer(
        self,
        question: str,
        *,
        conversation_id: int | None = None,
        instead_of: int | None = None,
        model: str | None = None,
        scope: Scope = ALL,
        pipeline: str | None = None,
        approve: Approve | None = None,
    ) -> Iterator[AnswerEvent]:
        """Answer ``question``; see :meth:`Answering.answer`. Who names no model or pipeline may get the candidate."""
        self._settings_file.look()  # what was just edited counts for this question
        choice = self._canary.choose(conversation_id) if model is None and pipeline is None else None
        if choice is not None and choice.way is not None:
            model, pipeline = choice.way.model, choice.way.pipeline or None
        events = self.answering.answer(
            question,
            conversation_id=conversation_id,
            instead_of=instead_of,
            model=model,
            scope=scope,
            pipeline=pipeline,
            approve=approve,
        )
        return self._publisher.watch(self._canary.watch(events, choice))

    def search(self, text: str, top: int, scope: Scope = ALL) -> Iterator[Waking | Sent | Found]:
        """Find passages for ``text``, in which filters go before ``scope``; see :meth:`Search.find`."""
        from kotaemon_desktop.core.retrieval import filters

        words, typed = filters.parse(text)
        scope = scope.narrowed(typed)
        within = self._collections.documents(scope) if scope else None
        return self._search.find(self._search.query(words), top, within)

    @property
    def index_behind(self) -> bool:
        """Whether a search has met a vector index that lacks passages."""
        searched: Search | None = self.__dict__.get("_search")
        return searched is not None and searched.index_behind

    @index_behind.setter
    def index_behind(self, behind: bool) -> None:
        self._search.index_behind = behind

    def prewarm(self, conversation_id: int | None = None) -> None:
        """Wake what will answer the question that is being typed, as far as memory allows; returns at once."""
        if not self._settings_file.settings.residency.prewarm or not self._search.has_documents():
            return
        if self._embedders.searching() is not None:
            self._keeper.prewarm(RETRIEVAL)
        choice = self._canary.choose(conversation_id)
        wish = choice.way.model if choice is not None and choice.way is not None else None
        if self._generators.choose(wish) is not None:
            self._keeper.prewarm(GENERATOR)

    def sleep_of(self, conversation_id: int) -> Sleep | None:
        """Return how a conversation sleeps; None while its model holds it in memory, or has never spoken in it."""
        model = self._generators.current
        if model is None:
            return None
        status = self._keeper.status(GENERATOR)
        answering: Answering | None = self.__dict__.get("answering")
        if status.hosts and not status.resting and answering and answering.in_memory == conversation_id:
            return None
        reading = self._shelf.seconds(conversation_id, model.id)
        if reading is None and not any(turn.generated for turn in self._history.turns(conversation_id)):
            return None
        waking = 0.0 if status.hosts else status.expected_wake
        if reading is None or waking is None:
            return Sleep(kept=reading is not None, seconds=None)
        return Sleep(kept=True, seconds=waking + reading)
