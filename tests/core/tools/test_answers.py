"""Questions that call tools, through the real engine and its hosts: results stand with documents in one answer."""

from __future__ import annotations

import multiprocessing
import shlex
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import ComponentCrashed, SettingsError
from kotaemon_desktop.core.events import (
    AnswerEvent,
    Cited,
    Degraded,
    Done,
    Found,
    Sent,
    ToolAsked,
    ToolCalled,
)
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import TOOL, ComponentState, Consent, ToolCall
from kotaemon_desktop.core.residency.names import TOOLS
from kotaemon_desktop.core.settings.tools import HttpTool, McpTool, SqlTool
from kotaemon_desktop.core.tools.errors import (
    ToolFailed,
    ToolFoundNothing,
    ToolNotAllowed,
    ToolOffline,
    ToolRefused,
    ToolTimedOut,
)
from kotaemon_desktop.core.tracing.timeline import steps

ORDER = (r"order\s*#\s*(?P<id>\d+)", r"订单号?\s*(?P<id>\d+)")


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr(embedded, "available", lambda: False)  # words find what these tests look for
    engine = Engine.open(DataFolder(tmp_path / "data"))
    shipping = tmp_path / "shipping.md"
    shipping.write_text("# Shipping\n\nAn order that was shipped can be returned within thirty days.\n", "utf-8")
    list(engine.imports.run([shipping]))
    yield engine
    engine.close()
    assert multiprocessing.active_children() == []


def order_api(engine: Engine, shop: str, path: str = "orders/{id}", **changes: Any) -> None:
    show = ("order.status", "order.eta")
    tool = HttpTool(name="order", title="Order status", match=ORDER, url=f"{shop}/{path}", show=show)
    engine.change_setting("tools", "http", (*engine.settings.tools.http, *[_changed(tool, changes)]))


def _changed(tool: HttpTool, changes: dict[str, Any]) -> HttpTool:
    import msgspec

    return msgspec.structs.replace(tool, **changes)


def order_table(engine: Engine, database: str, **changes: Any) -> None:
    query = "SELECT id, customer, status FROM orders WHERE id = :id"
    tool = SqlTool(**{"name": "customer", "match": ORDER, "database": database, "query": query, **changes})
    engine.change_setting("tools", "sql", (tool,))


def answer(engine: Engine, question: str, consent: Consent = Consent.ONCE, **options: Any) -> list[AnswerEvent]:
    def approve(call: ToolCall) -> Consent:
        return consent

    return list(engine.questions.answer(question, model="none", approve=approve, **options))


def first(events: list[AnswerEvent], kind: type) -> Any:
    return next((event for event in events if isinstance(event, kind)), None)


def test_where_is_my_order_is_answered_from_an_api_and_the_documents(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    events = answer(engine, "Where is my order #12345? Can an order that was shipped be returned?")
    cited: Cited = first(events, Cited)
    assert cited.answer.splitlines() == [
        "| status | eta |  |",
        "| --- | --- | --- |",
        "| shipped | 2026-11-24 | [1] |",
        "",
        "> An order that was shipped can be returned within thirty days. [2]",
    ]
    given, quoted = cited.citations
    assert (given.name, given.document) == ("Order status", f"{shop}/orders/12345")
    assert given.quote == "| status | eta |\n| shipped | 2026-11-24 |"
    assert quoted.name == "shipping.md"
    asked: ToolAsked = first(events, ToolAsked)
    assert (asked.call.sent, asked.call.place, asked.call.leaves) == ("id = 12345", shop.removeprefix("http://"), False)
    assert first(events, Sent) is None
    assert first(events, Done).answered
    assert engine.keeper.status(TOOLS).state is ComponentState.IDLE


def test_a_chinese_question_is_answered_from_a_database(engine: Engine, orders: Path) -> None:
    order_table(engine, f"sqlite:///{orders}")
    cited: Cited = first(answer(engine, "订单号12346现在到哪里了？"), Cited)
    assert "| 12346 | Grace | packed | [1] |" in cited.answer


def test_what_is_said_about_a_result_is_said_in_the_language_of_the_program(engine: Engine, orders: Path) -> None:
    query = "SELECT customer FROM orders WHERE id >= :id ORDER BY id"
    order_table(engine, f"sqlite:///{orders}", query=query, rows=1)
    said: list[str] = []
    try:
        for language in ("en", "zh_CN", "en"):
            engine.change_setting("appearance", "language", language)
            found = [event for event in answer(engine, "order #12345") if isinstance(event, Found)][-1]
            said.append(found.hits[0].passage.text.splitlines()[-1])
    finally:
        engine.change_setting("appearance", "language", "en")
    assert said[0] == said[2] == "There are more: only the first 1 are shown."
    assert not said[1].isascii()


def test_an_api_and_postgresql_stand_in_one_answer(engine: Engine, shop: str, postgresql: str) -> None:
    order_api(engine, shop)
    order_table(engine, postgresql)
    events = answer(engine, "Where is my order #12345?")
    answered: Cited = first(events, Cited)
    assert "| shipped | 2026-11-24 | [1] |" in answered.answer
    assert "| 12345 | Ada | shipped | [2] |" in answered.answer
    found = [event for event in events if isinstance(event, Found)][-1]
    assert [hit.passage.kind for hit in found.hits[:2]] == [TOOL, TOOL]


def test_an_mcp_server_is_asked_from_the_tools_host_and_is_gone_after(engine: Engine) -> None:
    pytest.importorskip("mcp", reason="the extra “tools” is not installed")
    server = Path(__file__).parent / "mcp_shop.py"
    command = shlex.join([sys.executable, str(server)])
    tool = McpTool(name="order", match=ORDER, command=command, tool="order_status", seconds=30.0)
    engine.change_setting("tools", "mcp", (tool,))
    cited: Cited = first(answer(engine, "Where is my order #12345?"), Cited)
    assert "| shipped | 2026-11-24 |" in cited.answer
    assert cited.citations[0].document == command
    running = psutil.Process().children(recursive=True)
    assert not [each for each in running if str(server) in " ".join(each.cmdline())]


def test_a_result_is_kept_with_its_conversation_and_goes_with_it(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    conversation = engine.history.new_conversation()
    answer(engine, "Where is my order #12345?", conversation_id=conversation)
    (turn,) = engine.history.turns(conversation)
    citation = turn.citations[0]
    source = engine.results.get(citation.document_id)
    assert source is not None
    assert (source.title, source.sent, source.address) == ("Order status", "id = 12345", f"{shop}/orders/12345")
    assert source.text[citation.start : citation.end] == citation.quote
    assert engine.results.sources([citation.passage_id])[0].text == source.text
    events = [line["event"] for line in engine.traces.lines(turn.id)]
    assert events.index("ToolAsked") < events.index("ToolCalled") < events.index("Cited")
    engine.history.remove(conversation)
    engine.history.purge(float("inf"))
    assert engine.results.get(citation.document_id) is None


# --- consent ---------------------------------------------------------------------------------------------------------


def test_without_consent_nothing_is_sent_and_the_documents_answer(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    question = "order #12345: can an order that was shipped be returned?"
    for events in (answer(engine, question, Consent.NO), list(engine.questions.answer(question, model="none"))):
        assert isinstance(first(events, Degraded).error, ToolNotAllowed)
        assert first(events, ToolCalled) is None
        assert "thirty days" in first(events, Cited).answer
    assert engine.keeper.status(TOOLS).state is ComponentState.ABSENT


def test_what_is_allowed_for_good_is_asked_no_more_until_its_place_changes(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    assert first(answer(engine, "order #12345", Consent.ALWAYS), ToolCalled)
    place = shop.removeprefix("http://")
    assert engine.settings.tools.allowed == (f"order: {place}",)
    events = answer(engine, "order #12346", Consent.NO)
    assert first(events, ToolAsked) is None
    assert "packed" in first(events, Cited).answer
    engine.change_setting("tools", "http", ())
    order_api(engine, shop.replace("127.0.0.1", "localhost"))
    assert isinstance(first(answer(engine, "order #12345", Consent.NO), Degraded).error, ToolNotAllowed)
    engine.questions.tools.forbid(f"order: {place}")
    assert engine.settings.tools.allowed == ()


def test_always_counts_this_once_where_the_settings_cannot_be_written(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    with engine.folder.settings.open("a", encoding="utf-8") as file:
        file.write("canary: [\n")
    events = answer(engine, "order #12345", Consent.ALWAYS)
    assert isinstance(first(events, Degraded).error, SettingsError)
    assert "shipped" in first(events, Cited).answer
    assert engine.settings.tools.allowed == ()


def test_the_time_that_a_person_takes_is_no_time_of_the_search(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    thought = 1.5  # seconds

    def approve(call: ToolCall) -> Consent:
        time.sleep(thought)
        return Consent.ONCE

    list(engine.questions.answer("order #12346", model="none", approve=lambda _call: Consent.ONCE))  # wakes the host
    conversation = engine.history.new_conversation()
    events = list(engine.questions.answer("order #12345", model="none", approve=approve, conversation_id=conversation))
    timings = first(events, Done).timings
    assert thought - 0.01 < timings["consent"] < timings["total"]
    assert timings["retrieve"] < timings["total"] - thought + 0.01
    (turn,) = engine.history.turns(conversation)
    laid = {step.name: step.seconds for step in steps(engine.traces.lines(turn.id))}
    assert laid["ToolAsked"] > thought - 0.01
    called = first(events, ToolCalled).seconds
    assert called <= laid["ToolCalled"] + 0.01
    assert laid["ToolCalled"] < called + thought


def test_a_tool_elsewhere_is_not_even_asked_about_while_the_network_is_off(engine: Engine, shop: str) -> None:
    order_api(engine, "https://shop.invalid")
    events = answer(engine, "order #12345", Consent.ALWAYS)
    assert isinstance(first(events, Degraded).error, ToolOffline)
    assert first(events, ToolAsked) is None
    engine.change_setting("tools", "network", True)
    events = answer(engine, "order #12345")
    assert first(events, ToolAsked).call.leaves
    assert first(events, Sent).address == "shop.invalid"
    assert isinstance(first(events, Degraded).error, ToolFailed)


# --- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "kind"),
    [("nowhere/{id}", ToolFailed), ("slow?id={id}", ToolTimedOut), ("search?status={id}", ToolFoundNothing)],
)
def test_a_tool_that_gives_nothing_is_named_and_the_documents_answer(
    engine: Engine, shop: str, path: str, kind: type
) -> None:
    order_api(engine, shop, path, seconds=0.5)
    events = answer(engine, "order #12345: can an order that was shipped be returned?")
    assert isinstance(first(events, Degraded).error, kind)
    assert "Order status" in str(first(events, Degraded).error)
    assert "thirty days" in first(events, Cited).answer


def test_a_tools_host_that_is_killed_is_named_and_the_next_question_has_a_fresh_one(engine: Engine, shop: str) -> None:
    order_api(engine, shop, "slow?id={id}")
    events: list[AnswerEvent] = []
    question = "order #12345: can an order that was shipped be returned?"

    def approve(call: ToolCall) -> Consent:
        import threading

        def kill() -> None:
            while not (pids := engine.keeper.status(TOOLS).pids):
                pass
            psutil.Process(pids[0]).kill()

        threading.Thread(target=kill).start()
        return Consent.ONCE

    events = list(engine.questions.answer(question, model="none", approve=approve))
    assert isinstance(first(events, Degraded).error, ComponentCrashed)
    assert "thirty days" in first(events, Cited).answer
    engine.change_setting("tools", "http", ())
    order_api(engine, shop)
    assert "shipped" in first(answer(engine, "order #12345"), Cited).answer


def test_a_tool_that_changes_while_somebody_is_asked_is_not_called(engine: Engine, shop: str) -> None:
    order_api(engine, shop)

    def approve(call: ToolCall) -> Consent:
        engine.change_setting("tools", "http", ())
        order_api(engine, shop.replace("127.0.0.1", "localhost"))
        return Consent.ONCE

    events = list(engine.questions.answer("order #12345", model="none", approve=approve))
    assert isinstance(first(events, Degraded).error, ToolRefused)
    assert first(events, ToolCalled) is None


def test_a_question_without_a_match_wakes_no_tool(engine: Engine, shop: str) -> None:
    order_api(engine, shop)
    events = answer(engine, "Can an order that was shipped be returned?")
    assert first(events, ToolAsked) is None
    assert engine.keeper.status(TOOLS).state is ComponentState.ABSENT
