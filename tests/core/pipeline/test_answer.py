"""Answering: real hosts, from the route to the stored turn."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import ModelNotFound, NoSuchCollection
from kotaemon_desktop.core.events import (
    AnswerFailed,
    Chosen,
    Cited,
    Degraded,
    Done,
    Found,
    Narrowed,
    Packed,
    Piece,
    Rewritten,
    Routed,
    Waking,
)
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.scope import Scope

from .conftest import copied, opened

STORIES = Path(__file__).resolve().parents[4] / "shared" / "models" / "stories260K" / "onnx-genai"


def of(events: list, kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


@pytest.fixture(scope="module")
def shared(imported: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A library with two documents, for tests that only ask: its hosts start once."""
    with opened(copied(imported, tmp_path_factory.mktemp("shared") / "data")) as engine:
        yield engine


def test_small_talk_wakes_nothing(library: Engine) -> None:
    library.keeper.close()
    events = list(library.questions.answer("hello"))
    assert [type(e) for e in events] == [Chosen, Routed, Piece, Cited, Done]
    assert (events[1].route, events[-1].model) == ("small_talk", "rules")


def test_without_a_model_the_documents_are_quoted_and_cited(shared: Engine) -> None:
    events = list(shared.questions.answer("How many days of annual leave do full-time staff have?", model="none"))
    kinds = [type(e) for e in events if not isinstance(e, Waking)]
    assert kinds == [Chosen, Routed, Found, Piece, Cited, Done]
    (cited,) = of(events, Cited)
    citation = cited.citations[0]
    assert citation.quote == "Annual leave is twenty days a year for full-time staff."
    assert "[1]" in cited.answer
    page = shared.library.page(citation.document_id, citation.page)
    assert page is not None
    assert page.text[citation.start : citation.end] == citation.quote
    done = events[-1]
    assert (done.model, done.answered) == ("extractive", True)
    assert done.timings["total"] >= done.timings["retrieve"] > 0


def test_a_scope_leaves_the_other_documents_out(shared: Engine) -> None:
    question = "How many days of annual leave do full-time staff have?"
    leave, chinese = (shared.collections.create(name) for name in ("Leave", "中文"))
    ids = {document.name: document.id for document in shared.library.documents()}
    shared.collections.add(leave, [ids["leave.md"]])
    shared.collections.add(chinese, [ids["年假.txt"]])
    conversation = shared.history.new_conversation()
    scope = Scope(collections=("Leave",))
    events = list(shared.questions.answer(question, model="none", scope=scope, conversation_id=conversation))
    assert of(events, Narrowed) == [Narrowed(scope, 1)]
    assert {hit.passage.name for hit in of(events, Found)[0].hits} == {"leave.md"}
    assert events[-1].answered
    typed = f"{question} in:中文"
    events = list(shared.questions.answer(typed, model="none", scope=scope, conversation_id=conversation))
    assert of(events, Narrowed)[0].scope == Scope(collections=("中文",))
    assert {hit.passage.name for hit in of(events, Found)[0].hits} <= {"年假.txt"}
    assert not events[-1].answered
    assert "documents that were asked" in of(events, Cited)[0].answer
    assert shared.history.turns(conversation)[-1].question == typed
    assert [line["event"] for line in shared.traces.lines(events[-1].turn_id)][1:3] == ["Routed", "Narrowed"]


def test_a_collection_that_there_is_not_is_named(shared: Engine) -> None:
    conversation = shared.history.new_conversation()
    question = "How many days of annual leave do full-time staff have? in:Nope"
    failed = list(shared.questions.answer(question, model="none", conversation_id=conversation))[-1]
    assert str(failed.error) == "There is no collection “Nope”."
    assert [turn.question for turn in shared.history.turns(conversation)] == [question]
    with pytest.raises(NoSuchCollection, match="“Nope”"):
        list(shared.questions.search("leave in:Nope", 3))


def test_chinese(shared: Engine) -> None:
    (cited,) = of(list(shared.questions.answer("法定休假日计入年休假吗？", model="none")), Cited)
    assert "法定休假日不计入年休假。" in cited.answer


def test_what_is_not_there_is_refused_in_the_language_of_the_question(shared: Engine) -> None:
    done = list(shared.questions.answer("Which volcano erupted in Iceland?", model="none"))[-1]
    assert not done.answered
    events = list(shared.questions.answer("冰岛的火山叫什么名字？", model="none"))
    assert "没有" in of(events, Piece)[0].text


def test_an_empty_library_says_what_to_do(engine: Engine) -> None:
    events = list(engine.questions.answer("What is the notice period?"))
    assert "Drop files" in of(events, Piece)[0].text
    assert not events[-1].answered


def test_a_retrieval_host_killed_in_mid_question_leaves_an_answer_and_a_note(library: Engine) -> None:
    if library.models.embedder() is None:
        pytest.skip("no embedder, so no retrieval host")
    question = "How many days of annual leave do full-time staff have?"
    list(library.questions.answer(question))
    os.kill(library.keeper.status("retrieval").pids[0], signal.SIGSTOP)
    stopped = library.keeper.status("retrieval").pids[0]
    stream = library.questions.answer(question)
    assert [type(next(stream)) for _ in range(2)] == [Chosen, Routed]
    os.kill(stopped, signal.SIGKILL)
    events = list(stream)
    (found,) = of(events, Found)
    assert found.hits
    if found.note:  # else the keeper saw the death first and woke a fresh host
        assert "stopped unexpectedly" in found.note
    assert events[-1].answered
    (again,) = of(list(library.questions.answer(question)), Found)
    assert again.note == ""


def test_turns_are_kept_with_their_trace(shared: Engine) -> None:
    conversation = shared.history.new_conversation()
    done = list(shared.questions.answer("When does the canteen open?", conversation_id=conversation, model="none"))[-1]
    (turn,) = shared.history.turns(conversation)
    assert (turn.id, turn.answered, turn.model) == (done.turn_id, True, "extractive")
    assert turn.citations
    trace = shared.traces.lines(turn.id)
    kinds = [line["event"] for line in trace if line["event"] != "Waking"]
    assert kinds == ["Chosen", "Routed", "Found", "Cited", "Done"]
    assert all(line["at"] >= 0 for line in trace)


def test_a_stopped_answer_is_kept_as_far_as_it_came(shared: Engine) -> None:
    conversation = shared.history.new_conversation()
    stream = shared.questions.answer("When does the canteen open?", conversation_id=conversation, model="none")
    for event in stream:
        if isinstance(event, Piece):
            break
    stream.close()
    (turn,) = shared.history.turns(conversation)
    assert "canteen" in turn.answer


def test_an_unknown_model_fails_with_its_name(shared: Engine) -> None:
    failed = list(shared.questions.answer("When does the canteen open?", model="nobody"))[-1]
    assert isinstance(failed, AnswerFailed)
    assert isinstance(failed.error, ModelNotFound)


@pytest.mark.skipif(not STORIES.is_dir(), reason="needs ../shared")
def test_a_language_model_streams_and_what_nothing_supports_is_named(library: Engine) -> None:
    model = library.models.add(STORIES)
    library.change_setting("answering", "max_tokens", 32)
    events = list(library.questions.answer("When does the canteen open?", model=model.id))
    kinds = [type(e) for e in events if not isinstance(e, Waking)]
    if Degraded in kinds:  # the prompt may not fit a 512-token model; then the documents are quoted, and it says so
        assert events[-1].model == "extractive"
        return
    assert Packed in kinds
    assert len(of(events, Piece)) > 5
    assert events[-1].model == model.id
    assert {"prefill", "decode", "tokens"} <= set(events[-1].timings)


@pytest.mark.skipif(not STORIES.is_dir(), reason="needs ../shared")
def test_a_generator_that_cannot_start_degrades_to_quotes(library: Engine) -> None:
    model = library.models.add(STORIES)
    graph = Path(model.folder) / "model.onnx"
    graph.write_bytes(b"x" * graph.stat().st_size)
    events = list(library.questions.answer("When does the canteen open?", model=model.id))
    assert len(of(events, Degraded)) == 1
    assert (events[-1].model, events[-1].answered) == ("extractive", True)


def test_a_question_that_leans_on_the_conversation_is_searched_for_in_full(shared: Engine) -> None:
    conversation = shared.history.new_conversation()
    first = "How many days of annual leave do full-time staff have?"
    for question in (first, "Thanks!"):
        events = list(shared.questions.answer(question, conversation_id=conversation, model="none"))
        assert of(events, Rewritten) == []
    events = list(shared.questions.answer("And for part-time staff?", conversation_id=conversation, model="none"))
    (rewritten,) = of(events, Rewritten)
    assert "annual leave" in rewritten.question
    assert "part-time staff" in rewritten.question
    assert "leave" in events[-2].citations[0].quote
    turn = shared.history.turns(conversation)[-1]
    assert turn.question == "And for part-time staff?"
    assert "Rewritten" in {line["event"] for line in shared.traces.lines(turn.id)}
