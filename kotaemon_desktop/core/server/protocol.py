"""OpenAI's interface, as far as it is spoken here: what requests may hold, and how answers are written."""

from __future__ import annotations

import base64
import struct
import time
import uuid
from array import array
from collections.abc import Sequence
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from kotaemon_desktop.core.errors import (
    ComponentError,
    DoesNotFit,
    KotaemonError,
    ModelNotFound,
    NoSuchCollection,
    PromptTooLong,
    RemoteBusy,
)
from kotaemon_desktop.core.records import Citation, GenerationStats

OWNER: Final = "kotaemon-desktop"
_MOST_TEXTS: Final = 2048
_FINISH: Final = {"context": "length", "length": "length"}  # all else: "stop"


class BadRequest(ValueError):
    """A request asks for what is not spoken here; its text goes to the client."""


class _Part(msgspec.Struct):
    type: str
    text: str = ""


class ChatMessage(msgspec.Struct):
    """A message; its content may come in parts."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[_Part]

    def text(self) -> str:
        """Return its text. Raises BadRequest for pictures and the like."""
        if isinstance(self.content, str):
            return self.content
        if any(part.type != "text" for part in self.content):
            raise BadRequest("only text can be read here")
        return "".join(part.text for part in self.content)


class _Options(msgspec.Struct):
    include_usage: bool = False


class _Format(msgspec.Struct):
    type: str = "text"


class ChatRequest(msgspec.Struct):
    """The body of ``/v1/chat/completions``. What is not named here is not looked at."""

    model: str
    messages: Annotated[list[ChatMessage], Meta(min_length=1)]
    stream: bool = False
    stream_options: _Options | None = None
    max_tokens: Annotated[int, Meta(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Meta(ge=1)] | None = None
    temperature: Annotated[float, Meta(ge=0, le=2)] | None = None
    top_p: Annotated[float, Meta(gt=0, le=1)] | None = None
    seed: int | None = None
    stop: str | list[str] | None = None
    n: int | None = None
    tools: list[Any] | None = None
    response_format: _Format | None = None

    def check(self) -> None:
        """Raise BadRequest for what would change the answer and cannot be done here."""
        if self.tools:
            raise BadRequest("tools are not called here")
        if self.n not in {None, 1}:
            raise BadRequest("one answer at a time (n = 1)")
        if self.response_format is not None and self.response_format.type != "text":
            raise BadRequest("answers are text (response_format)")

    def said(self) -> list[dict[str, str]]:
        """Return the messages as chat templates expect them."""
        roles = {"developer": "system"}
        return [{"role": roles.get(each.role, each.role), "content": each.text()} for each in self.messages]

    def stops(self) -> tuple[str, ...]:
        """Return the strings before which the answer ends."""
        return (self.stop,) if isinstance(self.stop, str) else tuple(self.stop or ())


class EmbeddingRequest(msgspec.Struct):
    """The body of ``/v1/embeddings``."""

    model: str
    input: str | Annotated[list[str], Meta(min_length=1, max_length=_MOST_TEXTS)]
    encoding_format: Literal["float", "base64"] = "float"

    def texts(self) -> list[str]:
        """Return what is to be embedded."""
        return [self.input] if isinstance(self.input, str) else self.input


class Reply:
    """Writes one answer, whole or in pieces; all of them have the same id."""

    def __init__(self, model: str) -> None:
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": model}

    def whole(self, text: str, thought: str, stats: GenerationStats | None, extra: dict[str, Any]) -> dict[str, Any]:
        """Return the whole answer; ``extra`` are fields beside OpenAI's own."""
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if thought:
            message["reasoning_content"] = thought
        choice = {"index": 0, "message": message, "finish_reason": _finish(stats), "logprobs": None}
        head = {**self._head, "object": "chat.completion"}
        return {**head, "choices": [choice], "usage": _usage(stats), **extra}

    def piece(self, **delta: str) -> dict[str, Any]:
        """Return a piece of the answer, ``content`` or ``reasoning_content``."""
        return self._chunk([{"index": 0, "delta": delta, "finish_reason": None}])

    def end(self, stats: GenerationStats | None, extra: dict[str, Any]) -> dict[str, Any]:
        """Return the end of the answer."""
        return self._chunk([{"index": 0, "delta": {}, "finish_reason": _finish(stats)}]) | extra

    def usage(self, stats: GenerationStats | None) -> dict[str, Any]:
        """Return what it took, which comes after the end."""
        return self._chunk([]) | {"usage": _usage(stats)}

    def _chunk(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {**self._head, "object": "chat.completion.chunk", "choices": choices}


def models(ids: Sequence[str]) -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [model(each) for each in ids]}


def model(id: str) -> dict[str, Any]:  # noqa: A002 - it is what it is
    """Return one model."""
    return {"id": id, "object": "model", "created": 0, "owned_by": OWNER}


def embeddings(request: EmbeddingRequest, vectors: Sequence[bytes]) -> dict[str, Any]:
    """Return ``vectors`` (float16 little-endian) as they were asked for."""
    rows = [array("f", struct.unpack(f"<{len(each) // 2}e", each)) for each in vectors]
    if request.encoding_format == "base64":
        sent: list[Any] = [base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode() for row in rows]
    else:
        sent = [row.tolist() for row in rows]
    data = [{"object": "embedding", "index": place, "embedding": each} for place, each in enumerate(sent)]
    usage = {"prompt_tokens": 0, "total_tokens": 0}  # nobody counts them
    return {"object": "list", "data": data, "model": request.model, "usage": usage}


def citation(cited: Citation) -> dict[str, Any]:
    """Return a source as a field of the answer."""
    return {
        "number": cited.number,
        "document": cited.document,
        "name": cited.name,
        "page": cited.page,
        "quote": cited.quote,
    }


def failure(error: Exception) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return the status and body that tell a client of ``error``."""
    match error:
        case ModelNotFound() | NoSuchCollection():
            return told(HTTPStatus.NOT_FOUND, str(error), "model_not_found")
        case PromptTooLong():
            return told(HTTPStatus.BAD_REQUEST, str(error), "context_length_exceeded")
        case BadRequest() | msgspec.MsgspecError():
            return told(HTTPStatus.BAD_REQUEST, str(error), "invalid_request")
        case DoesNotFit() | RemoteBusy():
            return told(HTTPStatus.SERVICE_UNAVAILABLE, str(error), "no_room")
        case ComponentError() | KotaemonError():
            return told(HTTPStatus.INTERNAL_SERVER_ERROR, str(error), type(error).__name__)
        case _:
            return told(HTTPStatus.INTERNAL_SERVER_ERROR, f"{type(error).__name__}: {error}", "internal_error")


def told(status: HTTPStatus, message: str, code: str) -> tuple[HTTPStatus, dict[str, Any]]:
    """Return ``status`` and an error's body."""
    kind = "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "server_error"
    return status, {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _finish(stats: GenerationStats | None) -> str:
    return _FINISH.get(stats.stop_reason, "stop") if stats else "stop"


def _usage(stats: GenerationStats | None) -> dict[str, Any]:
    prompt, written = (stats.prompt_tokens, stats.generated_tokens) if stats else (0, 0)
    cached = {"cached_tokens": stats.reused_tokens if stats else 0}
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "prompt_tokens_details": cached,
    }
