"""The local server, asked by the official client: models, chat, documents, embeddings, keys, queues and departures."""

from __future__ import annotations

import http.client
import json
import multiprocessing
import os
import socket
import stat
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import openai
import pytest

sys.path.append(str(Path(__file__).parents[2]))

from tiny_models import byte_tokenizer, encoder_weights, genai_folder, written_encoder  # noqa: F401

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.core.residency.names import EMBEDDER, GENERATOR
from kotaemon_desktop.core.server.api import BODY_LIMIT, Api, Places, _Full, _Gone
from kotaemon_desktop.core.server.protocol import ChatRequest
from kotaemon_desktop.core.server.service import Said, Service

LEAVE = """# Leave

Annual leave is twenty days a year for full-time staff. It must be taken before the end of March.

# Canteen

The canteen opens at noon and closes at two.
"""
HELLO: Any = [{"role": "user", "content": "the cat sat on"}]
LONG = 3000  # tokens that the tiny model writes in seconds


@pytest.fixture(scope="module")
def engine(encoder_weights: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:  # noqa: F811
    """A library with tiny models that serves on a free port."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "leave.md").write_text(LEAVE, "utf-8")
    with closing(Engine.open(DataFolder(folder / "data"))) as opened:
        opened.models.add(genai_folder(folder / "tiny", byte_tokenizer(), 8192))
        opened.models.add(written_encoder(folder / "tiny-encoder", encoder_weights))
        opened.change_setting("answering", "model", "none")  # documents are quoted
        list(opened.imports.run([folder / "leave.md"]))
        rules = opened.collections.create("Staff rules")
        opened.collections.add(rules, [opened.library.documents()[0].id])
        opened.server.serve_always(0)
        yield opened
    assert multiprocessing.active_children() == []


@pytest.fixture
def client(engine: Engine) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=engine.server.serving().url, api_key=engine.server.key.get(), max_retries=0) as made:
        yield made


def port(engine: Engine) -> int:
    return int(engine.server.serving().url.rpartition(":")[2].partition("/")[0])


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return held.getsockname()[1]


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_what_can_be_asked_is_listed(client: openai.OpenAI) -> None:
    listed = [model.id for model in client.models.list()]
    assert listed == ["documents", "documents/Staff rules", "tiny", "tiny-encoder"]
    assert client.models.retrieve("tiny").owned_by == "kotaemon-desktop"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_a_model_writes_whole_and_in_pieces(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=20, temperature=0)
    assert whole.usage is not None
    assert whole.usage.completion_tokens == 20
    assert whole.choices[0].finish_reason == "length"
    stream = client.chat.completions.create(
        model="tiny",
        messages=HELLO,
        max_tokens=20,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    pieces = [each.choices[0].delta.content for each in chunks if each.choices]
    assert "".join(piece or "" for piece in pieces) == whole.choices[0].message.content
    assert len(pieces) > 5
    assert chunks[-2].choices[0].finish_reason == "length"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 20


def test_sampling_is_taken_as_it_was_asked_for(client: openai.OpenAI) -> None:
    def written(**wishes: Any) -> str:
        made = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=24, **wishes)
        return made.choices[0].message.content or ""

    greedy = written(temperature=0)
    assert written(temperature=1.5, seed=1) == written(temperature=1.5, seed=1) != written(temperature=1.5, seed=2)
    assert written(temperature=1.5, top_p=1e-9) == greedy
    stop = greedy[len(greedy) // 2 :][:2]
    assert written(temperature=0, stop=stop) == greedy[: greedy.index(stop)]
    parts: Any = [{"role": "user", "content": [{"type": "text", "text": HELLO[0]["content"]}]}]
    again = client.chat.completions.create(model="tiny", messages=parts, max_tokens=24, temperature=0)
    assert again.choices[0].message.content == greedy


def test_the_documents_answer_with_their_sources(client: openai.OpenAI) -> None:
    question: Any = [{"role": "user", "content": "How many days of annual leave do full-time staff have?"}]
    answer: Any = client.chat.completions.create(model="documents", messages=question)
    text = answer.choices[0].message.content
    assert "twenty days a year" in text
    assert "[1] leave.md: “Annual leave is twenty days a year for full-time staff.”" in text
    assert answer.answered
    assert answer.citations[0]["name"] == "leave.md"
    assert answer.citations[0]["quote"] == "Annual leave is twenty days a year for full-time staff."
    *chunks, last = list(client.chat.completions.create(model="documents/Staff rules", messages=question, stream=True))
    streamed = "".join(each.choices[0].delta.content or "" for each in chunks)
    assert "twenty days a year" in streamed
    assert "\n[1] leave.md" in streamed
    assert last.model_extra is not None
    assert last.model_extra["citations"] == answer.citations


def test_a_follow_up_is_completed_from_what_was_said_before(client: openai.OpenAI) -> None:
    said: Any = [
        {"role": "user", "content": "When does the canteen open?"},
        {"role": "assistant", "content": "At noon."},
        {"role": "user", "content": "And when does it close?"},
    ]
    answer: Any = client.chat.completions.create(model="documents", messages=said)
    assert "closes at two" in answer.choices[0].message.content


def test_what_the_documents_do_not_hold_is_said(client: openai.OpenAI) -> None:
    question: Any = [{"role": "user", "content": "Who painted the Sistine Chapel ceiling?"}]
    answer: Any = client.chat.completions.create(model="documents", messages=question)
    assert not answer.answered
    assert answer.citations == []


def test_vectors_come_as_numbers_and_as_bytes(client: openai.OpenAI, engine: Engine) -> None:
    texts = ["annual leave", "the canteen"]
    plain = client.embeddings.create(model="tiny-encoder", input=texts, encoding_format="float").data
    packed = client.embeddings.create(model="tiny-encoder", input=texts).data  # the client asks for base64 by itself
    assert [each.embedding for each in packed] == [each.embedding for each in plain]
    with engine.keeper.lease(EMBEDDER) as lease:
        own = [list(struct.unpack(f"<{len(each) // 2}e", each)) for each in lease.call("embed", texts)]
    assert [each.embedding for each in plain] == own
    with pytest.raises(openai.NotFoundError, match="no model"):
        client.embeddings.create(model="tiny", input="x")


def test_only_who_has_the_key_comes_in(engine: Engine) -> None:
    url = engine.server.serving().url
    for wrong in ("sk-wrong", engine.server.key.get()[:-1]):
        with openai.OpenAI(base_url=url, api_key=wrong, max_retries=0) as stranger:
            with pytest.raises(openai.AuthenticationError, match=r"in the settings .* and in the file server\.key"):
                stranger.models.list()
            with pytest.raises(openai.AuthenticationError):
                stranger.chat.completions.create(model="tiny", messages=HELLO)
    if os.name == "posix":
        assert stat.S_IMODE(engine.server.key.file.stat().st_mode) == 0o600
    before = engine.server.key.get()
    assert engine.server.key.renew() != before
    assert engine.server.key.opens(f"Bearer {engine.server.key.get()}")
    assert not engine.server.key.opens(f"Bearer {before}")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"model": "gpt-4"}, "no model"),
        ({"model": "documents/Nothing"}, "no collection"),
        ({"model": "tiny", "n": 2}, "one answer"),
        ({"model": "tiny", "temperature": 9}, "2"),
        ({"model": "tiny", "tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"model": "tiny", "response_format": {"type": "json_object"}}, "text"),
        ({"model": "tiny", "messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]}, "role"),
        ({"model": "tiny", "messages": [{"role": "user", "content": "cat " * 20_000}]}, "tokens"),
    ],
)
def test_what_cannot_be_done_is_refused_with_the_reason(client: openai.OpenAI, asked: Any, says: str) -> None:
    with pytest.raises((openai.BadRequestError, openai.NotFoundError), match=says):
        client.chat.completions.create(**{"messages": HELLO, **asked})


def raw(engine: Engine, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port(engine), timeout=30)
    with closing(connection):
        sent = {"Authorization": f"Bearer {engine.server.key.get()}", **headers}
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()


def test_web_pages_and_too_large_bodies_are_turned_away(engine: Engine) -> None:
    assert raw(engine, "GET", "/v1/models", Host="evil.example")[0] == 403
    status, headers, _body = raw(engine, "GET", "/v1/models", Origin="https://evil.example")
    assert status == 200
    assert not any(name.lower().startswith("access-control") for name in headers)
    assert raw(engine, "OPTIONS", "/v1/chat/completions")[0] == 501
    assert raw(engine, "POST", "/v1/chat/completions", b"{")[0] == 400
    assert raw(engine, "POST", "/v1/unknown", b"{}")[0] == 404
    with socket.create_connection(("127.0.0.1", port(engine)), timeout=30) as plain:
        key = engine.server.key.get()
        head = f"POST /v1/embeddings HTTP/1.1\r\nHost: localhost:1\r\nAuthorization: Bearer {key}\r\n"
        plain.sendall(f"{head}Content-Length: {BODY_LIMIT + 1}\r\n\r\n".encode())
        assert b" 413 " in plain.recv(64)
    with socket.create_connection(("127.0.0.1", port(engine)), timeout=30) as plain:
        plain.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        assert b" 411 " in plain.recv(64)


def test_who_leaves_in_mid_answer_frees_the_model(client: openai.OpenAI, engine: Engine) -> None:
    stream = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=LONG, stream=True)
    next(iter(stream))
    assert engine.keeper.status(GENERATOR).state is ComponentState.BUSY
    stream.close()
    until(lambda: engine.keeper.status(GENERATOR).state is not ComponentState.BUSY, 5)
    until(lambda: engine.server.serving().answering == 0)


def test_more_than_allowed_wait_and_are_counted(client: openai.OpenAI, engine: Engine) -> None:
    engine.change_setting("server", "at_once", 1)
    first = client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=LONG, stream=True)
    next(iter(first))
    told: list[str] = []

    def ask() -> None:
        question: Any = [{"role": "user", "content": "How long is annual leave?"}]
        answer = client.chat.completions.create(model="documents", messages=question)
        told.append(answer.choices[0].message.content or "")

    waiting = threading.Thread(target=ask)
    waiting.start()
    until(lambda: engine.server.serving().waiting == 1)
    assert not told
    first.close()
    waiting.join(20)
    assert "twenty days" in told[0]
    until(lambda: (engine.server.serving().answering, engine.server.serving().waiting) == (0, 0))


def test_switched_off_it_ends_what_runs_and_begins_nothing(engine: Engine) -> None:
    begun: list[str] = []
    ended = threading.Event()

    class Slow(Service):
        """Writes until it is stopped."""

        def __init__(self) -> None: ...

        def chat(self, request: ChatRequest) -> Iterator[Said]:
            begun.append(request.model)
            try:
                for _moment in range(5000):
                    time.sleep(0.02)
                    yield ""
            finally:
                ended.set()

    api = Api(0, engine.server.key, Slow(), lambda: 1)
    url = f"http://127.0.0.1:{api.port}/v1"

    def ask(model: str) -> None:
        with (
            openai.OpenAI(base_url=url, api_key=engine.server.key.get(), max_retries=0) as own,
            pytest.raises(openai.APIConnectionError),
        ):
            own.chat.completions.create(model=model, messages=HELLO)

    asking = [threading.Thread(target=ask, args=(model,), daemon=True) for model in ("running", "waiting")]
    asking[0].start()
    until(lambda: begun)
    asking[1].start()
    until(lambda: api.places.waiting == 1)
    api.close()
    assert ended.wait(30)
    for each in asking:
        each.join(30)
        assert not each.is_alive()
    assert begun == ["running"]
    until(lambda: (api.places.answering, api.places.waiting) == (0, 0))


def test_who_leaves_the_queue_or_finds_it_full_is_turned_away() -> None:
    places = Places(lambda: 0)
    with pytest.raises(_Gone), places.taken(lambda: True):
        pass
    places.waiting = 16
    with pytest.raises(_Full), places.taken(lambda: False):
        pass


def test_models_leave_when_nobody_asks(client: openai.OpenAI, engine: Engine) -> None:
    engine.change_setting("residency", "generator_idle", 0)
    client.chat.completions.create(model="tiny", messages=HELLO, max_tokens=4)
    engine.tick()
    until(lambda: engine.tick() or engine.keeper.status(GENERATOR).state is ComponentState.ABSENT)


def test_nothing_is_served_before_somebody_says_so(tmp_path: Path) -> None:
    with closing(Engine.open(DataFolder(tmp_path / "data"))) as engine:
        assert engine.server.serving().url == ""
        assert not engine.server.key.file.exists()
        with socket.create_server(("127.0.0.1", 0)) as taken:
            engine.change_setting("server", "port", taken.getsockname()[1])
            engine.change_setting("server", "enabled", True)
            assert engine.server.serving().problem
        engine.change_setting("server", "enabled", False)
        engine.change_setting("server", "enabled", True)
        url = engine.server.serving().url
        assert url.startswith("http://127.0.0.1:")
        engine.change_setting("server", "enabled", False)
        assert engine.server.serving().url == ""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(url.split(":")[2].partition("/")[0])), timeout=1)


def test_the_port_of_the_command_stays_whatever_the_settings_say(tmp_path: Path) -> None:
    with closing(Engine.open(DataFolder(tmp_path / "data"))) as engine:
        engine.server.serve_always(0)
        url = engine.server.serving().url
        engine.change_setting("server", "port", free_port())
        engine.change_setting("server", "enabled", True)
        assert engine.server.serving().url == url
        with openai.OpenAI(base_url=url, api_key=engine.server.key.get()) as client:
            assert [model.id for model in client.models.list()] == ["documents"]


def test_a_damaged_key_is_made_anew_and_stops_nobody(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with closing(Engine.open(folder)) as engine:
        engine.change_setting("server", "port", free_port())
        engine.change_setting("server", "enabled", True)
        before = engine.server.key.get()
    folder.server_key.write_bytes(b"sk-\xff\x00")
    with closing(Engine.open(folder)) as engine:
        assert engine.server.serving().url
        assert engine.server.key.get() != before
        with openai.OpenAI(base_url=engine.server.serving().url, api_key=engine.server.key.get()) as client:
            assert [model.id for model in client.models.list()] == ["documents"]


def test_the_command_serves_without_a_window(tmp_path: Path) -> None:
    import signal
    import subprocess

    command = [sys.executable, "-m", "kotaemon_desktop", "serve", "--json", "--data-dir", str(tmp_path), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        key = Path(told["key_file"]).read_text().strip()
        with openai.OpenAI(base_url=told["url"], api_key=key) as client:
            assert [model.id for model in client.models.list()] == ["documents"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
