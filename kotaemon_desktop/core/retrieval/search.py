"""Finds the passages for a question: words always, meaning where the embedder knows the language, fused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kotaemon_desktop.core.errors import ComponentError, ModelError, PluginBroken
from kotaemon_desktop.core.events import Found, Sent, Waking
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.protocols import Lease, Lender, SearchableLibrary
from kotaemon_desktop.core.records import ComponentState, Hit, ModelInfo, Passage
from kotaemon_desktop.core.residency.names import RETRIEVAL
from kotaemon_desktop.core.retrieval.calibration import EMBEDDER, strengths
from kotaemon_desktop.core.retrieval.fusion import beside_neighbours, relative_score_fusion
from kotaemon_desktop.core.text.language import language
from kotaemon_desktop.core.text.words import index_tokens, query_tokens, telling_tokens

_DEPTH = 100  # how far down each list is looked at before fusing
# What similarity counts against words: from .3 to .7 makes no difference on the public sets, more harms.
_VECTOR_WEIGHT = 0.5
_RERANKED = 30  # passages that a reranker reads, as far as it gets
_RERANK_SECONDS = 1.5  # that a question waits for it at most; it learns its own pace on this machine
_READ = 60  # passages among which as many places are looked for as were asked for
_COMPARED = 20  # passages looked through for copies of each other
_SAME = 0.9  # of the pairs of characters in either
_NUMBER = re.compile(r"\d+")
_JUDGED = 5  # the worth of a hit shows beside others


@dataclass(frozen=True, slots=True)
class Query:
    """A question with its search words and how much each tells: ``weights`` sums to 1."""

    text: str
    weights: dict[str, float]
    frequencies: dict[str, int]
    """How many passages hold each word of the text, function words aside."""

    def coverage(self, text: str) -> float:
        """Return how much of the question's telling words ``text`` holds, in 0..1."""
        found = set(index_tokens(text))
        return sum(weight for word, weight in self.weights.items() if word in found)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What was found for a query, as (passage id, score) by words and by meaning, each best first.

    ``meant`` is what is similar with its neighbours; ``brought`` is what a plugin has found instead; ``likely`` is what
    a reranker has made of the first ones; ``failure`` limits the list, if anything.
    """

    keyword: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    similar: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    meant: dict[int, float] = field(default_factory=dict[int, float])
    likely: dict[int, float] = field(default_factory=dict[int, float])
    brought: list[tuple[int, float]] = field(default_factory=list[tuple[int, float]])
    failure: Exception | None = None

    @property
    def note(self) -> str:
        """What limits the list, for people."""
        return str(self.failure) if self.failure else ""


Retriever = Callable[[str, int, Sequence[int] | None], Generator[Waking, None, list[tuple[int, float]] | None]]
"""Finds up to so many (passage id, score) for a text in documents; None leaves it to words and meaning."""


def _words_and_meaning(_text: str, _limit: int, _within: Sequence[int] | None) -> Generator[Waking, None, None]:
    yield from ()


class Search:
    """Hybrid search over the library; lives in the main process, borrows the retrieval host for the vector side."""

    def __init__(
        self,
        keeper: Lender,
        library: SearchableLibrary,
        embedder: Callable[[], ModelInfo | None],
        reranker: Callable[[], ModelInfo | None] = lambda: None,
        give_up: Callable[[PluginBroken], None] = lambda _error: None,
        retriever: Retriever = _words_and_meaning,
    ) -> None:
        """``give_up`` is told of a plugin that has failed: what comes along takes its place from then on."""
        self._keeper = keeper
        self._library = library
        self._embedder = embedder
        self._reranker = reranker
        self._give_up = give_up
        self._retriever = retriever
        self.index_behind = False
        """Set when the vector index was found out of step with the library: somebody should run its sync."""

    def query(self, text: str) -> Query:
        """Return ``text`` with its words weighted by how rare they are in the library."""
        words = telling_tokens(text)
        total = max(1, self._library.counts()[1])
        frequencies = self._library.document_frequencies([*words, *query_tokens(text)])
        idf = {word: math.log(1 + total / (1 + frequencies.get(word, 0))) for word in words}
        norm = sum(idf.values()) or 1.0
        return Query(text, {word: value / norm for word, value in idf.items()}, frequencies)

    def find(self, query: Query, top: int, within: Sequence[int] | None = None) -> Iterator[Waking | Sent | Found]:
        """Yield Waking if the retrieval host sleeps, Sent if its embedder is elsewhere, then Found with ``top`` hits.

        ``within`` are the ids of the documents to search; None: all.
        A retrieval host that fails does not fail the search: keyword hits are given, with a note.
        """
        candidates = yield from self.candidates(query, within)
        try:
            candidates = yield from self.reranked(query, candidates)
        except (ComponentError, ModelError) as error:
            candidates = replace(candidates, failure=error)
        yield Found(self.hits(query, candidates, top), candidates.note)

    def candidates(
        self, query: Query, within: Sequence[int] | None = None
    ) -> Generator[Waking | Sent, None, Candidates]:
        """Yield Waking if the retrieval host is needed and sleeps, Sent if it asks elsewhere; return what was found."""
        if within is not None and not within:
            return Candidates()
        try:
            brought = yield from self._retriever(query.text, _DEPTH, within)
        except ComponentError as error:  # the plugin's fault, or that of a host that cannot wake for it now
            if isinstance(error, PluginBroken):
                self._give_up(error)
            found = yield from self._by_words_and_meaning(query, within)
            return replace(found, failure=error)
        if brought is not None:
            return Candidates(brought=self._inside(brought, within))
        return (yield from self._by_words_and_meaning(query, within))

    def _by_words_and_meaning(
        self, query: Query, within: Sequence[int] | None
    ) -> Generator[Waking | Sent, None, Candidates]:
        keyword = self._library.keyword_search(query.text, _DEPTH, within, query.frequencies)
        if not self.has_vectors(query.text):
            return Candidates(keyword)
        yield from self._waking()
        embedder = self._embedder()
        if embedder is not None and embedder.address:
            yield Sent(embedder.address)
        similar: list[tuple[int, float]] = []
        failure: Exception | None = None
        try:
            similar = self._similar(query.text, within)
        except (ComponentError, ModelError) as error:
            failure = error
        if isinstance(failure, PluginBroken) and failure.facts["kind"] == "vector_stores":
            self._give_up(failure)
            with suppress(ComponentError, ModelError):
                similar = self._similar(query.text, within)
        documents = self._library.documents_of([each for each, _ in similar])
        return Candidates(keyword, similar, beside_neighbours(dict(similar), documents), failure=failure)

    def reranked(self, query: Query, found: Candidates) -> Generator[Waking, None, Candidates]:
        """Yield Waking likewise, and return ``found`` with what the reranker makes of it, if there is one.

        Raises ComponentError, ModelError.
        """
        reranker = self._reranker_for(query.text)
        if reranker is None or found.note or not (found.keyword or found.similar or found.brought):
            return found
        yield from self._waking()
        with self._keeper.lease(RETRIEVAL) as lease:
            return replace(found, likely=self._likely(lease, reranker, query.text, found))

    def _waking(self) -> Iterator[Waking]:
        status = self._keeper.status(RETRIEVAL)
        if status.state in {ComponentState.ABSENT, ComponentState.FAILED}:
            yield Waking(RETRIEVAL, status.expected_wake)

    def passages(self, ids: Sequence[int]) -> list[Passage]:
        """Return the passages among ``ids`` that are still in the library."""
        return self._library.passages(ids)

    def has_documents(self) -> bool:
        """Return whether there is anything to search."""
        return self._library.counts()[1] > 0

    def has_vectors(self, text: str) -> bool:
        """Return whether there is an embedder that declares the language of ``text``."""
        embedder = self._embedder()
        return embedder is not None and covers(embedder, text)

    def _reranker_for(self, text: str) -> ModelInfo | None:
        """Return the reranker that reads the language of ``text``; it works beside an embedder."""
        reranker = self._reranker() if self._embedder() is not None else None
        return reranker if reranker is not None and covers(reranker, text) else None

    def _likely(self, lease: Lease, reranker: ModelInfo, text: str, found: Candidates) -> dict[int, float]:
        """Return how likely the first passages answer, by id, as many as the reranker can read in time."""
        first = self._library.passages(list(_fused(found))[:_RERANKED])
        texts = [f"{passage.heading}\n{passage.text}".strip() for passage in first]
        likely: list[float] = lease.call("rerank", reranker.folder, text, texts, _RERANK_SECONDS)
        return {passage.id: each for passage, each in zip(first, likely, strict=False)}

    def _inside(self, found: list[tuple[int, float]], within: Sequence[int] | None) -> list[tuple[int, float]]:
        """Return those of ``found`` that are in the documents ``within``."""
        if within is None:
            return found
        asked, documents = set(within), self._library.documents_of([each for each, _ in found])
        return [pair for pair in found if documents.get(pair[0]) in asked]

    def _similar(self, text: str, within: Sequence[int] | None) -> list[tuple[int, float]]:
        with self._keeper.lease(RETRIEVAL) as lease:
            found: list[tuple[int, float]] = lease.call("search", text, _DEPTH, within)
            self.index_behind = lease.call("behind") > 0
        return found

    def hits(self, query: Query, found: Candidates, top: int) -> tuple[Hit, ...]:
        """Return the ``top`` best of what was found, and how much each can be trusted."""
        similarity = dict(found.similar)
        fused = _fused(found)
        scores = _reranked(fused, found.likely)
        passages = each_place_once(self._library.passages(list(scores)[: max(_READ, 2 * top)]))[: max(top, _JUDGED)]
        keyword_rank = {each: rank for rank, (each, _) in enumerate(found.keyword, start=1)}
        vector_rank = {each: rank for rank, each in enumerate(similarity, start=1)}
        embedder = self._embedder()
        known = similarity if embedder is not None and embedder.id == EMBEDDER else {}
        worth = strengths(
            [query.coverage(f"{passage.heading}\n{passage.text}") for passage in passages],
            [known.get(passage.id) for passage in passages],
            [fused[passage.id] for passage in passages],
            list(known.values()),
        )
        return tuple(
            Hit(
                passage=passage,
                score=scores[passage.id],
                strength=strength,
                keyword_rank=keyword_rank.get(passage.id),
                vector_rank=vector_rank.get(passage.id),
                similarity=similarity.get(passage.id),
            )
            for passage, strength in zip(passages[:top], worth, strict=False)
        )


def _fused(found: Candidates) -> dict[int, float]:
    """Return the score of each passage found, best first."""
    lists = [(1.0, dict(found.keyword)), (_VECTOR_WEIGHT, found.meant), (1.0, dict(found.brought))]
    return dict(relative_score_fusion(lists))


def _reranked(scores: dict[int, float], likely: dict[int, float]) -> dict[int, float]:
    """Return ``scores`` in the order of the reranker; what it had no time to read follows in the order it had."""
    if not likely:
        return scores
    read = dict(sorted(likely.items(), key=lambda pair: -pair[1]))
    lowest = min(read.values())
    return read | {each: score * lowest for each, score in scores.items() if each not in read}


def each_place_once(passages: Sequence[Passage]) -> list[Passage]:
    """Return the best passage of each page first, in order, then the others: five sources should be five places.

    A passage that says almost word for word what a better one says, with the same numbers, is one of the others.
    """
    first: dict[object, Passage] = {}
    for passage in passages:
        first.setdefault(passage.id if passage.page is None else (passage.document_id, passage.page), passage)
    places: list[Passage] = []
    said: list[tuple[list[str], frozenset[tuple[str, str]]]] = []
    for passage in list(first.values())[:_COMPARED]:
        numbers, pairs = _NUMBER.findall(passage.text), frozenset(pairwise(passage.text))
        # Of either: |both| >= s |either|, where |either| = |one| + |other| - |both|, without making the set of either.
        copies = (
            numbers == n and len(pairs & other) * (1 + _SAME) >= _SAME * (len(pairs) + len(other)) for n, other in said
        )
        if not any(copies):
            places.append(passage)
            said.append((numbers, pairs))
    chosen = {passage.id for passage in places}
    return places + [passage for passage in passages if passage.id not in chosen]


def covers(embedder: ModelInfo, text: str) -> bool:
    """Return whether ``embedder`` (or a reranker) declares the language of ``text``."""
    return not {language(text), MULTILINGUAL}.isdisjoint(embedder.languages)
