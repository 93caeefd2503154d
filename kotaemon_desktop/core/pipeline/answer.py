"""Answers a question: route, retrieve, then quote or generate, and cite. A generator of events from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kotaemon_desktop.core.answering import cite, extract, prompt, rewrite, route
from kotaemon_desktop.core.errors import ComponentError, DoesNotFit, KotaemonError, ModelError
from kotaemon_desktop.core.events import (
    AnswerEvent,
    AnswerFailed,
    Cited,
    Degraded,
    Done,
    Found,
    Narrowed,
    Piece,
    Rewritten,
    Routed,
    Thinking,
    as_dict,
)
from kotaemon_desktop.core.pipeline.writing import Request, Writing, Written
from kotaemon_desktop.core.protocols import Clock, ConversationHistory, Lender
from kotaemon_desktop.core.records import ComponentState, Hit, ModelInfo, Turn
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.retrieval import filters
from kotaemon_desktop.core.retrieval.search import Query, Search
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.settings import Settings

EXTRACTIVE = "extractive"
RULES = "rules"

_NOT_FOUND = {
    "en": "This is not in your documents.",
    "zh": "您的文档中没有相关内容。",
}
_NOT_IN_SCOPE = {
    "en": "This is not in the documents that were asked. The others were left out.",
    "zh": "所问的文档中没有相关内容。其他文档未参与查找。",
}
_EMPTY = {
    "en": "There are no documents to ask yet. Drop files or a folder on the window, then ask again.",
    "zh": "还没有可供提问的文档。请先把文件或文件夹拖到窗口上，然后再提问。",
}


@dataclass
class _Run:
    """What is known of one question while it is being answered."""

    question: str  # without the filters that were typed with it
    typed: str
    scope: Scope
    started: float
    conversation_id: int | None = None
    instead_of: int | None = None
    route: str = ""
    model: str = RULES
    hits: tuple[Hit, ...] = ()
    answer: str = ""
    cited: Cited | None = None
    answered: bool = True
    written: Written = field(default_factory=Written)
    timings: dict[str, float] = field(default_factory=dict[str, float])
    trace: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def note(self, event: AnswerEvent, now: float) -> None:
        """Put ``event`` in the trace and keep what the later steps and the history need of it."""
        if not isinstance(event, Piece | Thinking):  # what is kept already; the pieces would be most of the trace
            self.trace.append({"at": round(now - self.started, 4), **as_dict(event)})
        if isinstance(event, Routed):
            self.route = event.route
        elif isinstance(event, Found):
            self.hits = event.hits
            self.timings["retrieve"] = now - self.started
        elif isinstance(event, Piece):
            self.answer += event.text
            if event.text:  # an empty one only says that the prompt is being read
                self.timings.setdefault("first_piece", now - self.started)
        elif isinstance(event, Cited):
            self.cited = event


class Answering:
    """The answering pipeline. Building it loads nothing; each step wakes what it needs. Runs in the answering lane."""

    def __init__(
        self,
        keeper: Lender,
        search: Search,
        history: ConversationHistory,
        clock: Clock,
        settings: Callable[[], Settings],
        choose_model: Callable[[str | None], ModelInfo | None],
        smaller_model: Callable[[ModelInfo], ModelInfo | None],
        documents: Callable[[Scope], Sequence[int]],
        writing: Writing,
    ) -> None:
        """``choose_model`` returns the generator for a wish (an id, ``none`` or None), or None to quote only.

        ``smaller_model`` returns the next smaller installed one. Both also make it the one that the next lease wakes.
        ``documents`` returns the ids of the documents that a scope means.
        """
        self._keeper = keeper
        self._search = search
        self._history = history
        self._clock = clock
        self._settings = settings
        self._choose_model = choose_model
        self._smaller_model = smaller_model
        self._documents = documents
        self._writing = writing
        self.in_memory: int | None = None
        """The conversation whose cache the generator host has, if it is awake and has one."""

    def answer(
        self,
        question: str,
        *,
        conversation_id: int | None = None,
        instead_of: int | None = None,
        model: str | None = None,
        scope: Scope = ALL,
    ) -> Iterator[AnswerEvent]:
        """Yield the events of the answer; see design.md, "The way of a question".

        It continues the conversation's shown branch, or begins another one beside the turn ``instead_of``.
        ``scope`` says which documents are asked; filters in the question go before it.
        The last one is Done or AnswerFailed. Closing the generator stops the answer; what was said so far is kept.
        """
        words, typed = filters.parse(question)
        run = _Run(words, question, scope.narrowed(typed), self._clock.monotonic(), conversation_id, instead_of)
        try:
            for event in self._steps(run, model):
                run.note(event, self._clock.monotonic())
                yield event
        except GeneratorExit:
            self._keep(run)
            raise
        except KotaemonError as error:
            failed = AnswerFailed(error)
            run.note(failed, self._clock.monotonic())
            run.answered = False
            self._keep(run)
            yield failed
            return
        run.timings["total"] = self._clock.monotonic() - run.started
        done = Done(run.model, run.answered, run.timings)
        run.note(done, self._clock.monotonic())
        yield msgspec.structs.replace(done, turn_id=self._keep(run))

    def _keep(self, run: _Run) -> int | None:
        """Store the turn with its trace; a question that was stopped before its route is not kept."""
        if run.conversation_id is None or not run.route:
            return None
        return self._history.add_turn(
            run.conversation_id,
            question=run.typed,
            answer=run.cited.answer if run.cited else run.answer,
            route=run.route,
            model=run.model,
            answered=run.answered,
            citations=run.cited.citations if run.cited else (),
            unsupported=run.cited.unsupported if run.cited else (),
            trace=run.trace,
            instead_of=run.instead_of,
            generated=run.written.generated,
        )

    def _steps(self, run: _Run, wish: str | None) -> Iterator[AnswerEvent]:
        way = route.route(run.question)
        yield Routed(way.name, way.why)
        if way.name != route.DOCUMENTS:
            yield Piece(way.answer)
            yield Cited(way.answer, ())
            return
        within = self._documents(run.scope) if run.scope else None
        if within is not None:
            yield Narrowed(run.scope, len(within))
        asked = rewrite.standalone(run.question, self._asked_before(run))
        if asked != run.question:
            yield Rewritten(asked)
        query = self._search.query(asked)
        yield from self._search.find(query, self._settings().answering.top, within)
        model = self._choose_model(wish)
        if not run.hits:
            yield from self._refuse(run, _NOT_FOUND if self._search.has_documents() else _EMPTY)
        elif model is None:
            yield from self._quote(run, query)
        else:
            yield from self._generate_or_quote(run, query, model)

    def _asked_before(self, run: _Run) -> list[str]:
        """Return the earlier questions of the conversation that were about documents, without their filters."""
        if run.conversation_id is None:
            return []
        turns = self._history.turns(run.conversation_id, before=run.instead_of)
        return [filters.parse(turn.question)[0] for turn in turns if turn.route == route.DOCUMENTS]

    def _refuse(self, run: _Run, words: dict[str, str]) -> Iterator[AnswerEvent]:
        if run.scope and words is _NOT_FOUND:
            words = _NOT_IN_SCOPE
        run.model, run.answered = EXTRACTIVE, False
        refusal = words[prompt.spoken(run.question)]
        yield Piece(refusal)
        yield Cited(refusal, ())

    def _quote(self, run: _Run, query: Query) -> Iterator[AnswerEvent]:
        run.model = EXTRACTIVE
        citations = extract.extract(query.text, run.hits, query.weights, self._similarity(query.text))
        if not citations:
            yield from self._refuse(run, _NOT_FOUND)
            return
        answer = extract.as_markdown(citations, run.hits)
        yield Piece(answer)
        yield Cited(answer, citations)

    def _similarity(self, question: str) -> extract.Similarity | None:
        """Return a way to compare sentences with the question by meaning, unless the retrieval host has just failed."""
        failed = self._keeper.status(RETRIEVAL).state is ComponentState.FAILED
        if failed or not self._search.has_vectors(question):
            return None

        def similarity(texts: Sequence[str]) -> Sequence[float]:
            try:
                with self._keeper.lease(RETRIEVAL) as lease:
                    return lease.call("similarities", question, list(texts))
            except (ComponentError, ModelError):  # words alone still choose well; the next question wakes a fresh host
                return ()

        return similarity

    def _generate_or_quote(self, run: _Run, query: Query, model: ModelInfo) -> Iterator[AnswerEvent]:
        """Let ``model`` answer; when it cannot, the next smaller one, and in the end the documents themselves."""
        turns: Sequence[Turn] = ()
        if run.conversation_id is not None:
            turns = self._history.turns(run.conversation_id, before=run.instead_of)
        request = Request(run.question, run.hits, turns, run.conversation_id)
        run.model, run.written, self.in_memory = model.id, Written(timings=run.timings), run.conversation_id
        try:
            yield from self._writing.write(request, run.written)
        except (ComponentError, ModelError) as error:
            if run.answer:  # half an answer cannot be taken back; it is kept as it is, with the reason
                raise
            yield Degraded(error)
            smaller = self._smaller_model(model) if isinstance(error, DoesNotFit) else None
            if smaller is not None:
                yield from self._generate_or_quote(run, query, smaller)
            else:
                yield from self._quote(run, query)
            return
        checked = cite.cite(run.answer, run.written.passages)
        run.answered = prompt.REFUSALS[prompt.spoken(run.question)].rstrip(".。") not in run.answer
        yield Cited(checked.answer, checked.citations, checked.unsupported if run.answered else ())
