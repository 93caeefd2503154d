"""The list of what has left this machine is empty after the main job, and names every way out that is taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core import components
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import DownloadFailed, KotaemonError, Offline
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Done
from kotaemon_desktop.core.models.hub import Hub
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Consent
from kotaemon_desktop.core.settings import RemoteEngine
from kotaemon_desktop.core.settings.tools import HttpTool

NOWHERE = "shop.invalid"  # a name that no network knows: https://www.rfc-editor.org/rfc/rfc6761#section-6.4


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine.open(DataFolder(tmp_path / "data"))
    yield engine
    engine.close()


def left(engine: Engine) -> list[tuple[Errand, str]]:
    return [(each.errand, each.place) for each in engine.outgoing.departures]


def ask(engine: Engine, question: str) -> list[AnswerEvent]:
    return list(engine.questions.answer(question, approve=lambda _call: Consent.ONCE))


def test_the_main_job_is_silent(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "leave.md").write_text("# Leave\n\nEvery employee has 27 days of paid leave a year.\n", "utf-8")
    list(engine.imports.run([tmp_path / "leave.md"]))
    assert any(isinstance(event, Done) and event.answered for event in ask(engine, "How many days of paid leave?"))
    assert left(engine) == []


def test_a_tool_elsewhere_is_noted_when_it_is_called_and_not_before(engine: Engine) -> None:
    tool = HttpTool(name="order", match=(r"order #(?P<id>\d+)",), url=f"http://{NOWHERE}/orders/{{id}}")
    engine.change_setting("tools", "http", (tool,))
    ask(engine, "Where is my order #12345?")
    assert left(engine) == []  # tools may not use the network
    engine.change_setting("tools", "network", True)
    events = ask(engine, "Where is my order #12345?")
    assert any(isinstance(event, Degraded) for event in events)
    assert left(engine) == [(Errand.TOOL, NOWHERE)]


def test_a_model_elsewhere_is_noted_when_a_host_wakes_to_ask_it(engine: Engine) -> None:
    engines = (RemoteEngine(url="https://gpu.example/v1", model="far"), RemoteEngine(model="near"))
    engine.change_setting("remote", "engines", engines)
    engine.change_setting("remote", "allowed", True)
    far, near = engine.remote.models()
    assert left(engine) == []
    engine.remote.connection(near)
    assert left(engine) == []
    engine.remote.connection(far)
    assert left(engine) == [(Errand.MODEL, "gpu.example")]


def test_a_download_is_noted_though_nobody_answers(engine: Engine) -> None:
    with pytest.raises(Offline):
        list(engine.models.download("a/b", Hub(f"http://{NOWHERE}", offline=True)))
    with pytest.raises(KotaemonError):
        list(engine.models.download("a/b", Hub("http://127.0.0.1:9")))
    assert left(engine) == []
    with pytest.raises(DownloadFailed):
        list(engine.models.download("a/b", Hub(f"http://{NOWHERE}")))
    assert left(engine) == [(Errand.DOWNLOAD, NOWHERE)]


def test_an_index_elsewhere_is_noted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "_there", lambda _embedder: engine.remote.models()[0])
    engine.change_setting("remote", "engines", (RemoteEngine(model="vectors", task="embedding"),))
    engine.change_setting("remote", "allowed", True)
    waking = engine._components._retrieval().arguments
    waking()
    engine.change_setting("search", "vectors", "http://127.0.0.1:8000")
    waking()
    assert left(engine) == []
    engine.change_setting("search", "vectors", "http://vectors.example:8000")
    waking()
    assert left(engine) == [(Errand.VECTORS, "vectors.example:8000")]


def test_each_is_told_once_with_its_first_time() -> None:
    times = iter((10.0, 20.0, 30.0))
    outgoing, heard = Outgoing(lambda: next(times)), list[int]()
    unsubscribe = outgoing.subscribe(lambda: heard.append(len(outgoing.departures)))
    for place in ("a.example", "a.example", "b.example"):
        outgoing.note(Errand.TOOL, place)
    assert [(each.place, each.at) for each in outgoing.departures] == [("a.example", 10.0), ("b.example", 20.0)]
    assert heard == [1, 2]
    unsubscribe()
    unsubscribe()  # as a window that is closed twice
    outgoing.note(Errand.TOOL, "c.example")
    assert heard == [1, 2]
