"""The steps from a question to its sources: route, rewrite, divide, retrieve, rerank."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.answering import rewrite, route
from kotaemon_desktop.core.errors import ComponentError, ModelError, PluginBroken
from kotaemon_desktop.core.events import (
    AnswerEvent,
    Cited,
    Degraded,
    Divided,
    Found,
    Narrowed,
    Piece,
    Rewritten,
    Routed,
)
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.pipeline.question import Part, Question
from kotaemon_desktop.core.records import Hit
from kotaemon_desktop.core.retrieval import filters
from kotaemon_desktop.core.retrieval.fusion import in_turns
from kotaemon_desktop.core.retrieval.search import Search
from kotaemon_desktop.core.scope import Scope

_BY_PLUGIN = N_("the plugin {plugin} knows the answer")


@dataclass(frozen=True, slots=True)
class Routing:
    """``route``: answer what needs no documents, by rule; what no rule knows, the routes of plugins are asked."""

    plugins: PluginSteps

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        way = route.route(question.text)
        if way.name == route.DOCUMENTS:
            way = yield from self._of_plugins(question, way)
        yield Routed(way.name, way.why)
        if way.name != route.DOCUMENTS:
            yield Piece(way.answer)
            yield Cited(way.answer, ())

    def _of_plugins(self, question: Question, way: route.Route) -> Generator[AnswerEvent, None, route.Route]:
        for plugin in self.plugins.routes():
            yield from self.plugins.waking()
            try:
                answer = self.plugins.routed(plugin, question)
            except ComponentError as error:
                yield Degraded(error)
                continue
            if answer:
                return route.Route(plugin.name, _(_BY_PLUGIN).format(plugin=plugin.label), answer)
        return way


def rewriting(question: Question) -> Iterator[AnswerEvent]:
    """``rewrite``: complete a question that leans on the conversation."""
    before = [filters.parse(turn.question)[0] for turn in question.turns if turn.route == route.DOCUMENTS]
    asked = rewrite.standalone(question.text, before)
    if asked != question.text:
        yield Rewritten(asked)


def dividing(question: Question) -> Iterator[AnswerEvent]:
    """``divide``: find the questions in a question, each to be searched for by itself."""
    from kotaemon_desktop.core.answering import divide  # 4 ms of rules that most questions do without

    question.divided = divide.parts(question.asked)
    if question.divided:
        yield Divided(question.divided)


@dataclass(frozen=True, slots=True)
class Retrieving:
    """``retrieve``: find passages, by words and by meaning; for a divided question, those of each part in turns.

    ``documents`` returns the ids of the documents that a scope means.
    """

    search: Search
    documents: Callable[[Scope], Sequence[int]]

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        if question.scope:
            question.within = self.documents(question.scope)
            yield Narrowed(question.scope, len(question.within))
        parts: list[Part] = []
        for text in (question.asked, *question.divided):
            query = self.search.query(text)
            candidates = yield from self.search.candidates(query, question.within)
            parts.append(Part(query, candidates))
            if isinstance(candidates.failure, PluginBroken):  # who reads it does without that plugin from now on
                yield Degraded(candidates.failure)
        question.parts = tuple(parts)
        yield Found((*question.looked_up, *_best(self.search, question)), question.note_of_search)


@dataclass(frozen=True, slots=True)
class Reranking:
    """``rerank``: let a model that reads question and passage together put the passages in order, if there is one."""

    search: Search

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        read: list[Part] = []
        try:
            for part in question.parts:
                candidates = yield from self.search.reranked(part.query, part.candidates)
                read.append(Part(part.query, candidates))
        except (ComponentError, ModelError) as error:
            yield Degraded(error)
            return
        if tuple(read) != question.parts:
            question.parts = tuple(read)
            yield Found((*question.looked_up, *_best(self.search, question)))


def _best(search: Search, question: Question) -> tuple[Hit, ...]:
    """Return the hits of all parts, in turns."""
    found = [search.hits(part.query, part.candidates, question.top) for part in question.parts]
    if len(found) == 1:
        return found[0]
    return tuple(in_turns(found, key=lambda hit: hit.passage.id))[: question.top]
