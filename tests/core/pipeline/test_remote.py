"""Models elsewhere answer and search through the same engine: chosen, told, degraded from, never asked unasked."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from loopback_hub import keyring_of_the_test  # noqa: F401
from openai_server import KEY, running, seen
from tiny_models import byte_tokenizer, encoder_weights, genai_folder, written_encoder  # noqa: F401

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import RemoteCut, RemoteRefused
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Cited, Degraded, Done, Found, Packed, Sent
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import GENERATOR

LEAVE = """# Leave

Annual leave is twenty days a year for full-time staff. It must be taken before the end of March.

# 年假

职工累计工作满一年的，年休假为五天。
"""
QUESTION = "How many days of annual leave are there?"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as port:
        yield port


@pytest.fixture(scope="module")
def opened(
    port: int,
    encoder_weights: object,  # noqa: F811
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Engine]:
    """A library with a tiny embedder that knows four models elsewhere."""
    folder = tmp_path_factory.mktemp("remote")
    (folder / "leave.md").write_text(LEAVE, "utf-8")
    with closing(Engine.open(DataFolder(folder / "data"))) as engine:
        engine.models.add(written_encoder(folder / "tiny-encoder", encoder_weights))
        list(engine.imports.run([folder / "leave.md"]))
        models = [("good", "generation"), ("cut", "generation"), ("locked", "generation"), ("vectors", "embedding")]
        url = f"http://127.0.0.1:{port}/v1"
        engine.change_setting("remote", "engines", [{"model": m, "task": task, "url": url} for m, task in models])
        yield engine
    assert multiprocessing.active_children() == []


@pytest.fixture
def library(opened: Engine) -> Engine:
    """Models elsewhere are allowed, and none is chosen."""
    opened.change_setting("remote", "allowed", True)
    opened.change_setting("answering", "model", "")
    return opened


def asked(engine: Engine, question: str = QUESTION) -> list[AnswerEvent]:
    return list(engine.questions.answer(question))


def of(events: Iterable[object], kind: type) -> list[Any]:
    return [event for event in events if isinstance(event, kind)]


def choose(engine: Engine, port: int, model: str) -> str:
    id_ = f"{model}@127.0.0.1-{port}"
    engine.change_setting("answering", "model", id_)
    return id_


def test_nothing_is_sent_before_somebody_chooses(library: Engine, port: int) -> None:
    before = seen(port)["requests"]
    events = asked(library)
    assert of(events, Done)[0].model == "extractive"
    assert seen(port)["requests"] == before


def test_a_model_elsewhere_answers_and_is_told_apart(library: Engine, port: int) -> None:
    chosen = choose(library, port, "good")
    events = asked(library)
    [done], [cited], [packed] = of(events, Done), of(events, Cited), of(events, Packed)
    assert done.model == chosen
    assert cited.answer.startswith("Annual leave is twenty days a year")
    assert cited.citations[0].name == "leave.md"
    assert of(events, Sent) == [Sent(f"127.0.0.1:{port}", len(packed.used))]
    assert "twenty days a year for full-time staff" in seen(port)["requests"][-1]["messages"][-1]["content"]
    assert done.timings["prompt_tokens"] == 100
    host = Path(f"/proc/{library.keeper.status(GENERATOR).pids[0]}/maps")
    if host.exists():  # Linux
        assert "onnxruntime" not in host.read_text()
    library.change_setting("remote", "allowed", False)
    assert of(asked(library), Done)[0].model == "extractive"


def test_without_its_key_the_documents_answer_and_the_reason_is_told(library: Engine, port: int) -> None:
    choose(library, port, "locked")
    events = asked(library)
    [degraded], [done] = of(events, Degraded), of(events, Done)
    assert isinstance(degraded.error, RemoteRefused)
    assert f"KOTAEMON_DESKTOP_KEY_127_0_0_1_{port}" in str(degraded.error)
    assert done.model == "extractive"
    assert done.answered


def test_a_local_model_answers_where_the_one_elsewhere_fails(
    library: Engine,
    port: int,
    tmp_path: Path,
    keyring_of_the_test: None,  # noqa: F811
) -> None:
    model = library.models.add(genai_folder(tmp_path / "tiny", byte_tokenizer(), 4096))
    chosen = choose(library, port, "locked")
    library.change_setting("answering", "max_tokens", 16)
    events = asked(library)
    assert isinstance(of(events, Degraded)[0].error, RemoteRefused)
    assert of(events, Done)[0].model == model.id
    assert library.keychain.set(f"127.0.0.1:{port}", KEY)
    library.keeper.unload(GENERATOR)
    assert of(asked(library), Done)[0].model == chosen
    assert seen(port)["requests"][-1]["key"] == f"Bearer {KEY}"
    library.models.remove(model.id)


def test_half_an_answer_is_kept_with_the_reason(library: Engine, port: int) -> None:
    choose(library, port, "cut")
    [failed] = of(asked(library), AnswerFailed)
    assert isinstance(failed.error, RemoteCut)


def test_an_embedder_elsewhere_searches_once_it_is_through(library: Engine, port: int) -> None:
    local = library.embedders.searching()
    library.change_setting("models", "embedder", f"vectors@127.0.0.1-{port}")
    assert library.embedders.searching() == local
    assert library.imports.work_left()
    list(library.imports.resume())
    searching = library.embedders.searching()
    assert searching is not None
    assert searching.address == f"127.0.0.1:{port}"
    events = list(library.questions.search("annual leave for full-time staff", 3))
    [found] = of(events, Found)
    assert of(events, Sent) == [Sent(f"127.0.0.1:{port}")]
    assert found.hits[0].similarity is not None
    assert found.note == ""
    sent = [each["input"] for each in seen(port)["requests"] if each["path"] == "/v1/embeddings"]
    assert any("职工" in text for batch in sent for text in batch)  # it declares every language
