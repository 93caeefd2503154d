"""Hybrid search over a real library; the retrieval host is a stand-in behind the Lender protocol."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.errors import ComponentCrashed, ComponentError, PluginBroken, WakeFailed
from kotaemon_desktop.core.events import Found, Waking
from kotaemon_desktop.core.records import (
    ComponentState,
    ComponentStatus,
    ModelInfo,
    PageText,
    Passage,
    PassageDraft,
    Strength,
)
from kotaemon_desktop.core.retrieval.calibration import EMBEDDER
from kotaemon_desktop.core.retrieval.search import Search, covers, each_place_once
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.text.words import index_tokens

ENGLISH = ModelInfo("mini", "embedding", "/models/mini", 1, ("en",))
TEXTS = [
    "Annual leave is twenty days a year.",
    "The canteen opens at noon and closes at two.",
    "Holiday entitlement grows with seniority.",
    "职工的年休假为五天。",
]


class Retrieval:
    """Answers like the retrieval host, with ranks given by the test."""

    def __init__(self, ranked: list[tuple[int, float]], error: Exception | None = None, behind: int = 0) -> None:
        self.ranked, self.error, self.behind = ranked, error, behind
        self.leases = 0
        self.likely: list[float] = []
        self.reranked: tuple[Any, ...] = ()

    def status(self, name: str) -> ComponentStatus:
        return ComponentStatus(name, ComponentState.ABSENT, expected_wake=1.5)

    @contextmanager
    def lease(self, name: str, *, urgent: bool = True, queued: int = 0) -> Iterator[Retrieval]:
        assert (name, urgent) == ("retrieval", True)
        self.leases += 1
        yield self

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        if self.error is not None:
            raise self.error
        if method == "rerank":
            self.reranked = arguments
            return self.likely
        return self.behind if method == "behind" else self.ranked

    def stream(self, method: str, *arguments: Any, timeout: float | None = None) -> Iterator[Any]:
        raise NotImplementedError

    def worked(self) -> None:
        raise NotImplementedError


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    database = Database(tmp_path / "library.sqlite3")
    library = Library(database)
    for number, text in enumerate(TEXTS, start=1):
        draft = PassageDraft(1, 0, len(text), text, "", " ".join(index_tokens(text)))
        library.add(
            path=f"/docs/{number}.pdf",
            name=f"{number}.pdf",
            kind="pdf",
            title="",
            size=1,
            sha256=str(number),
            page_count=1,
            pages=[PageText(1, text)],
            passages=[draft],
        )
    yield library
    database.close()


def find(search: Search, text: str, top: int = 5) -> tuple[list[Waking], Found]:
    events = list(search.find(search.query(text), top))
    assert isinstance(events[-1], Found)
    return [e for e in events if isinstance(e, Waking)], events[-1]


def test_words_and_meaning_are_fused(library: Library) -> None:
    retrieval = Retrieval([(3, 0.7), (1, 0.65)])
    waking, found = find(Search(retrieval, library, lambda: ENGLISH), "annual leave days")
    assert waking == [Waking("retrieval", 1.5)]
    assert [hit.passage.id for hit in found.hits] == [1, 3]
    first, second = found.hits
    assert (first.keyword_rank, first.vector_rank, first.similarity) == (1, 2, 0.65)
    assert (second.keyword_rank, second.vector_rank) == (None, 1)
    assert 0 < second.score < first.score <= 1


def test_a_question_in_another_language_wakes_nothing(library: Library) -> None:
    retrieval = Retrieval([(1, 0.9)])
    waking, found = find(Search(retrieval, library, lambda: ENGLISH), "年休假几天？")
    assert (waking, retrieval.leases) == ([], 0)
    assert [hit.passage.id for hit in found.hits] == [4]


def test_without_an_embedder_words_alone_search(library: Library) -> None:
    retrieval = Retrieval([])
    _, found = find(Search(retrieval, library, lambda: None), "canteen")
    assert ([hit.passage.id for hit in found.hits], retrieval.leases) == ([2], 0)


def test_a_failing_host_leaves_the_keyword_hits_and_says_so(library: Library) -> None:
    retrieval = Retrieval([], ComponentCrashed(component="retrieval", exitcode=-9))
    _, found = find(Search(retrieval, library, lambda: ENGLISH), "canteen")
    assert [hit.passage.id for hit in found.hits] == [2]
    assert "stopped unexpectedly" in found.note


def test_removed_passages_and_unknown_ids_do_not_come_back(library: Library) -> None:
    library.remove([1])
    retrieval = Retrieval([(1, 0.9), (999, 0.8), (3, 0.7)])
    _, found = find(Search(retrieval, library, lambda: ENGLISH), "annual leave")
    assert [hit.passage.id for hit in found.hits] == [3]


def test_an_index_that_is_behind_is_remembered(library: Library) -> None:
    search = Search(Retrieval([(1, 0.9)], behind=3), library, lambda: ENGLISH)
    find(search, "annual leave")
    assert search.index_behind


def test_top_limits_the_hits(library: Library) -> None:
    retrieval = Retrieval([(1, 0.9), (2, 0.8), (3, 0.7)])
    _, found = find(Search(retrieval, library, lambda: ENGLISH), "annual leave", top=2)
    assert len(found.hits) == 2


def test_rare_words_weigh_more_in_the_coverage(library: Library) -> None:
    query = Search(Retrieval([]), library, lambda: None).query("the canteen annual zebra")
    assert sum(query.weights.values()) == pytest.approx(1)
    assert query.weights["zebra"] > query.weights["canteen"]
    assert query.coverage("A zebra in the canteen") > query.coverage("annual canteen")


def test_similarities_of_an_unknown_embedder_do_not_make_a_hit_strong(library: Library) -> None:
    ranked = [(2, 0.95), (3, 0.2)]
    measured = ModelInfo(EMBEDDER, "embedding", "", 1, ("en",))
    _, known = find(Search(Retrieval(ranked), library, lambda: measured), "unheard of")
    _, unknown = find(Search(Retrieval(ranked), library, lambda: ENGLISH), "unheard of")
    assert known.hits[0].strength is not Strength.WEAK
    assert {hit.strength for hit in unknown.hits} == {Strength.WEAK}
    assert unknown.hits[0].similarity == 0.95


def test_the_strength_of_a_hit_does_not_hang_on_how_many_are_asked_for(library: Library) -> None:
    search = Search(Retrieval([(1, 0.7), (2, 0.65), (3, 0.6)]), library, lambda: ENGLISH)
    _, many = find(search, "annual leave days", top=4)
    _, one = find(search, "annual leave days", top=1)
    assert one.hits[0] == many.hits[0]


def test_an_embedder_covers_the_languages_it_declares() -> None:
    many = ModelInfo("e5", "embedding", "", 1, ("multilingual",))
    assert covers(ENGLISH, "What is the notice period of the contract?")
    assert not covers(ENGLISH, "合同的通知期是多久？")
    assert covers(many, "合同的通知期是多久？")
    assert covers(many, "Quel est le délai de préavis ?")


RERANKER = ModelInfo("cross", "reranking", "/models/cross", 1, ("multilingual",))


def test_a_reranker_orders_what_it_had_time_to_read_and_the_rest_follows(library: Library) -> None:
    retrieval = Retrieval([(3, 0.7), (2, 0.6)])
    retrieval.likely = [0.1, 0.9]
    plain = [hit.passage.id for hit in find(Search(retrieval, library, lambda: ENGLISH), "annual leave")[1].hits]
    assert len(plain) == 3
    _, found = find(Search(retrieval, library, lambda: ENGLISH, lambda: RERANKER), "annual leave")
    assert [hit.passage.id for hit in found.hits] == [plain[1], plain[0], plain[2]]
    folder, question, texts, seconds = retrieval.reranked
    assert (folder, question, len(texts)) == ("/models/cross", "annual leave", 3)
    assert seconds < 2
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)


def test_a_reranker_reads_languages_that_the_embedder_does_not_know(library: Library) -> None:
    retrieval = Retrieval([])
    retrieval.likely = [0.8]
    waking, found = find(Search(retrieval, library, lambda: ENGLISH, lambda: RERANKER), "年休假几天？")
    assert waking == [Waking("retrieval", 1.5)]
    assert found.hits[0].score == 0.8


def test_a_reranker_for_another_language_is_left_asleep(library: Library) -> None:
    retrieval = Retrieval([])
    english = ModelInfo("cross", "reranking", "/models/cross", 1, ("en",))
    find(Search(retrieval, library, lambda: ENGLISH, lambda: english), "年休假几天？")
    assert retrieval.leases == 0


@pytest.mark.parametrize(("change", "order"), [(("year.", "year!"), [1, 3, 5]), (("5", "6"), [1, 5, 3])])
def test_a_copy_of_a_better_hit_comes_after_other_sources(change: tuple[str, str], order: list[int]) -> None:
    leave = "Annual leave of all staff is 25 days a year."
    texts = {1: leave, 3: "Holiday entitlement grows with seniority.", 5: leave.replace(*change)}
    passages = [
        Passage(number, number, f"/{number}.pdf", f"{number}.pdf", "pdf", 1, 0, len(text), "", text)
        for number, text in texts.items()
    ]
    best_first = [passages[0], passages[2], passages[1]]
    assert [passage.id for passage in each_place_once(best_first)] == order


@pytest.mark.parametrize(
    ("error", "given_up"),
    [
        (WakeFailed(component="plugins", detail="exit code 1"), False),
        (PluginBroken(kind="retrievers", name="x", package="x", detail="lost"), True),
    ],
)
def test_without_the_retriever_of_a_plugin_words_and_meaning_find_and_say_why(
    library: Library, error: ComponentError, given_up: bool
) -> None:
    def retriever(_text: str, _limit: int, _within: Sequence[int] | None) -> Generator[Waking, None, None]:
        yield Waking("plugins", None)
        raise error

    blamed: list[PluginBroken] = []
    search = Search(Retrieval([(3, 0.7)]), library, lambda: ENGLISH, give_up=blamed.append, retriever=retriever)
    waking, found = find(search, "annual leave days")
    assert [each.component for each in waking] == ["plugins", "retrieval"]
    assert {hit.passage.id for hit in found.hits} == {1, 3}
    assert found.note == str(error)
    assert blamed == ([error] if given_up else [])  # who could not be asked is not to blame
