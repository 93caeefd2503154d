"""The web side of the local server: who may come in, what is asked, how the answer goes out, who has to wait."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from http import HTTPStatus
from itertools import chain
from typing import Any, Final, TypeVar

import msgspec

from kotaemon_desktop.core.events import Thinking
from kotaemon_desktop.core.loopback import LoopbackHandler, LoopbackServer
from kotaemon_desktop.core.records import GenerationStats
from kotaemon_desktop.core.server import protocol
from kotaemon_desktop.core.server.key import Key
from kotaemon_desktop.core.server.protocol import ChatRequest, EmbeddingRequest, Reply
from kotaemon_desktop.core.server.service import Said, Service, Sources, listed

BODY_LIMIT: Final = 1 << 20  # bytes of a request: more than any model reads
_MOST_WAITING: Final = 16
_LOOK: Final = 0.25  # seconds until somebody who waits and has left is noticed
_JSON: Final = "application/json"
_T = TypeVar("_T")


class _Gone(ConnectionError):
    """The client has left, or the server is switched off: nobody waits for the answer."""


class _Full(Exception):
    """So many wait already that one more would only wait in vain."""


class Places:
    """Counts who is being answered and who waits; any thread."""

    def __init__(self, most: Callable[[], int]) -> None:
        self.answering = 0
        self.waiting = 0
        self._most = most
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, gone: Callable[[], bool]) -> Generator[None]:
        """Wait for a place and hold it. Raises _Gone when who waits has left, _Full when too many do."""
        with self._changed:
            if self.waiting >= _MOST_WAITING:
                raise _Full
            self.waiting += 1
            try:
                while not (left := gone()) and self.answering >= self._most():
                    self._changed.wait(_LOOK)
                if left:
                    raise _Gone
            finally:
                self.waiting -= 1
            self.answering += 1
        try:
            yield
        finally:
            with self._changed:
                self.answering -= 1
                self._changed.notify()


class Api(LoopbackServer):
    """Serves OpenAI's interface from its making to :meth:`close`."""

    def __init__(self, port: int, key: Key, service: Service, most: Callable[[], int]) -> None:
        """Serve at once, at most ``most()`` requests at a time. Raises OSError when the port is taken."""
        super().__init__(port, _Handler, "local server")
        self.key = key
        self.service = service
        self.places = Places(most)
        self.start()


class _Handler(LoopbackHandler):
    """Answers one request; the paths are OpenAI's."""

    server: Api  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:  # noqa: N802 - named by http.server
        if not self._may_come_in():
            return
        models = self.server.service.models()
        if self.path == "/v1/models":
            self._send(HTTPStatus.OK, protocol.models(models))
        elif self.path.startswith("/v1/models/") and (asked := self.path.removeprefix("/v1/models/")) in models:
            self._send(HTTPStatus.OK, protocol.model(asked))
        else:
            self._send(*protocol.told(HTTPStatus.NOT_FOUND, f"there is nothing at {self.path}", "not_found"))

    def do_POST(self) -> None:  # noqa: N802
        if not self._may_come_in():
            return
        answers = {"/v1/chat/completions": self._chat, "/v1/embeddings": self._embed}
        answer = answers.get(self.path)
        body = self._body() if answer else None
        if answer is None:
            self._send(*protocol.told(HTTPStatus.NOT_FOUND, f"there is nothing at {self.path}", "not_found"))
        elif body is not None:
            try:
                answer(body)
            except (ConnectionError, TimeoutError):  # its own affair; closing what was under way has stopped it
                self.close_connection = True
            except _Full:
                status, told = protocol.told(HTTPStatus.TOO_MANY_REQUESTS, "too many requests wait", "rate_limit")
                self._send(status, told, Retry_After="5")
            except Exception as error:  # noqa: BLE001 - whatever it is, the client has to hear of it
                self._send(*protocol.failure(error))

    # --- coming in -------------------------------------------------------------------------------------------------

    def _may_come_in(self) -> bool:
        if not self.named_here():
            return False
        if self.server.key.opens(self.headers.get("Authorization", "")):
            return True
        file = self.server.key.file.name  # not its folder: that would tell strangers who is logged in
        words = f"the key is in the settings of Kotaemon Desktop, and in the file {file} of its data folder"
        status, told = protocol.told(HTTPStatus.UNAUTHORIZED, words, "invalid_api_key")
        self._send(status, told, WWW_Authenticate="Bearer")
        return False

    def _body(self) -> bytes | None:
        """Return what was sent; None, and the answer, where it is too much or its length is not told."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._send(*protocol.told(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing", "length_required"))
        elif int(length) > BODY_LIMIT:
            words = f"a request may have {BODY_LIMIT} bytes"
            self._send(*protocol.told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words, "too_large"))
        else:
            return self.rfile.read(int(length))
        return None

    def _gone(self) -> bool:
        """Tell whether the answer is in vain: the server closes, or the client has left.

        A connection that can be read and has nothing to read says so.
        """
        if self.server.closing:
            return True
        with suppress(OSError):
            readable, _writable, _failed = select.select([self.connection], [], [], 0)
            return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)
        return True

    # --- going out -------------------------------------------------------------------------------------------------

    def _chat(self, body: bytes) -> None:
        request = msgspec.json.decode(body, type=ChatRequest)
        with (
            self.server.places.taken(self._gone),
            closing(self._while_there(self.server.service.chat(request))) as said,
        ):
            if request.stream:
                self._stream(request, said)
            else:
                self._whole(request, said)

    def _embed(self, body: bytes) -> None:
        request = msgspec.json.decode(body, type=EmbeddingRequest)
        with self.server.places.taken(self._gone):
            vectors = list(self._while_there(self.server.service.embed(request.model, request.texts())))
        self._send(HTTPStatus.OK, protocol.embeddings(request, vectors))

    def _while_there(self, items: Iterator[_T]) -> Generator[_T]:
        """Yield ``items`` as long as the client is there; closing them stops the work."""
        with closing(_generator(items)) as stream:
            for item in stream:
                if self._gone():
                    raise _Gone
                yield item

    def _whole(self, request: ChatRequest, said: Iterator[Said]) -> None:
        text = thought = ""
        stats, extra = None, dict[str, Any]()
        for part in said:
            match part:
                case str():
                    text += part
                case Thinking():
                    thought += part.text
                case GenerationStats():
                    stats = part
                case Sources():
                    text, extra = _below(part.answer, part), _extra(part)
        self._send(HTTPStatus.OK, Reply(request.model).whole(text, thought, stats, extra))

    def _stream(self, request: ChatRequest, said: Iterator[Said]) -> None:
        """Send the pieces as they come. An error before the first one is an answer with a status of its own."""
        events = _events(request, said)
        first = next(events)
        self.begin(HTTPStatus.OK, "text/event-stream; charset=utf-8")
        try:
            for event in chain((first,), events):
                self._event(event)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - the status has gone out: it is told as an event
            self._event(protocol.failure(error)[1])
        else:
            self.wfile.write(b"data: [DONE]\n\n")

    def _event(self, data: dict[str, Any]) -> None:
        self.wfile.write(b"data: %b\n\n" % msgspec.json.encode(data))

    def _send(self, status: HTTPStatus, body: dict[str, Any], **headers: str) -> None:
        self.answer(status, _JSON, msgspec.json.encode(body), **headers)


def _events(request: ChatRequest, said: Iterator[Said]) -> Iterator[dict[str, Any]]:
    """Yield the events of a streamed answer, at least its end."""
    reply, stats, extra = Reply(request.model), None, dict[str, Any]()
    for part in said:
        match part:
            case "":
                pass
            case str():
                yield reply.piece(content=part)
            case Thinking():
                yield reply.piece(reasoning_content=part.text)
            case GenerationStats():
                stats = part
            case Sources():
                extra = _extra(part)
                yield reply.piece(content=_below("", part))
    yield reply.end(stats, extra)
    if request.stream_options is not None and request.stream_options.include_usage:
        yield reply.usage(stats)


def _below(answer: str, sources: Sources) -> str:
    """Return ``answer`` with its sources below it."""
    return f"{answer.rstrip()}\n\n{listed(sources)}" if sources.citations else answer


def _extra(sources: Sources) -> dict[str, Any]:
    """Return the fields that an answer from the documents has beside OpenAI's."""
    cited = [protocol.citation(each) for each in sources.citations]
    return {"citations": cited, "answered": sources.answered, "cited_answer": sources.answer, "notes": sources.notes}


def _generator(items: Iterator[_T]) -> Generator[_T]:
    yield from items
