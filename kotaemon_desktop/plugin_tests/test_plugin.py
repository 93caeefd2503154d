"""What every plugin of a kind has to do; see ``core/plugins/contract.py`` for the words."""

from __future__ import annotations

import random
import re
import time
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from kotaemon_desktop.core.documents.formats import plugin_reader
from kotaemon_desktop.core.documents.splitter import Splitter
from kotaemon_desktop.core.errors import ReadError
from kotaemon_desktop.core.events import AnswerEvent
from kotaemon_desktop.core.plugins import contract
from kotaemon_desktop.core.plugins.found import Plugin
from kotaemon_desktop.core.plugins.loading import load
from kotaemon_desktop.core.records import DocumentHead, PageText
from kotaemon_desktop.core.storage.plugged import PluggedVectors
from kotaemon_desktop.plugin_tests.trying import Shelf, asked

_TEXTS = ("The canteen opens at noon.", "食堂中午开门。", "x", "It costs 5 €. " * 200)
_QUESTIONS = ("When does the canteen open?", "食堂几点开门？", "", "\u200f?!", "why " * 500)
_NEARLY = 1e-3  # how far vectors of the same text may be apart, whatever stands beside it


def test_it_is_built_without_arguments_and_has_what_its_kind_needs(plugin: Plugin) -> None:
    load(plugin)


# --- readers -------------------------------------------------------------------------------------------------------


def test_a_reader_gives_a_head_and_then_pages(reader: Plugin, sample: Path) -> None:
    built: contract.Reader = load(reader)
    head, *pages = built.read(sample)
    assert isinstance(head, DocumentHead)
    assert head.title
    texts = [page for page in pages if isinstance(page, PageText)]
    assert len(texts) == len(pages), "one head, then nothing but pages"
    numbers = [page.number for page in texts]
    assert numbers in ([None], list(range(1, len(texts) + 1))), "pages are counted from 1, or there is one without"
    assert any(page.text.strip() for page in texts)
    assert [head, *pages] == list(built.read(sample)), "the same file gives the same pages"


def test_what_a_reader_gives_can_be_cut_into_passages(reader: Plugin, sample: Path) -> None:
    splitter = Splitter(600, sample.stem)
    pages = [item for item in plugin_reader(reader, sample) if not isinstance(item, DocumentHead)]
    assert any(list(splitter.cut(page)) for page in pages)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe garbage \x80" * 99, "不是这种格式。\n".encode() * 99])
def test_a_reader_blames_a_wrong_file_and_nothing_else(reader: Plugin, tmp_path: Path, content: bytes) -> None:
    built: contract.Reader = load(reader)
    file = tmp_path / "wrong.file"
    file.write_bytes(content)
    try:
        list(built.read(file))
    except ReadError as error:
        assert str(error)  # noqa: PT017 - it may raise it, and nothing else


# --- models --------------------------------------------------------------------------------------------------------


def test_vectors_are_of_length_one_and_independent_of_their_neighbours(embedder: Plugin) -> None:
    built: contract.Embedder = load(embedder)
    together = built.embed(_TEXTS, "passage")
    assert together.shape == (len(_TEXTS), built.dimension)
    assert together.dtype == np.float32
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=_NEARLY)
    alone = np.vstack([built.embed([text], "passage") for text in _TEXTS])
    assert np.allclose(together, alone, atol=_NEARLY)
    assert built.embed([], "query").shape == (0, built.dimension)


def test_scores_are_shares_one_a_text_and_steady(reranker: Plugin) -> None:
    built: contract.Reranker = load(reranker)
    scores = list(built.scores(_QUESTIONS[0], _TEXTS, 60.0))
    assert len(scores) == len(_TEXTS)
    assert all(0 <= score <= 1 for score in scores)
    assert list(built.scores(_QUESTIONS[0], _TEXTS, 60.0)) == pytest.approx(scores)
    assert list(built.scores(_QUESTIONS[2], [], 1.0)) == []


def test_a_reranker_keeps_to_its_time(reranker: Plugin) -> None:
    built: contract.Reranker = load(reranker)
    began = time.perf_counter()
    assert len(built.scores(_QUESTIONS[1], _TEXTS * 50, 0.5)) <= len(_TEXTS) * 50
    assert time.perf_counter() - began < 2


def test_a_generator_counts_and_writes_and_can_be_stopped(generator: Plugin) -> None:
    built: contract.Generator = load(generator)
    assert built.context >= 512
    short, long = built.count_tokens(["one", "one " * 100])
    assert 0 < short < long
    messages = [{"role": "system", "content": "Answer briefly."}, {"role": "user", "content": _QUESTIONS[0]}]
    answer = "".join(built.answer(messages, 16, 0.0))
    assert answer.strip()
    stopped = built.answer(messages, 16, 0.0)
    next(stopped)
    stopped.close()  # pyright: ignore[reportAttributeAccessIssue]  # a generator has it
    assert "".join(built.answer(messages, 16, 0.0)) == answer, "at temperature 0 the same prompt has the same answer"


# --- search --------------------------------------------------------------------------------------------------------


def _drawn(count: int, dimension: int = 16) -> np.ndarray:
    draw = random.Random(count)  # noqa: S311 - the same each time; packages have no numpy.random
    drawn = np.array([[draw.gauss() for _ in range(dimension)] for _ in range(count)], np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def _filled(store: Plugin, folder: Path) -> tuple[PluggedVectors, np.ndarray, np.ndarray]:
    """Return the store with 600 vectors, their ids and the vectors."""
    opened, ids, vectors = PluggedVectors(store, folder, 16), np.arange(1000, 1600), _drawn(600)
    for start in (0, 500):
        opened.add(ids[start : start + 500], vectors[start : start + 500])
    return opened, ids, vectors


def test_a_vector_store_finds_the_nearest(vector_store: Plugin, tmp_path: Path) -> None:
    opened, ids, vectors = _filled(vector_store, tmp_path)
    assert opened.ids().tolist() == ids.tolist()
    for each in range(0, 600, 25):
        (found, similarity), *others = opened.nearest(vectors[each] * 3, 10)
        assert (found, similarity) == (ids[each], pytest.approx(1, abs=0.01))
        assert len(others) == 9
        assert all(score == pytest.approx(vectors[each] @ vectors[other - 1000], abs=0.02) for other, score in others)
    assert len(opened.nearest(vectors[0], 2000)) <= 600
    opened.close()


def test_a_vector_store_forgets_what_is_removed_and_takes_it_again(vector_store: Plugin, tmp_path: Path) -> None:
    opened, ids, vectors = _filled(vector_store, tmp_path)
    opened.remove(ids[::2])
    assert opened.ids().tolist() == ids[1::2].tolist()
    assert not {found for found, _ in opened.nearest(vectors[0], 50)} & set(ids[::2].tolist())
    opened.add(ids[:1], vectors[:1])
    assert opened.nearest(vectors[0], 1)[0][0] == ids[0]
    opened.remove(opened.ids())
    assert not len(opened.ids())
    opened.close()


def test_what_a_vector_store_has_kept_is_whole_or_gone_when_it_is_opened_again(
    vector_store: Plugin, tmp_path: Path
) -> None:
    opened, ids, vectors = _filled(vector_store, tmp_path / "one")
    opened.keep()
    opened.close()
    again = PluggedVectors(vector_store, tmp_path / "one", 16)
    kept = set(again.ids().tolist())
    assert kept <= set(ids.tolist())
    assert all(again.nearest(vectors[each - 1000], 1)[0][0] == each for each in sorted(kept)[::50])
    again.close()
    other = PluggedVectors(vector_store, tmp_path / "two", 8)
    assert not len(other.ids()), "each folder has vectors of its own"
    other.close()


def test_a_vector_store_does_not_believe_damaged_files(vector_store: Plugin, tmp_path: Path) -> None:
    opened, ids, _vectors = _filled(vector_store, tmp_path)
    opened.keep()
    opened.close()
    for file in (each for each in tmp_path.rglob("*") if each.is_file()):
        content = file.read_bytes()
        file.write_bytes(content[: len(content) // 2])
    again = PluggedVectors(vector_store, tmp_path, 16)
    missing = np.setdiff1d(ids, again.ids())
    again.add(missing, _drawn(600)[missing - 1000])
    assert again.ids().tolist() == ids.tolist()
    again.close()


@pytest.mark.parametrize("text", _QUESTIONS)
def test_a_retriever_gives_some_passages_of_the_library(retriever: Plugin, text: str) -> None:
    built: contract.Retriever = load(retriever)
    began = time.perf_counter()
    assert list(built.find(text, Shelf(), 10, None)) == []
    found = list(built.find(text, Shelf(*_TEXTS), 2, None))
    assert time.perf_counter() - began < 5
    assert len(found) <= 2
    assert {each for each, _ in found} <= {1, 2, 3, 4}
    assert len({each for each, _ in found}) == len(found)
    assert all(score > 0 for _, score in found)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_a_retriever_keeps_to_the_documents_that_are_asked(retriever: Plugin) -> None:
    built: contract.Retriever = load(retriever)
    for text in _QUESTIONS:
        assert {each for each, _ in built.find(text, Shelf(*_TEXTS), 10, [2, 3])} <= {2, 3}
        assert list(built.find(text, Shelf(*_TEXTS), 10, [])) == []


# --- questions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", _QUESTIONS)
def test_a_route_leaves_what_is_none_of_its_business(route: Plugin, text: str) -> None:
    built: contract.Route = load(route)
    began = time.perf_counter()
    assert built.answer(asked(text)) is None
    assert time.perf_counter() - began < 1


def test_a_route_answers_its_own(route: Plugin, question: str) -> None:
    built: contract.Route = load(route)
    answer = built.answer(asked(question))
    assert isinstance(answer, str)
    assert answer.strip()


@pytest.mark.parametrize("passages", [(), _TEXTS])
@pytest.mark.parametrize("text", _QUESTIONS)
def test_a_step_yields_events_of_an_answer(step: Plugin, text: str, passages: tuple[str, ...]) -> None:
    built: contract.Step = load(step)
    assert all(isinstance(event, get_args(AnswerEvent)) for event in built.run(asked(text, *passages)))


def test_a_memory_gives_turns_of_the_conversation_in_their_order(memory: Plugin) -> None:
    built: contract.Memory = load(memory)
    question = asked(_QUESTIONS[0])
    kept = list(built.recall(question))
    assert kept == [turn for turn in question.turns if turn in kept]
    assert list(built.recall(contract.Asked("?", "?", "en"))) == []


def test_a_tools_pattern_names_what_it_needs(tool: Plugin) -> None:
    built: contract.Tool = load(tool)
    pattern = re.compile(built.pattern, re.IGNORECASE)
    assert len(pattern.groupindex) == pattern.groups, "every group of the pattern has a name"
    assert not any(pattern.search(text) for text in _QUESTIONS), "the pattern is in questions of any kind"


def test_a_tool_answers_its_own(tool: Plugin, question: str) -> None:
    built: contract.Tool = load(tool)
    found = re.search(built.pattern, question, re.IGNORECASE)
    if found is None:
        pytest.skip("its pattern is not in that question")
    answer = built.call(**found.groupdict())
    assert answer is None or answer.strip()
