"""A language model that chooses tools: the generator is a stand-in behind the lender, the tools are real."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Cited, Sent, ToolAsked
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.pipeline.tool_choice import Choosing
from kotaemon_desktop.core.pipeline.tool_step import Calling
from kotaemon_desktop.core.records import Consent, GeneratorFacts, ModelInfo, ProviderChoice, ToolCall
from kotaemon_desktop.core.residency.names import GENERATOR
from kotaemon_desktop.core.settings.tools import HttpTool, SqlTool

pytest.importorskip("sqlalchemy", reason="the extra “tools” is not installed")

MODEL = ModelInfo("standin", "generation", "", 0, ("multilingual",))
Made = list[tuple[str, dict[str, str]]]


class Lender:
    """The keeper, with a model that has chosen already."""

    def __init__(self, keeper: Any, made: Made, takes_tools: bool = True) -> None:
        self._keeper, self._made = keeper, made
        self.facts = GeneratorFacts(2048, ProviderChoice("cpu", ""), takes_tools=takes_tools)
        self.offered: list[dict[str, Any]] = []

    def status(self, name: str) -> Any:
        return self._keeper.status(name)

    @contextmanager
    def lease(self, name: str, **options: Any) -> Iterator[Any]:
        if name == GENERATOR:
            yield self
            return
        with self._keeper.lease(name, **options) as lease:
            yield lease

    def call(self, method: str, *arguments: Any, timeout: float | None = None) -> Any:
        if method == "about":
            return self.facts
        self.offered = arguments[1]
        return self._made


@pytest.fixture
def engine(tmp_path: Path, orders: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(embedded, "available", lambda: False)
    engine = Engine.open(DataFolder(tmp_path / "data"))
    query = "SELECT customer, status FROM orders WHERE id = :number"
    tool = SqlTool(name="customer", about="Who ordered", database=f"sqlite:///{orders}", query=query)
    engine.change_setting("tools", "sql", (tool,))
    engine.change_setting("tools", "http", (HttpTool(name="far", url="https://shop.invalid/{id}"),))
    yield engine
    engine.close()


Ask = Callable[..., tuple[list[Any], list[ToolCall], Lender]]


@pytest.fixture
def ask(engine: Engine) -> Ask:
    def run(made: Made, takes_tools: bool = True) -> tuple[list[Any], list[ToolCall], Lender]:
        lender, seen = Lender(engine.keeper, made, takes_tools), list[ToolCall]()
        answering = engine.questions.answering
        choosing = Choosing(engine.questions.tools, lender, lambda _wish: MODEL)
        calling = answering.steps["tool"]
        assert isinstance(calling, Calling)
        answering.steps["tool"] = dataclasses.replace(calling, choosing=choosing)

        def approve(call: ToolCall) -> Consent:
            seen.append(call)
            return Consent.ONCE

        events = list(engine.questions.answer("Who placed order 12345?", model="none", approve=approve))
        return events, seen, lender

    return run


def test_a_model_calls_a_tool_and_its_result_is_cited(ask: Ask) -> None:
    events, seen, lender = ask([("customer", {"number": "12345"})])
    (offered,) = lender.offered  # the one that is elsewhere is not offered while the network is off
    assert offered["function"] == {
        "name": "customer",
        "description": "Who ordered",
        "parameters": {"type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"]},
    }
    assert [(call.sent, call.by_model) for call in seen] == [("number = 12345", True)]
    cited = next(event for event in events if isinstance(event, Cited))
    assert "| Ada | shipped | [1] |" in cited.answer


@pytest.mark.parametrize(
    "made",
    [
        [],
        [("far", {"id": "1"})],  # not offered
        [("unknown", {})],
        [("customer", {"number": "12345", "query": "DROP TABLE orders"})],  # it takes no query
        [("customer", {"number": "'; DROP TABLE orders; --"})],
    ],
)
def test_what_a_model_makes_up_calls_nothing_else(ask: Ask, made: Made) -> None:
    events, _seen, _lender = ask(made)
    assert not any(isinstance(event, Sent) for event in events)
    cited = next(event for event in events if isinstance(event, Cited))
    assert cited.citations == ()


def test_a_model_without_tools_is_not_asked(ask: Ask) -> None:
    events, seen, lender = ask([("customer", {"number": "12345"})], takes_tools=False)
    assert (seen, lender.offered) == ([], [])
    assert not any(isinstance(event, ToolAsked) for event in events)
