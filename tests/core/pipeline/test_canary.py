"""Another model in mid-conversation, and a candidate beside the proven one: real engine, real hosts, tiny models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_models import byte_tokenizer, genai_folder

from kotaemon_desktop.core.canary.records import Ending, Side, Way
from kotaemon_desktop.core.canary.rules import side_of
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import PipelineNotFound
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Chosen, Degraded, Done, Piece
from kotaemon_desktop.core.paths import DataFolder

from .conftest import copied, opened

LEAVE = "How many days of annual leave do full-time staff have?"
CANTEEN = "When does the canteen open?"
CANDIDATE = Way("second", "quick")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two language models of some kilobytes."""
    place = tmp_path_factory.mktemp("tiny")
    return [genai_folder(place / name, byte_tokenizer(), 4096) for name in ("first", "second")]


@pytest.fixture
def talking(stored: DataFolder, tmp_path: Path, folders: list[Path]) -> Iterator[Engine]:
    """An engine with two documents, searched by words alone, and two models, of which the first answers."""
    with opened(copied(stored, tmp_path / "data")) as engine:
        for folder in folders:
            engine.models.add(folder)
        engine.change_setting("answering", "model", "first")
        engine.change_setting("answering", "max_tokens", 16)
        yield engine


def ask(engine: Engine, conversation: int | None, question: str = LEAVE) -> list[AnswerEvent]:
    return list(engine.questions.answer(question, conversation_id=conversation))


def done(events: list[AnswerEvent]) -> Done:
    assert isinstance(events[-1], Done)
    return events[-1]


def pipeline_of(events: list[AnswerEvent]) -> str:
    assert isinstance(events[0], Chosen)
    return events[0].pipeline


def conversations_on(engine: Engine, side: Side, share: float = 0.5, way: Way = CANDIDATE) -> Iterator[int]:
    while True:
        conversation = engine.history.new_conversation()
        if side_of(conversation, way, share) is side:
            yield conversation


def test_another_model_and_pipeline_in_mid_conversation(talking: Engine) -> None:
    conversation = talking.history.new_conversation()
    first = done(ask(talking, conversation))
    talking.change_setting("answering", "model", "second")
    second = done(ask(talking, conversation, CANTEEN))
    talking.change_setting("pipelines", "use", "extractive")
    events = ask(talking, conversation, CANTEEN)
    talking.change_setting("pipelines", "use", "")
    talking.change_setting("answering", "model", "first")
    back = done(ask(talking, conversation))
    assert [each.model for each in (first, second, done(events), back)] == ["first", "second", "extractive", "first"]
    assert pipeline_of(events) == "extractive"
    turns = talking.history.turns(conversation)
    assert [turn.model for turn in turns] == ["first", "second", "extractive", "first"]
    assert all(turn.answer for turn in turns)
    packed = [line for line in talking.traces.lines(turns[-1].id) if line["event"] == "Packed"]
    assert packed[0]["turns"] == 3  # the other model's answers are part of the conversation


def test_a_candidate_gets_its_share_and_both_sides_are_traced_and_compared(talking: Engine) -> None:
    talking.canary.start(CANDIDATE, 0.5)
    here, there = (next(conversations_on(talking, side)) for side in (Side.PROVEN, Side.CANDIDATE))
    for conversation in (here, there, there, here):
        ask(talking, conversation)
    ask(talking, there, "Hello!")  # small talk is nobody's merit
    for conversation, model, side, pipeline in (
        (here, "first", "proven", "standard"),
        (there, "second", "candidate", "quick"),
    ):
        turns = [turn for turn in talking.history.turns(conversation) if turn.route == "documents"]
        assert [turn.model for turn in turns] == [model] * 2
        trace = talking.traces.trace(turns[0].id)
        assert trace is not None
        assert (trace.side, trace.lines[0]["pipeline"]) == (side, pipeline)
    report = talking.canary.report()
    assert report is not None
    assert (report.proven.questions, report.candidate.questions) == (2, 2)
    assert report.candidate.seconds is not None
    assert 0 < report.candidate.seconds < done(ask(talking, there)).timings["total"] + 60
    assert report.candidate.tokens_per_second
    assert report.trial.candidate == CANDIDATE
    assert done(list(talking.questions.answer(LEAVE, conversation_id=there, model="first"))).model == "first"
    assert talking.canary.report().candidate.questions == 3  # type: ignore[union-attr]


def test_errors_in_a_row_send_everything_back(talking: Engine) -> None:
    graph = next(talking.folder.models.glob("second/*.onnx"))
    graph.write_bytes(bytes(graph.stat().st_size))
    talking.change_setting("canary", "errors", 2)
    talking.canary.start(CANDIDATE, 0.5)
    conversation = next(conversations_on(talking, Side.CANDIDATE))
    first = ask(talking, conversation)
    assert any(isinstance(event, Degraded | AnswerFailed) for event in first)
    assert "".join(event.text for event in first if isinstance(event, Piece))  # the person has an answer, of quotes
    assert talking.canary.told is None
    assert talking.settings.canary.share == 0.5
    ask(talking, conversation)
    told = talking.canary.told
    assert told is not None
    assert (told.ending, told.streak, talking.settings.canary.share) == (Ending.ERRORS, 2, 0.0)
    assert "share: 0" in talking.folder.settings.read_text("utf-8")
    assert done(ask(talking, conversation)).model == "first"
    report = talking.canary.report()
    assert report is not None
    assert (report.trial.ending, report.candidate.failed, report.candidate.questions) == (Ending.ERRORS, 2, 2)


def test_what_was_sent_back_stays_so_while_the_settings_cannot_be_written(talking: Engine) -> None:
    graph = next(talking.folder.models.glob("second/*.onnx"))
    graph.write_bytes(bytes(graph.stat().st_size))
    talking.change_setting("canary", "errors", 1)
    talking.canary.start(CANDIDATE, 0.5)
    conversation = next(conversations_on(talking, Side.CANDIDATE))
    good = talking.folder.settings.read_text("utf-8")
    talking.folder.settings.write_text(good + "canary: [\n", "utf-8")
    events = ask(talking, conversation)
    assert done(events).turn_id == talking.history.turns(conversation)[-1].id
    told = talking.canary.told
    assert told is not None
    assert (told.ending, told.streak, talking.settings.canary.share) == (Ending.ERRORS, 1, 0.5)
    talking.folder.settings.write_text(good, "utf-8")
    assert done(ask(talking, conversation)).model == "first"
    report = talking.canary.report()
    assert report is not None
    assert (report.trial.id, report.trial.ending) == (told.id, Ending.ERRORS)
    talking.canary.start(CANDIDATE, 0.5)  # by hand it may try again
    trial = talking.canary.trial()
    assert trial is not None
    assert trial.id > told.id
    assert talking.canary.told is None


def test_a_pipeline_that_is_gone_from_the_settings_costs_no_answer(talking: Engine) -> None:
    with pytest.raises(PipelineNotFound):
        talking.canary.start(Way("none", "gone"), 0.5)
    talking.change_setting("pipelines", "use", "gone")
    way = Way("none")
    talking.canary.start(way, 0.5)
    events = ask(talking, next(conversations_on(talking, Side.CANDIDATE, way=way)))
    assert isinstance(events[0], Chosen)
    assert (events[0].pipeline, events[0].why) == ("standard", "no other is meant; “gone” of the settings is gone")
    assert done(events).answered
    trial = talking.canary.trial()
    assert trial is not None
    assert trial.candidate == way


def test_an_answer_that_did_without_a_step_is_no_failure_of_a_candidate_that_quotes(talking: Engine) -> None:
    way = Way("none", "mine")
    talking.change_setting("pipelines", "own", [{"name": "mine", "steps": ["retrieve", "plugin.gone", "quote"]}])
    talking.change_setting("canary", "errors", 1)
    talking.canary.start(way, 0.5)
    events = ask(talking, next(conversations_on(talking, Side.CANDIDATE, way=way)))
    assert any(isinstance(event, Degraded) for event in events)
    assert (done(events).model, done(events).fell_back) == ("extractive", False)
    report = talking.canary.report()
    assert report is not None
    assert (report.candidate.questions, report.candidate.failed, talking.canary.told) == (1, 0, None)


def test_thumbs_down_in_a_row_send_everything_back_and_the_proven_side_s_do_not(talking: Engine) -> None:
    talking.change_setting("answering", "model", "none")
    way = Way("none", "extractive")
    talking.canary.start(way, 0.5)
    here, there = (next(conversations_on(talking, side, way=way)) for side in (Side.PROVEN, Side.CANDIDATE))
    proven = done(ask(talking, here)).turn_id
    turns = [done(ask(talking, there)).turn_id for _ in range(3)]
    assert proven is not None
    talking.canary.rate(proven, -1)
    for turn in turns[:2]:
        assert turn is not None
        talking.canary.rate(turn, -1)
    talking.canary.rate(turns[1] or 0, 0)  # taken back
    talking.canary.rate(turns[2] or 0, -1)
    assert talking.canary.told is None
    talking.canary.rate(turns[1] or 0, -1)
    assert talking.canary.told is not None
    assert (talking.canary.told.ending, talking.settings.canary.share) == (Ending.THUMBS, 0.0)
    assert [turn.thumb for turn in talking.history.turns(there)] == [-1, -1, -1]
    report = talking.canary.report()
    assert report is not None
    assert (report.candidate.down, report.proven.down) == (3, 1)
    assert pipeline_of(ask(talking, there)) == "standard"
    with pytest.raises(ValueError, match="5"):
        talking.canary.rate(proven, 5)


def test_a_candidate_is_promoted(talking: Engine) -> None:
    way = Way("none", "extractive")
    talking.canary.start(way, 0.5)
    here = next(conversations_on(talking, Side.PROVEN, way=way))
    talking.canary.promote()
    events = ask(talking, here)
    assert done(events).model == "extractive"
    assert pipeline_of(events) == "extractive"
    settings = talking.settings
    assert (settings.answering.model, settings.pipelines.use, settings.canary.share) == ("none", "extractive", 0.0)
    report = talking.canary.report()
    assert report is not None
    assert (report.trial.ending, talking.canary.told) == (Ending.PROMOTED, None)


def test_other_settings_begin_another_trial_and_none_stops_it(talking: Engine) -> None:
    assert talking.canary.report() is None
    talking.canary.start(CANDIDATE, 0.5)
    first = talking.canary.trial()
    assert first is not None
    assert talking.canary.trial() == first
    talking.change_setting("canary", "pipeline", "thorough")
    second = talking.canary.trial()
    assert second is not None
    assert (second.id, second.candidate.pipeline) != (first.id, first.candidate.pipeline)
    talking.change_setting("answering", "model", "second")
    talking.change_setting("canary", "pipeline", "")
    assert talking.canary.trial() is None  # candidate and proven way are the same
    report = talking.canary.report()
    assert report is not None
    assert report.trial.ending is Ending.STOPPED


def test_what_an_answer_took_goes_with_its_conversation(talking: Engine) -> None:
    talking.canary.start(Way("none"), 1.0)
    conversation = talking.history.new_conversation()
    ask(talking, conversation)
    report = talking.canary.report()
    assert report is not None
    assert report.candidate.questions == 1
    talking.history.remove(conversation)
    talking.history.purge(float("inf"))
    report = talking.canary.report()
    assert report is not None
    assert report.candidate.questions == 0
