"""A language model that chooses tools: the generator is a stand-in behind the lender, the tools are real."""

from __future__ import annotations

import dataclasses
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Cited, Degraded, Sent, ToolAsked
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.pipeline.tool_step import Calling
from kotaemon_desktop.core.records import Consent, GeneratorFacts, ModelInfo, ProviderChoice, ToolCall
from kotaemon_desktop.core.residency.names import GENERATOR
from kotaemon_desktop.core.settings.tools import HttpTool, McpTool, SqlTool
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolNotAllowed

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
    def run(
        made: Made, takes_tools: bool = True, consent: Consent | None = Consent.ONCE
    ) -> tuple[list[Any], list[ToolCall], Lender]:
        lender, seen = Lender(engine.keeper, made, takes_tools), list[ToolCall]()
        answering = engine.questions.answering
        calling = answering.steps["tool"]
        assert isinstance(calling, Calling)
        choosing = dataclasses.replace(calling.choosing, keeper=lender, model=lambda _wish: MODEL)
        answering.steps["tool"] = dataclasses.replace(calling, choosing=choosing)

        def approve(call: ToolCall) -> Consent:
            seen.append(call)
            return consent or Consent.NO

        asked = approve if consent else None  # None: nobody is there
        events = list(engine.questions.answer("Who placed order 12345?", model="none", approve=asked))
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


@pytest.mark.parametrize(
    ("consent", "error", "started"), [(Consent.NO, ToolNotAllowed, 0), (Consent.ONCE, ToolFailed, 1)]
)
def test_an_mcp_server_is_contacted_with_consent_only_and_left_alone_once_it_fails(
    engine: Engine, ask: Ask, tmp_path: Path, consent: Consent, error: type, started: int
) -> None:
    pytest.importorskip("mcp", reason="the extra “tools” is not installed")
    marks = tmp_path / "marks"
    command = shlex.join([sys.executable, "-c", f"open({str(marks)!r}, 'a').write('x')"])
    engine.change_setting("tools", "mcp", (McpTool(name="broken", command=command, tool="any", seconds=20.0),))
    events, seen, lender = ask([], consent=consent)
    assert [(call.tool, call.sent) for call in seen] == [("broken", "")]
    assert [type(event.error) for event in events if isinstance(event, Degraded)] == [error]
    events, seen, lender = ask([], consent=consent)
    assert seen == []
    assert not any(isinstance(event, Degraded) for event in events)
    assert [each["function"]["name"] for each in lender.offered] == ["customer"]
    assert (len(marks.read_text("utf-8")) if marks.exists() else 0) == started


def test_that_nobody_could_be_asked_is_no_refusal(engine: Engine, ask: Ask) -> None:
    engine.change_setting("tools", "mcp", (McpTool(name="broken", command="false", tool="any"),))
    for _ in range(2):
        events, _seen, _lender = ask([], consent=None)
        assert [type(event.error) for event in events if isinstance(event, Degraded)] == [ToolNotAllowed]
    _events, seen, _lender = ask([], consent=Consent.NO)
    assert [call.tool for call in seen] == ["broken"]


def test_an_mcp_server_that_may_be_asked_says_what_it_takes(engine: Engine, ask: Ask) -> None:
    pytest.importorskip("mcp", reason="the extra “tools” is not installed")
    command = shlex.join([sys.executable, str(Path(__file__).parent / "mcp_shop.py")])
    order = McpTool(name="order", command=command, tool="order_status", seconds=20.0)
    engine.change_setting("tools", "mcp", (order,))
    _events, seen, lender = ask([])
    assert [call.tool for call in seen] == ["order"]
    assert list(lender.offered[-1]["function"]["parameters"]["properties"]) == ["id"]
    _events, seen, lender = ask([])
    assert (seen, len(lender.offered)) == ([], 2)  # what it takes is known by now
