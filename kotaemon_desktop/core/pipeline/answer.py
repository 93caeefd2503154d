"""Answers a question: chooses a pipeline, runs it, and keeps the turn. A generator of events from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from kotaemon_desktop.core.answering import route
from kotaemon_desktop.core.errors import KotaemonError, PluginBroken
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Chosen, Degraded, Done
from kotaemon_desktop.core.pipeline import answer_steps, choice, search_steps
from kotaemon_desktop.core.pipeline.pipeline import Pipeline, Step
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.pipeline.question import Approve, Question, never
from kotaemon_desktop.core.pipeline.writing import Writing
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.protocols import Clock, ConversationHistory, Lender
from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.core.retrieval import filters
from kotaemon_desktop.core.retrieval.search import Search
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.settings import Settings


class Answering:
    """Owns the steps that pipelines are made of. Building it loads nothing; runs in the answering lane.

    ``steps`` are all that there are, by the name that ``kotaemon.yaml`` calls them; a part of the program that brings
    another step puts it there.
    """

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
        plugins: Plugins,
    ) -> None:
        """See :class:`Generating` for the models and :class:`Retrieving` for ``documents``."""
        self._plugins = plugins
        self._plugin_steps = PluginSteps(keeper, plugins)
        self._history = history
        self._clock = clock
        self._settings = settings
        self._writing = writing
        self._concluding = answer_steps.Concluding(search)
        self.steps: dict[str, Step] = {
            "route": search_steps.Routing(self._plugin_steps),
            "rewrite": search_steps.rewriting,
            "divide": search_steps.dividing,
            "retrieve": search_steps.Retrieving(search, documents),
            "rerank": search_steps.Reranking(search),
            "pack": answer_steps.Packing(self._plugin_steps),
            "generate": answer_steps.Generating(writing, choose_model, smaller_model),
            "cite": answer_steps.citing,
            "quote": answer_steps.Quoting(keeper, search),
        }

    @property
    def in_memory(self) -> int | None:
        """The conversation whose cache the generator host has, if it is awake and has one."""
        return self._writing.in_memory

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
        """Yield the events of the answer; see design.md, "The way of a question".

        It continues the conversation's shown branch, or begins another one beside the turn ``instead_of``.
        ``scope`` says which documents are asked; filters in the question go before it. ``approve`` is asked before a
        tool's first use; without it none is called that was not allowed before.
        The last one is Done or AnswerFailed. Closing the generator stops the answer; what was said so far is kept.
        """
        words, typed = filters.parse(question)
        asked = Question(question, words, self._clock.monotonic(), scope.narrowed(typed), wish=model)
        asked.conversation_id, asked.instead_of = conversation_id, instead_of
        asked.approve = approve or never
        try:
            for event in self._events(asked, pipeline):
                asked.note(event, self._clock.monotonic())
                if isinstance(event, Degraded) and isinstance(event.error, PluginBroken):
                    self._plugins.give_up(event.error)
                yield event
        except GeneratorExit:
            self._keep(asked)
            raise
        except KotaemonError as error:
            failed = AnswerFailed(error)
            asked.note(failed, self._clock.monotonic())
            asked.answered = False
            self._keep(asked)
            yield failed
            return
        if asked.consent_seconds:
            asked.timings["consent"] = asked.consent_seconds
        asked.timings["total"] = self._clock.monotonic() - asked.started
        done = Done(asked.model, asked.answered, asked.timings, fell_back=asked.fell_back)
        asked.note(done, self._clock.monotonic())
        yield msgspec.structs.replace(done, turn_id=self._keep(asked))

    def pipeline(self, name: str, steps: Sequence[str]) -> Pipeline:
        """Return a pipeline of ``steps``; nothing is loaded. Raises KeyError for a step that there is not."""
        built = Pipeline(name)
        for step in steps:
            built.add_step(step, self._plugin_steps.step(step) if step.startswith(PREFIX) else self.steps[step])
        return built

    def _events(self, question: Question, wish: str | None) -> Iterator[AnswerEvent]:
        settings = self._settings()
        plan, why = choice.choose(settings.pipelines, question.text, question.scope, wish)
        yield Chosen(plan.name, why)
        question.top = plan.passages or settings.answering.top
        if question.conversation_id is not None:
            question.turns = self._history.turns(question.conversation_id, before=question.instead_of)
        if "route" not in plan.steps:
            question.route = route.DOCUMENTS
        yield from self.pipeline(plan.name, plan.steps).add_step("conclude", self._concluding).run(question)

    def _keep(self, question: Question) -> int | None:
        """Store the turn with its trace; a question that was stopped before its route is not kept."""
        if question.conversation_id is None or not question.route:
            return None
        return self._history.add_turn(
            question.conversation_id,
            question=question.typed,
            answer=question.cited.answer if question.cited else question.answer,
            route=question.route,
            model=question.model,
            answered=question.answered,
            citations=question.cited.citations if question.cited else (),
            unsupported=question.cited.unsupported if question.cited else (),
            trace=question.trace,
            instead_of=question.instead_of,
            generated=question.written.generated,
        )
