"""Pipelines: declared in the settings file, built without waking anything, chosen by rule or by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import ComponentFailed, PipelineNotFound, SettingsError
from kotaemon_desktop.core.events import (
    AnswerEvent,
    AnswerFailed,
    Chosen,
    Cited,
    Degraded,
    Divided,
    Done,
    Found,
    Piece,
    Waking,
)
from kotaemon_desktop.core.pipeline.choice import BUILT_IN, choose
from kotaemon_desktop.core.pipeline.pipeline import Pipeline
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.settings import STEPS
from kotaemon_desktop.core.settings import Pipeline as Declared
from kotaemon_desktop.core.settings import Pipelines as DeclaredPipelines

LEAVE = "How many days of annual leave do full-time staff have?"


def of(events: list, kind: type) -> list:
    return [event for event in events if isinstance(event, kind)]


def asked(text: str = "Why?") -> Question:
    return Question(text, text, started=0.0)


def run(pipeline: Pipeline, question: Question) -> list[AnswerEvent]:
    events: list[AnswerEvent] = []
    for event in pipeline.run(question):
        question.note(event, 0.0)
        events.append(event)
    return events


# --- the object ----------------------------------------------------------------------------------------------------


def test_each_step_sees_what_those_before_it_have_said_and_the_first_citation_ends_it() -> None:
    def say(question: Question):
        yield Piece("because")

    def cite(question: Question):
        yield Cited(question.answer.upper(), ())

    def never(question: Question):
        raise AssertionError
        yield

    pipeline = Pipeline("mine").add_step("say", say).add_step("cite", cite).add_step("never", never)
    assert pipeline.steps == ("say", "cite", "never")
    assert run(pipeline, asked()) == [Piece("because"), Cited("BECAUSE", ())]
    with pytest.raises(ValueError, match="say"):
        pipeline.add_step("say", say)


def test_a_component_that_fails_takes_its_step_with_it_but_never_half_an_answer() -> None:
    def fail(question: Question):
        yield from ()
        raise ComponentFailed(component="tools", detail="gone")

    def say(question: Question):
        yield Piece("because")

    events = run(Pipeline().add_step("fail", fail).add_step("say", say), asked())
    assert [type(event) for event in events] == [Degraded, Piece]
    with pytest.raises(ComponentFailed):
        run(Pipeline().add_step("say", say).add_step("fail", fail), asked())


# --- which one -----------------------------------------------------------------------------------------------------


def test_who_asks_chooses_before_the_settings_and_these_before_the_rules() -> None:
    own = (
        Declared("numbers", ("retrieve", "quote"), when=r"^how (many|much)\b"),
        Declared("chinese", ("retrieve", "quote"), language="zh"),
        Declared("staff", ("retrieve", "quote"), collection="Staff"),
        Declared("without-a-rule", ("retrieve", "quote")),
    )
    settings = DeclaredPipelines(own=own)

    def name(text: str, scope: Scope = ALL, wish: str | None = None, use: str = "") -> str:
        return choose(msgspec.structs.replace(settings, use=use), text, scope, wish)[0].name

    assert name("How MANY days?") == "numbers"
    assert name("有几天年假？") == "chinese"
    assert name("Who is it?", Scope(collections=("staff",))) == "staff"
    assert name("Who is it?") == "standard"
    assert name("How many days?", use="quick") == "quick"
    assert name("How many days?", use="gone") == "numbers"
    assert name("How many days?", use="quick", wish="without-a-rule") == "without-a-rule"
    with pytest.raises(PipelineNotFound, match=r"nobody.*standard.*staff"):
        name("How many days?", wish="nobody")
    assert "how (many|much)" in choose(settings, "How many?", ALL)[1]


def test_an_own_one_replaces_the_one_of_its_name() -> None:
    own = Declared("standard", ("retrieve", "quote"))
    assert choose(DeclaredPipelines(own=(own,)), "Why?", ALL)[0] is own


def test_what_comes_along_is_made_of_known_steps(engine: Engine) -> None:
    assert set(STEPS) == set(engine.questions.answering.steps)
    for each in BUILT_IN:
        assert engine.questions.answering.pipeline(each.name, each.steps).steps == each.steps


# --- in the settings file ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("pipelines:\n  own:\n    - name: mine\n      steps: [retrieve, qoute]\n", "line 4, column 25", "quote"),
        ("pipelines:\n  own:\n    - name: mine\n      when: '(how'\n", "line 4, column 13", "regular expression"),
        ("pipelines:\n  own:\n    - steps: [quote, quote]\n", "line 3, column 14", "twice"),
        ("pipelines:\n  own:\n    - name: mine\n    - name: mine\n", "line 4, column 13", "two pipelines"),
        ("pipelines:\n  own:\n    - name: mine\n      step: [quote]\n", "line 4, column 7", "steps"),
        ("pipelines:\n  own:\n    - name: mine\n      steps: []\n", "line 4, column 14", "steps"),
    ],
)
def test_a_bad_pipeline_is_named_with_its_place_and_the_last_good_one_stays(
    engine: Engine, text: str, place: str, words: str
) -> None:
    engine.change_setting("pipelines", "own", [{"name": "mine", "steps": ["retrieve", "quote"]}])
    good = engine.settings.pipelines
    engine.folder.settings.write_text(text, "utf-8")
    os.utime(engine.folder.settings, (1e9, 1e9))  # nobody is writing it any more
    engine.settings_file.look()
    problem = str(engine.settings_file.problem)
    assert place in problem
    assert words in problem
    assert engine.settings.pipelines == good


def test_a_value_that_does_not_fit_is_refused_by_its_own_words(engine: Engine) -> None:
    with pytest.raises(SettingsError, match="regular expression"):
        engine.change_setting("pipelines", "own", [{"name": "mine", "when": "("}])
    assert engine.settings.pipelines.own == ()


# --- in the engine -------------------------------------------------------------------------------------------------


@pytest.fixture
def library(words: Engine, files: Path) -> Engine:
    (files / "sick.md").write_text(
        "# Sick leave\n\nSick leave needs a doctor's note from the third day on. It is paid for six weeks.\n", "utf-8"
    )
    for _ in words.imports.run([files / "leave.md", files / "sick.md", files / "年假.txt"]):
        pass
    return words


def test_the_trace_says_which_pipeline_answered_and_why(library: Engine) -> None:
    library.change_setting("pipelines", "own", [{"name": "days", "steps": ["retrieve", "quote"], "when": "days"}])
    conversation = library.history.new_conversation()
    events = list(library.questions.answer(LEAVE, conversation_id=conversation, model="none"))
    (chosen,) = of(events, Chosen)
    assert (chosen.pipeline, "days" in chosen.why) == ("days", True)
    assert [type(event) for event in events if not isinstance(event, Waking)] == [Chosen, Found, Piece, Cited, Done]
    (turn,) = library.history.turns(conversation)
    assert turn.route == "documents"
    assert library.traces.lines(turn.id)[0]["pipeline"] == "days"
    events = list(library.questions.answer(LEAVE, model="none", pipeline="quick"))
    assert of(events, Chosen)[0].pipeline == "quick"
    assert len(of(events, Found)[0].hits) <= 4
    failed = list(library.questions.answer(LEAVE, pipeline="nobody"))[-1]
    assert isinstance(failed, AnswerFailed)
    assert isinstance(failed.error, PipelineNotFound)


def test_a_comparison_is_looked_up_side_by_side(library: Engine) -> None:
    question = "What is the difference between annual leave and sick leave?"
    events = list(library.questions.answer(question, model="none", pipeline="thorough"))
    assert of(events, Divided) == [Divided(("annual leave", "sick leave"))]
    (cited,) = of(events, Cited)
    assert {citation.name for citation in cited.citations} == {"leave.md", "sick.md"}
    assert [citation.number for citation in cited.citations] == list(range(1, len(cited.citations) + 1))
    assert of(list(library.questions.answer(question, model="none")), Divided) == []


def test_pipelines_are_edited_while_the_program_runs(library: Engine) -> None:
    own = [{"name": "standard", "steps": ["retrieve"]}]
    library.change_setting("pipelines", "own", own)
    done = list(library.questions.answer(LEAVE, model="none"))[-1]
    assert not done.answered  # nobody quotes: the end of a pipeline says that there is no answer
    library.settings_file.reset("pipelines", "own")
    assert list(library.questions.answer(LEAVE, model="none"))[-1].answered


def test_building_a_pipeline_loads_and_wakes_nothing(tmp_path: Path) -> None:
    program = f"""
import json, sys
from pathlib import Path
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.pipeline.choice import BUILT_IN
engine = Engine.open(DataFolder(Path({str(tmp_path / "data")!r})))
built = [engine.questions.answering.pipeline(each.name, each.steps).steps for each in BUILT_IN]
heavy = {{"numpy", "onnxruntime", "chromadb", "tokenizers", "pypdf", "docx", "jinja2", "importlib.metadata"}}
awake = [each.name for each in engine.keeper.status() if each.hosts]
engine.close()
print(json.dumps([len(built), sorted(heavy & sys.modules.keys()), awake]))
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert json.loads(told) == [4, [], []]
