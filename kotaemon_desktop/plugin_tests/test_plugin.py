"""What every plugin of a kind has to do; see ``core/plugins/contract.py`` for the words."""

from __future__ import annotations

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
from kotaemon_desktop.plugin_tests.trying import asked

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
