"""Models that another program serves, against a small server in a process of its own: well, wrong, slow, broken off."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import closing

import msgspec
import numpy as np
import pytest
from openai_server import ANSWER, KEY, running, seen

from kotaemon_desktop.core.errors import (
    KotaemonError,
    RemoteBusy,
    RemoteCut,
    RemoteFailed,
    RemoteRefused,
    RemoteSlow,
    RemoteUnknownModel,
    RemoteUnreachable,
)
from kotaemon_desktop.core.events import Thinking
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.models.remote import RemoteModels, leaves, leaves_with
from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder
from kotaemon_desktop.core.models.remote_writer import RemoteConversation
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, RemoteModel
from kotaemon_desktop.core.retrieval.embedding import EmbeddingService
from kotaemon_desktop.core.retrieval.service import RetrievalService
from kotaemon_desktop.core.settings import Models, Remote, RemoteEngine, Settings

QUESTION = [{"role": "user", "content": "How long is annual leave?"}]
WISH = GenerationWish(max_tokens=50)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with running() as port:
        yield port


def remote(port: int, model: str, **changes: object) -> RemoteModel:
    address = f"127.0.0.1:{port}"
    made = RemoteModel(
        id=f"{model}@there",
        task="generation",
        address=address,
        url=f"http://{address}/v1",
        model=model,
        key="",
        key_name=address,
        context=4096,
        timeout=30.0,
    )
    return msgspec.structs.replace(made, **changes)


def written(asked: RemoteModel, wish: GenerationWish = WISH) -> list[object]:
    with closing(RemoteConversation(asked)) as service:
        return list(service.answer(QUESTION, wish))


def text(parts: list[object]) -> str:
    return "".join(part for part in parts if isinstance(part, str))


def test_an_answer_comes_in_pieces_with_what_it_took(port: int) -> None:
    *parts, stats = written(remote(port, "good"))
    assert text(parts).strip() == ANSWER.strip()
    assert len([part for part in parts if part]) > 5
    assert isinstance(stats, GenerationStats)
    assert (stats.prompt_tokens, stats.reused_tokens, stats.generated_tokens) == (100, 64, 9)
    assert stats.stop_reason == "stop"
    asked = seen(port)["requests"][-1]
    assert asked["messages"] == QUESTION
    assert (asked["max_tokens"], asked["temperature"], asked["key"]) == (50, 0.0, None)


def test_thinking_is_told_from_the_answer(port: int) -> None:
    parts = written(remote(port, "thinker"))
    assert [part.text for part in parts if isinstance(part, Thinking)] == ["Which leave? "]
    assert text(parts).startswith("Annual")


def test_while_nothing_comes_there_are_places_to_stop(port: int) -> None:
    parts = written(remote(port, "slow"))
    first = next(number for number, part in enumerate(parts) if part)
    assert first >= 5  # of a second, a tenth each


def test_who_stops_listening_ends_the_answer_there(port: int) -> None:
    before = seen(port)["left"]
    with closing(RemoteConversation(remote(port, "endless"))) as service:
        parts = service.answer(QUESTION, WISH)
        assert any("and on" in part for part in parts if isinstance(part, str))
        parts.close()  # type: ignore[attr-defined]
        deadline = time.monotonic() + 30
        while seen(port)["left"] == before:
            assert time.monotonic() < deadline, "the server still writes"
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("model", "error", "says"),
    [
        ("locked", RemoteRefused, "refuses the key"),
        ("nobody", RemoteUnknownModel, "It offers: good, thinker"),
        ("broken", RemoteFailed, "CUDA out of memory"),
        ("html", RemoteFailed, "does not speak OpenAI's interface"),
        ("cut", RemoteCut, "broke off"),
    ],
)
def test_what_goes_wrong_has_a_name(port: int, model: str, error: type[KotaemonError], says: str) -> None:
    with pytest.raises(error, match=says):
        written(remote(port, model))


def test_a_key_opens(port: int) -> None:
    assert text(written(remote(port, "locked", key=KEY))).strip() == ANSWER.strip()


def test_a_server_that_is_busy_is_asked_again_but_not_for_long(port: int) -> None:
    assert text(written(remote(port, "busy-once"))).strip() == ANSWER.strip()
    started = time.monotonic()
    with pytest.raises(RemoteBusy, match="wait 90 s"):
        written(remote(port, "busy"))
    assert time.monotonic() - started < 30  # not the 90 s that the server asks for


def test_a_server_that_is_silent_is_given_up(port: int) -> None:
    with pytest.raises(RemoteSlow, match="silent for 1 s"):
        written(remote(port, "late", timeout=1.0))


def test_nothing_is_left_of_a_stream(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with closing(RemoteConversation(remote(port, "endless"))) as service:
        for _ in range(3):
            parts = service.answer(QUESTION, WISH)
            assert any(isinstance(part, str) and part for part in parts)
            parts.close()  # type: ignore[attr-defined]
    gc.collect()
    assert "destroyed but it is pending" not in caplog.text


def test_nobody_there_and_nothing_of_the_kind(port: int) -> None:
    with pytest.raises(RemoteUnreachable, match="cannot be reached"):
        written(remote(port, "good", url="http://127.0.0.1:9/v1"))
    with pytest.raises(RemoteFailed, match="nothing of the kind is at"):
        written(remote(port, "good", url=f"http://127.0.0.1:{port}/wrong"))


def test_an_end_without_its_last_mark_is_an_end(port: int) -> None:
    assert text(written(remote(port, "no-mark"))).strip() == ANSWER.strip()


def test_half_an_answer_is_not_begun_anew(port: int) -> None:
    with pytest.raises(RemoteCut):
        written(remote(port, "good"), msgspec.structs.replace(WISH, begun="Annual"))


def test_tokens_are_rather_counted_too_high(port: int) -> None:
    with closing(RemoteConversation(remote(port, "good"))) as service:
        assert service.count_tokens(["", "Annual leave is twenty days", "年假有多少天"]) == [0, 9, 6]
        assert service.about().context == 4096


def test_vectors_come_in_the_order_of_the_texts(port: int) -> None:
    texts = ["", *(f"text number {n}" for n in range(40))]
    with closing(RemoteEncoder(remote(port, "vectors"), 1.0)) as encoder:
        assert encoder.dimension == 48
        vectors = encoder.embed(texts, "passage")
        assert vectors.shape == (41, 48)
        assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
        assert np.allclose(vectors[7], encoder.embed([texts[7]], "query")[0])
        assert encoder.embed([], "passage").shape == (0, 48)
    with (
        closing(RemoteEncoder(remote(port, "ragged"), 1.0)) as encoder,
        pytest.raises(RemoteFailed, match="no vector for"),
    ):
        encoder.embed(["a", "b"], "passage")


def test_a_question_waits_less_for_a_busy_embedder_than_an_import(port: int) -> None:
    asked = remote(port, "busy-a-while", task="embedding")
    files = ("", "", "", "chroma")  # neither comes to open any
    searching, importing = RetrievalService(*files, asked), EmbeddingService(*files, asked)
    with closing(searching._encoder), pytest.raises(RemoteBusy):  # type: ignore[type-var]
        searching.similarities("How long is annual leave?", ["Annual leave is twenty days."])
    with closing(importing._encoder):  # type: ignore[type-var]
        assert len(importing.embed(["Annual leave is twenty days."])) == 1


def declared(*engines: RemoteEngine, allowed: bool = True, offline: bool = False) -> RemoteModels:
    settings = Settings(remote=Remote(allowed, engines), models=Models(offline=offline))
    return RemoteModels(lambda: settings, Keychain())


def test_a_model_elsewhere_is_known_by_its_name_and_place() -> None:
    engines = (
        RemoteEngine(url="https://GPU.example:8000/v1/", model="Qwen/Qwen3-8B:latest"),
        RemoteEngine(model="llama3"),
        RemoteEngine(url="http://half.made", model=""),
    )
    models = declared(*engines).models()
    assert [each.id for each in models] == ["Qwen-Qwen3-8B-latest@gpu.example-8000", "llama3@127.0.0.1-11434"]
    assert [leaves(each.address) for each in models] == [True, False]
    assert [leaves_with(each.id) for each in models] == [True, False]
    assert not leaves_with("Qwen2.5-0.5B")
    assert declared(*engines, allowed=False).models() == []
    assert declared(*engines, offline=True).models() == []


def test_a_key_is_looked_up_when_a_host_wakes(monkeypatch: pytest.MonkeyPatch, keyring_of_the_test: None) -> None:
    monkeypatch.setenv("KOTAEMON_DESKTOP_KEY_GPU_EXAMPLE", "of the environment")
    known = declared(RemoteEngine(url="https://gpu.example/v1", model="m"))
    [model] = known.models()
    connection = known.connection(model)
    assert connection is not None
    assert (connection.key, connection.key_name) == ("of the environment", "gpu.example")
    assert known.connection(None) is None
    assert known.connection(msgspec.structs.replace(model, id="m@elsewhere")) is None
