"""The steps from sources to an answer: pack, generate, cite, quote, and what is said when nothing was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import msgspec

from kotaemon_desktop.core.answering import cite, extract, prompt, results
from kotaemon_desktop.core.errors import ComponentError, DoesNotFit, ModelError, RemoteError
from kotaemon_desktop.core.events import EXTRACTIVE, AnswerEvent, Cited, Degraded, Piece
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.pipeline.question import Part, Question
from kotaemon_desktop.core.pipeline.writing import Request, Writing, Written
from kotaemon_desktop.core.protocols import Lender
from kotaemon_desktop.core.records import TOOL, Citation, ComponentState, ModelInfo
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.retrieval.search import Candidates, Search

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


@dataclass(frozen=True, slots=True)
class Packing:
    """``pack``: put together what a model is given. What of it fits the model's context, only its host can tell."""

    plugins: PluginSteps

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        if not question.hits:
            return
        turns = question.turns
        try:
            turns = self.plugins.recalled(question)
        except ComponentError as error:
            yield Degraded(error)
        question.request = Request(question.text, question.hits, turns, question.conversation_id)


@dataclass(frozen=True, slots=True)
class Generating:
    """``generate``: let a language model write; when it cannot, the next smaller one, and else nobody.

    ``choose`` returns the model for a wish (an id, ``none`` or None), or None where nobody writes; ``smaller`` the next
    smaller one. Both make it the one that the next lease wakes.
    """

    writing: Writing
    choose: Callable[[str | None], ModelInfo | None]
    smaller: Callable[[ModelInfo], ModelInfo | None]

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        model = self.choose(question.wish)
        while model is not None and question.request is not None:
            question.model, question.written = model.id, Written(timings=question.timings)
            try:
                yield from self.writing.write(question.request, question.written)
                return
            except (ComponentError, ModelError) as error:
                if question.answer:  # half an answer cannot be taken back; it is kept as it is, with the reason
                    raise
                question.fell_back = True
                yield Degraded(error)
                model = self.smaller(model) if isinstance(error, DoesNotFit | RemoteError) else None


def citing(question: Question) -> Iterator[AnswerEvent]:
    """``cite``: bind what a model has written to the passages that it was given."""
    if not question.answer:
        return
    checked = cite.cite(question.answer, question.written.passages)
    refusal = prompt.REFUSALS[prompt.spoken(question.text)].rstrip(".。")
    question.answered = refusal not in question.answer
    yield Cited(checked.answer, checked.citations, checked.unsupported if question.answered else ())


@dataclass(frozen=True, slots=True)
class Quoting:
    """``quote``: answer with the documents' own sentences."""

    keeper: Lender
    search: Search

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        given = [results.quote(number, hit.passage) for number, hit in enumerate(question.looked_up, start=1)]
        parts = question.parts[1:] or question.parts  # a divided question is answered part by part
        parts = parts or [Part(self.search.query(question.asked), Candidates())]  # nobody searched: a plugin found
        quotes = _numbered(chain.from_iterable(self._quotes(question, part) for part in parts), len(given))
        citations = (*given, *quotes)
        if not citations:
            return
        question.model = EXTRACTIVE
        blocks = [results.as_markdown(each, extract.as_text) for each in given]
        answer = "\n\n".join([*blocks, *([extract.as_markdown(quotes, question.hits)] if quotes else [])])
        yield Piece(answer)
        yield Cited(answer, citations)

    def _quotes(self, question: Question, part: Part) -> Sequence[Citation]:
        query = part.query
        hits = tuple(hit for hit in question.hits if hit.passage.kind != TOOL)
        if len(question.parts) > 1:
            candidates = part.candidates
            found = dict(chain(candidates.keyword, candidates.similar, candidates.brought))
            hits = tuple(hit for hit in hits if hit.passage.id in found)
        return extract.extract(query.text, hits, query.weights, self._similarity(query.text)) if hits else ()

    def _similarity(self, text: str) -> extract.Similarity | None:
        """Return a way to compare sentences with ``text`` by meaning, unless the retrieval host has just failed."""
        failed = self.keeper.status(RETRIEVAL).state is ComponentState.FAILED
        if failed or not self.search.has_vectors(text):
            return None

        def similarity(texts: Sequence[str]) -> Sequence[float]:
            try:
                with self.keeper.lease(RETRIEVAL) as lease:
                    return lease.call("similarities", text, list(texts))
            except (ComponentError, ModelError):  # words alone still choose well; the next question wakes a fresh host
                return ()

        return similarity


def _numbered(citations: Iterator[Citation], before: int) -> tuple[Citation, ...]:
    """Return ``citations``, each place once, numbered in order after the ``before`` first ones."""
    places: dict[tuple[int, int], Citation] = {}
    for each in citations:
        places.setdefault((each.passage_id, each.start), each)
    numbered = enumerate(places.values(), before + 1)
    return tuple(msgspec.structs.replace(each, number=number) for number, each in numbered)


@dataclass(frozen=True, slots=True)
class Concluding:
    """The end of every pipeline whose steps have cited nothing: what was said as it is, or that there is no answer."""

    search: Search

    def __call__(self, question: Question) -> Iterator[AnswerEvent]:
        if question.answer:
            yield Cited(question.answer, ())
            return
        words = _NOT_FOUND if self.search.has_documents() else _EMPTY
        if question.scope and words is _NOT_FOUND:
            words = _NOT_IN_SCOPE
        question.model, question.answered = EXTRACTIVE, False
        refusal = words[prompt.spoken(question.text)]
        yield Piece(refusal)
        yield Cited(refusal, ())
