"""Conversations with a language model: what it has read is read once, also after a sleep, and after its host died."""

from __future__ import annotations

import dataclasses
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import byte_tokenizer, genai_folder

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import AnswerResumed, ProviderLost
from kotaemon_desktop.core.events import Degraded, Done, Packed, Piece, Waking
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ModelInfo

from .conftest import copied, opened

QUESTIONS = ["When does the canteen open?", "How many days of annual leave do full-time staff have?"]
CONTEXT = 8192


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model of some kilobytes that reads as much as large ones do."""
    return genai_folder(tmp_path_factory.mktemp("tiny") / "tiny", byte_tokenizer(), CONTEXT)


@pytest.fixture
def talking(stored: DataFolder, tmp_path: Path, tiny: Path) -> Iterator[Engine]:
    """An engine with two documents, searched by words alone, and that model."""
    with opened(copied(stored, tmp_path / "data")) as engine:
        model: ModelInfo = engine.models.add(tiny)
        engine.change_setting("answering", "model", model.id)
        engine.change_setting("answering", "max_tokens", 24)
        yield engine


def ask(engine: Engine, question: str, conversation: int | None) -> tuple[str, dict[str, float], list[Any]]:
    events = list(engine.questions.answer(question, conversation_id=conversation))
    done = events[-1]
    assert isinstance(done, Done)
    assert done.model == "tiny"
    return "".join(each.text for each in events if isinstance(each, Piece)), done.timings, events


def unload(engine: Engine) -> None:
    engine.keeper.unload("generator")
    engine.tick()
    assert engine.keeper.status("generator").state == "absent"


def new_tokens(timings: dict[str, float]) -> float:
    return timings["prompt_tokens"] - timings["reused_tokens"]


def test_a_second_question_reads_only_what_is_new_awake_and_after_a_sleep(talking: Engine) -> None:
    conversation = talking.history.new_conversation()
    _, first, events = ask(talking, QUESTIONS[0], conversation)
    assert first["wake"] > 0
    assert any(isinstance(each, Waking) and each.component == "generator" for each in events)
    _, second, _ = ask(talking, QUESTIONS[1], conversation)
    assert "wake" not in second
    (packed,) = [each for each in talking.traces.lines(2) if each["event"] == "Packed"]
    assert packed["again"]  # both questions find the same passages, which stand there already
    assert new_tokens(second) < 0.3 * second["prompt_tokens"]
    unload(talking)
    assert list(talking.folder.caches.iterdir())
    _, third, _ = ask(talking, "And how many days in March?", conversation)
    assert third["restored_tokens"] == third["reused_tokens"] >= second["prompt_tokens"]
    assert new_tokens(third) < 0.3 * third["prompt_tokens"]
    assert third["wake"] > 0


def test_two_conversations_alternate_and_say_what_they_would_have_said_alone(talking: Engine) -> None:
    said: dict[int, list[str]] = {}
    one, two, alone = (talking.history.new_conversation() for _ in range(3))
    for conversation, question in ((one, 0), (two, 1), (one, 1), (two, 0)):
        said.setdefault(conversation, []).append(ask(talking, QUESTIONS[question], conversation)[0])
    talking.change_setting("residency", "conversation_cache_megabytes", 0)
    unload(talking)
    assert [ask(talking, question, alone)[0] for question in QUESTIONS] == said[one]
    assert len(list(talking.folder.caches.iterdir())) == 2


def test_another_version_of_a_question_sees_only_what_was_said_before_it(talking: Engine) -> None:
    conversation = talking.history.new_conversation()
    for question in QUESTIONS[:2]:
        ask(talking, question, conversation)
    first, second = talking.history.turns(conversation)
    events = list(
        talking.questions.answer("And how many days in March?", conversation_id=conversation, instead_of=second.id)
    )
    (packed,) = [each for each in events if isinstance(each, Packed)]
    assert packed.turns == 1
    last = events[-1]
    assert isinstance(last, Done)
    assert last.timings["reused_tokens"] > 0.5 * last.timings["prompt_tokens"]  # up to where the versions part
    assert [turn.id for turn in talking.history.turns(conversation)] == [first.id, last.turn_id]
    assert talking.history.turns(conversation)[-1].versions == (second.id, last.turn_id)


def test_a_conversation_says_how_it_sleeps(talking: Engine) -> None:
    conversation = talking.history.new_conversation()
    assert talking.questions.sleep_of(conversation) is None  # nothing was read yet
    ask(talking, QUESTIONS[0], conversation)
    assert talking.questions.sleep_of(conversation) is None
    unload(talking)
    asleep = talking.questions.sleep_of(conversation)
    assert asleep is not None
    assert asleep.kept
    wake = talking.keeper.status("generator").expected_wake
    assert wake is not None
    assert asleep.seconds is not None
    assert wake < asleep.seconds < wake + 1
    other = talking.history.new_conversation()
    ask(talking, QUESTIONS[0], other)
    seconds = talking.questions.sleep_of(conversation)  # the model is awake, with another conversation
    assert seconds is not None
    assert seconds.seconds is not None
    assert seconds.seconds < wake


def test_the_cache_goes_with_its_conversation(talking: Engine) -> None:
    gone, kept = (talking.history.new_conversation() for _ in range(2))
    for conversation in (gone, kept):
        ask(talking, QUESTIONS[0], conversation)
    unload(talking)
    assert len(list(talking.folder.caches.iterdir())) == 2
    talking.history.remove(gone)
    assert [file.name.split("-")[0] for file in talking.folder.caches.iterdir()] == [str(kept)]


def test_what_a_removed_conversation_leaves_behind_goes_at_the_end(talking: Engine) -> None:
    conversation = talking.history.new_conversation()
    ask(talking, QUESTIONS[0], conversation)
    talking.history.remove(conversation)  # while the host still has its cache
    talking.close()
    assert list(talking.folder.caches.glob("*")) == []


def test_an_answer_goes_on_in_a_fresh_host(talking: Engine) -> None:
    conversation, alone = (talking.history.new_conversation() for _ in range(2))
    talking.change_setting("answering", "max_tokens", 60)
    expected, _, _ = ask(talking, QUESTIONS[0], alone)
    events = talking.questions.answer(QUESTIONS[0], conversation_id=conversation)
    seen = list(_until_half(events))
    os.kill(talking.keeper.status("generator").pids[0], signal.SIGKILL)
    seen += list(events)
    (notice,) = [each for each in seen if isinstance(each, Degraded)]
    assert isinstance(notice.error, AnswerResumed)
    assert isinstance(seen[-1], Done)
    said = "".join(each.text for each in seen if isinstance(each, Piece))
    half = next(i for i, each in enumerate(seen) if isinstance(each, Degraded))
    begun = "".join(each.text for each in seen[:half] if isinstance(each, Piece))
    assert expected.startswith(begun)
    assert len(said) > len(begun)
    assert len([each for each in seen if isinstance(each, Packed)]) == 2


@pytest.mark.parametrize("dies", [False, True])
def test_an_answer_outlives_its_gpu_and_the_program_knows_what_runs_now(talking: Engine, dies: bool) -> None:
    talking.change_setting("answering", "max_tokens", 60)
    pool = talking.keeper._pools["generator"]
    arguments = pool.spec.arguments

    def of_stand_in() -> dict[str, Any]:
        local = {name: value for name, value in arguments().items() if name != "remote"}
        return {**local, "runs": 12, "dies": dies}

    pool.spec = dataclasses.replace(pool.spec, service="standin:BreakingGpu", arguments=of_stand_in)
    conversation = talking.history.new_conversation()
    stream = talking.questions.answer(QUESTIONS[0], conversation_id=conversation)
    events = [next(each for each in stream if isinstance(each, Packed))]
    assert talking.generators.provider().name == "StandInExecutionProvider"
    events += list(stream)
    assert isinstance(events[-1], Done)
    (notice,) = [each.error for each in events if isinstance(each, Degraded)]
    assert isinstance(notice, AnswerResumed if dies else ProviderLost)
    chosen = talking.generators.provider()
    assert chosen.name == "CPUExecutionProvider"
    assert "StandInExecutionProvider" in dict(chosen.passed)
    assert ask(talking, QUESTIONS[1], conversation)[0]
    talking.change_setting("answering", "provider", "cuda")  # asked for anew, it is tried again
    talking.tick()
    assert talking.keeper.status("generator").state == "absent"
    stream = talking.questions.answer(QUESTIONS[1], conversation_id=conversation)
    next(each for each in stream if isinstance(each, Packed))
    assert talking.generators.provider().name == "StandInExecutionProvider"
    assert isinstance(list(stream)[-1], Done)


def _until_half(events: Iterator[Any]) -> Iterator[Any]:
    pieces = 0
    for event in events:
        yield event
        pieces += isinstance(event, Piece) and bool(event.text)
        if pieces == 5:
            return
