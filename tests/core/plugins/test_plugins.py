"""Plugins of an installed package at work in the real engine and its hosts, and what becomes of broken ones."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import PluginBroken, PluginMissing
from kotaemon_desktop.core.events import (
    AnswerEvent,
    Cited,
    Degraded,
    Done,
    Found,
    ImportFailed,
    Piece,
    Routed,
    ToolCalled,
    Waking,
)
from kotaemon_desktop.core.monitoring.notices import BrokenPlugins
from kotaemon_desktop.core.pipeline import plugin_steps
from kotaemon_desktop.core.pipeline.question import Question
from kotaemon_desktop.core.plugins import found
from kotaemon_desktop.core.plugins.registry import State
from kotaemon_desktop.core.records import Consent
from kotaemon_desktop.core.residency.names import PLUGINS
from kotaemon_desktop.core.settings.tools import SqlTool
from kotaemon_desktop.core.tools.errors import ToolNotAllowed

Package = Callable[[str, str, dict[str, str]], Path]
Event = TypeVar("Event")
SIMMER = "How long does it simmer?"
VEGETARIAN = ["route", "retrieve", "plugin.vegetarian", "quote"]


def of(events: list[AnswerEvent], kind: type[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def ask(engine: Engine, question: str, **how: object) -> list[AnswerEvent]:
    return list(engine.questions.answer(question, model="none", **how))  # pyright: ignore[reportArgumentType]


def names(events: list[AnswerEvent]) -> list[str]:
    """Return the dishes that were found last."""
    return sorted(hit.passage.text.partition("\n")[0] for hit in of(events, Found)[-1].hits)


def use(engine: Engine, *steps: str) -> None:
    engine.change_setting("pipelines", "own", [{"name": "standard", "steps": list(steps)}])


# --- a package that works ------------------------------------------------------------------------------------------


def test_what_a_package_declares_is_found_without_importing_it(kitchen: Path) -> None:
    brought = found.plugins([str(kitchen)])
    assert [(each.kind, each.name) for each in brought] == [
        ("memory", "last"),
        ("readers", "recipe"),
        ("rerankers", "shortest"),
        ("retrievers", "dishes"),
        ("routes", "measures"),
        ("steps", "vegetarian"),
        ("tools", "oven"),
        ("vector_stores", "pantry"),
    ]
    assert {(each.package, each.version, each.place) for each in brought} == {("kitchen", "1.2", str(kitchen))}
    assert "kitchen" not in sys.modules


def test_a_folder_of_its_format_is_imported_and_asked(library: Engine) -> None:
    (document,) = library.library.documents()
    assert (document.name, document.title, document.page_count) == ("supper.recipe", "Lentil soup", 2)
    events = ask(library, "How long does the stew simmer?")
    (cited,) = of(events, Cited)
    assert cited.citations[0].page == 2
    assert "three hours" in cited.answer


def test_its_route_answers_what_the_rules_do_not_know(library: Engine) -> None:
    events = ask(library, "How many ml are in a cup?")
    assert [event for event in events if isinstance(event, Routed | Piece)] == [
        Routed("measures", "the plugin measures (kitchen 1.2) knows the answer"),
        Piece("A cup is 240 ml."),
    ]
    assert of(ask(library, "一汤匙是多少毫升？"), Cited)[0].answer == "汤匙：15 毫升。"
    assert of(ask(library, "hello"), Routed)[0].route == "small_talk"


def test_its_step_is_in_the_pipeline_and_in_the_trace(library: Engine) -> None:
    assert names(ask(library, SIMMER)) == ["Beef stew", "Lentil soup"]
    use(library, *VEGETARIAN)
    conversation = library.history.new_conversation()
    events = ask(library, SIMMER, conversation_id=conversation)
    assert names(events) == ["Lentil soup"]
    assert "Beef" not in of(events, Cited)[0].answer
    (turn,) = library.history.turns(conversation)
    lines = library.traces.lines(turn.id)
    assert [line["step"] for line in lines if line["event"] == "Found"] == ["retrieve", "plugin.vegetarian"]


def test_its_tool_is_called_with_consent_and_cited(library: Engine) -> None:
    question = "How hot is oven 1?"
    assert isinstance(of(ask(library, question), Degraded)[0].error, ToolNotAllowed)
    events = ask(library, question, approve=lambda call: Consent.ONCE)
    (called,) = of(events, ToolCalled)
    assert (called.call.tool, called.call.arguments) == ("plugin.oven", {"number": "1"})
    assert {event.component for event in of(events, Waking)} <= {PLUGINS}
    assert "180 °C, rising" in of(events, Cited)[0].citations[0].quote
    assert of(ask(library, "2 号烤箱现在怎么样？", approve=lambda call: Consent.ONCE), ToolCalled)


@pytest.mark.parametrize("steps", [("tool", "quote"), ("tool", "retrieve", "rerank", "quote")])
def test_what_a_tool_gave_stays_a_source_whatever_step_comes_next(library: Engine, steps: tuple[str, ...]) -> None:
    library.change_setting("models", "reranker", "plugin.shortest")
    use(library, *steps)
    question = "How hot is oven 1, and how long does the stew simmer?"
    (cited,) = of(ask(library, question, approve=lambda _call: Consent.ONCE), Cited)
    quotes = [citation.quote for citation in cited.citations]
    assert "180 °C, rising" in quotes[0]
    assert any("three hours" in quote for quote in quotes) == ("retrieve" in steps)


def test_what_a_step_found_is_quoted_where_nobody_searched(library: Engine, package: Package) -> None:
    code = """
from kotaemon_desktop.core.events import Found
from kotaemon_desktop.core.records import Hit, Passage, Strength

class Step:
    def run(self, question):
        text = "The stew simmers for three hours."
        yield Found((Hit(Passage(7, 7, "stew", "stew", "text", None, 0, len(text), "", text), 1.0, Strength.STRONG),))
"""
    package("finder", code, {"steps": "finder = finder:Step"})
    use(library, "plugin.finder", "quote")
    (cited,) = of(ask(library, "How long does the stew simmer?"), Cited)
    assert "three hours. [1]" in cited.answer


def test_its_memory_says_what_a_model_is_told(library: Engine) -> None:
    conversation = library.history.new_conversation()
    for question in ("What goes into the soup?", "What goes into the stew?"):
        ask(library, question, conversation_id=conversation)
    turns = library.history.turns(conversation)
    steps = plugin_steps.PluginSteps(library.keeper, library.plugins)
    assert list(steps.recalled(Question("And now?", "And now?", 0.0, turns=turns))) == turns[-1:]


def test_nothing_of_it_is_ever_imported_here(library: Engine) -> None:
    use(library, *VEGETARIAN)
    ask(library, SIMMER)
    ask(library, "How many ml are in a cup?")
    assert "kitchen" not in sys.modules
    assert all(each.state is State.ON for each in plugin_steps.check(library.keeper, library.plugins))
    assert "kitchen" not in sys.modules


def test_a_package_that_a_person_switches_off_is_not_used(library: Engine) -> None:
    library.change_setting("plugins", "off", [" Kitchen"])
    assert {each.state for each in library.plugins.all()} == {State.OFF}
    assert of(ask(library, "How many ml are in a cup?"), Routed)[0].route == "documents"
    use(library, *VEGETARIAN)
    events = ask(library, SIMMER)
    assert isinstance(of(events, Degraded)[0].error, PluginMissing)
    assert names(events) == ["Beef stew", "Lentil soup"]


# --- packages that do not ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("class Step:\n    pass", "lacks run"),
        ("class Step:\n    def run(self, question):\n        raise RuntimeError('no salt')", "RuntimeError: no salt"),
        ("class Step:\n    def run(self, question):\n        yield 'soup'", "yields str"),
        ("class Step:\n    def run(self, question):\n        import os\n        os._exit(3)", "stopped unexpectedly"),
    ],
)
def test_a_broken_step_is_named_and_left_out_and_the_answer_goes_on(
    library: Engine, package: Package, code: str, reason: str
) -> None:
    package("salty", code, {"steps": "salt = salty:Step"})
    use(library, "route", "retrieve", "plugin.salt", "quote")
    events = ask(library, SIMMER)
    (degraded,) = of(events, Degraded)
    assert isinstance(degraded.error, PluginBroken)
    assert {"salt", "steps", "salty"} <= set(degraded.error.facts.values())
    assert reason in str(degraded.error)
    assert isinstance(events[-1], Done)
    assert events[-1].answered
    (listed,) = [each for each in library.plugins.all() if each.plugin.name == "salt"]
    assert (listed.state, reason in listed.reason) == (State.BROKEN, True)
    notice = BrokenPlugins(library.plugins.problems).look()
    assert notice is not None
    assert "salt" in notice.text
    assert isinstance(of(ask(library, SIMMER), Degraded)[0].error, PluginMissing)  # nobody tries it again


def test_a_reader_that_breaks_leaves_the_file_to_the_program(engine: Engine, package: Package, tmp_path: Path) -> None:
    package(
        "noter",
        "class Notes:\n    def read(self, file):\n        raise KeyError('x')",
        {"readers": "txt = noter:Notes"},
    )
    file = tmp_path / "note.txt"
    file.write_text("The oven is cleaned on Mondays.", "utf-8")
    events = list(engine.imports.run([file]))
    assert not [event for event in events if isinstance(event, ImportFailed)]
    assert [document.name for document in engine.library.documents()] == ["note.txt"]
    (problem,) = engine.plugins.problems()
    assert problem.facts["package"] == "noter"


def test_a_file_that_is_wrong_is_the_files_fault(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "wrong.recipe"
    file.write_text("no recipe", "utf-8")
    (failed,) = [event for event in engine.imports.run([file]) if isinstance(event, ImportFailed)]
    assert "does not begin as a recipe" in str(failed.error)
    assert engine.plugins.problems() == []


TOOL = """
import os

class Tool:
    pattern = {pattern}
    leaves = False

    def call(self, **fields):
        {call}
"""


@pytest.mark.parametrize(
    ("pattern", "call"), [("os._exit(3)", "pass"), ("r'stew'", "os._exit(3)"), ("r'stew'", "return 7")]
)
def test_a_tool_that_ends_its_host_is_blamed_and_the_others_are_called(
    library: Engine, package: Package, tmp_path: Path, pattern: str, call: str
) -> None:
    package("salty", TOOL.format(pattern=pattern, call=call), {"tools": "asalt = salty:Tool"})
    table = sqlite3.connect(tmp_path / "stews.db")
    table.execute("CREATE TABLE stews AS SELECT 'goulash' AS name")
    table.commit()
    table.close()
    stews = SqlTool(
        name="stews", match=("stew",), database=f"sqlite:///{tmp_path}/stews.db", query="SELECT name FROM stews"
    )
    library.change_setting("tools", "sql", (stews,))
    events = ask(library, "Which stew, and how hot is oven 1?", approve=lambda _call: Consent.ONCE)
    (degraded,) = of(events, Degraded)
    assert isinstance(degraded.error, PluginBroken)
    assert degraded.error.facts["package"] == "salty"
    assert {called.call.tool for called in of(events, ToolCalled)} == {"stews", "plugin.oven"}
    assert [each.plugin.name for each in library.plugins.all() if each.state is State.BROKEN] == ["asalt"]


def test_a_mended_package_works_without_a_new_start(library: Engine, package: Package) -> None:
    file = package("salty", "raise ImportError", {"steps": "salt = salty:Step"})
    use(library, "route", "retrieve", "plugin.salt", "quote")
    assert of(ask(library, SIMMER), Degraded)
    file.write_text("class Step:\n    def run(self, question):\n        return iter(())", "utf-8")
    (library.folder.plugins / "salty-0.1.dist-info").rename(library.folder.plugins / "salty-0.2.dist-info")
    assert of(ask(library, SIMMER), Degraded) == []


def test_a_package_of_the_same_version_that_is_installed_once_more_works_again(
    library: Engine, package: Package, tmp_path: Path
) -> None:
    file = package("salty", "raise ImportError", {"steps": "salt = salty:Step"})
    use(library, "route", "retrieve", "plugin.salt", "quote")
    assert of(ask(library, SIMMER), Degraded)
    assert library.plugins.problems()
    file.write_text("class Step:\n    def run(self, question):\n        return iter(())", "utf-8")
    left = library.folder.plugins / "salty-0.1.dist-info"
    shutil.copytree(left, tmp_path / left.name, copy_function=shutil.copyfile)
    shutil.rmtree(left)
    shutil.copytree(tmp_path / left.name, left, copy_function=shutil.copyfile)
    os.utime(left)  # copied folders keep their dates
    assert of(ask(library, SIMMER), Degraded) == []
    assert library.plugins.problems() == []


def test_a_newer_version_of_a_package_takes_over(library: Engine, package: Package) -> None:
    code = "class Answer:\n    def answer(self, question):\n        return 'by {}' if 'salt' in question.text else None"
    file = package("salty", code.format("one"), {"routes": "salt = salty:Answer"})
    assert of(ask(library, "Is there salt?"), Cited)[0].answer == "by one"
    file.write_text(code.format("two hands"), "utf-8")
    (library.folder.plugins / "salty-0.1.dist-info").rename(library.folder.plugins / "salty-0.2.dist-info")
    assert of(ask(library, "Is there salt?"), Cited)[0].answer == "by two hands"
