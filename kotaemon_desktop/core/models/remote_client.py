"""Speaks OpenAI's interface over HTTP with one server, and turns all that can go wrong into errors with a name."""

from __future__ import annotations

import asyncio
import email.utils
import math
import ssl
import time
from collections.abc import AsyncGenerator, Coroutine, Generator, Iterator
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import Any, Final, TypeVar, cast

import httpx
import msgspec

from kotaemon_desktop.core.errors import (
    RemoteBusy,
    RemoteCut,
    RemoteError,
    RemoteFailed,
    RemoteRefused,
    RemoteSlow,
    RemoteUnknownModel,
    RemoteUnreachable,
)
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.keychain import variable
from kotaemon_desktop.core.models.remote import leaves
from kotaemon_desktop.core.records import RemoteModel

_TICK: Final = 0.1  # seconds of waiting after which somebody may have stopped the answer
_CONNECT_SECONDS: Final = 10.0
_LONGEST_EVENT: Final = 1 << 20  # bytes
_LONGEST_BODY: Final = 64 << 20
_LONGEST_COMPLAINT: Final = 300  # characters that are shown of what a server says of itself
_UNAVAILABLE: Final = {429, 503}  # too many requests; llama.cpp while it loads
_END: Final = b"[DONE]"
_T = TypeVar("_T")


class _Model(msgspec.Struct):
    id: str


class _Models(msgspec.Struct):
    data: list[_Model]


class RemoteClient:
    """Owns the connections to one server; lives in a host, in one thread.

    Whoever stops pulling :meth:`stream` ends the request: the server sees its client go.
    """

    def __init__(self, remote: RemoteModel, patience: float) -> None:
        """``patience`` is how many seconds in all a server that is busy is asked again. Nothing is sent yet."""
        self._remote = remote
        self._patience = patience
        self._loop = asyncio.new_event_loop()
        headers = {"Authorization": f"Bearer {remote.key}"} if remote.key else {}
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(remote.timeout, connect=min(_CONNECT_SECONDS, remote.timeout)),
            verify=ssl.create_default_context() if remote.url.startswith("https:") else False,
            trust_env=leaves(remote.address),  # no proxy stands between two programs of one machine
        )

    def stream(self, path: str, body: dict[str, Any], kind: type[_T]) -> Iterator[_T | None]:
        """Yield what the server sends for ``body`` as ``kind``, and None while nothing comes: places to stop.

        Ends with the server's own end. Raises RemoteError; RemoteCut where the stream ends before.
        """
        response = yield from self._ticking(self._begun(path, body))
        events = self._events(response)
        try:
            while (event := (yield from self._ticking(_next(events)))) != _END:
                if event is None:
                    raise self._error(RemoteCut)
                yield self._decoded(event, kind)
        finally:
            self._loop.run_until_complete(events.aclose())
            self._loop.run_until_complete(response.aclose())

    def post(self, path: str, body: dict[str, Any], kind: type[_T]) -> _T:
        """Return the server's answer to ``body`` as ``kind``. Raises RemoteError."""
        return self._loop.run_until_complete(self._posted(path, body, kind))

    def close(self) -> None:
        """End all connections."""
        self._loop.run_until_complete(self._http.aclose())
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())  # httpx leaves those of its streams to asyncio
        self._loop.close()

    # --- one request -----------------------------------------------------------------------------------------------

    def _ticking(self, work: Coroutine[Any, Any, _T]) -> Generator[None, None, _T]:
        """Do ``work``, yielding while it takes its time. Who closes this generator cancels it."""
        task = self._loop.create_task(work)
        try:
            while True:
                self._loop.run_until_complete(asyncio.wait({task}, timeout=_TICK))
                if task.done():
                    return task.result()
                yield
        finally:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(asyncio.wait({task}))

    async def _posted(self, path: str, body: dict[str, Any], kind: type[_T]) -> _T:
        response = await self._opened(path, body)
        try:
            return self._decoded(await self._read(response, _LONGEST_BODY), kind)
        finally:
            await response.aclose()

    async def _begun(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Send ``body`` and return the stream that answers it."""
        response = await self._opened(path, body)
        if "event-stream" in response.headers.get("Content-Type", ""):
            return response
        try:
            said = _complaint(await self._read(response, _LONGEST_BODY))
        finally:
            await response.aclose()
        raise self._error(RemoteFailed, detail=said) if said else self._strange()

    async def _opened(self, path: str, body: dict[str, Any]) -> httpx.Response:
        """Send ``body`` and return the answer once it begins well; a server that is busy is asked again."""
        asked = time.monotonic()
        while True:
            response = await self._sent("POST", path, body)
            if response.status_code == HTTPStatus.OK:
                return response
            try:
                text = await self._read(response, _LONGEST_BODY)
            finally:
                await response.aclose()
            if response.status_code not in _UNAVAILABLE:
                raise await self._refusal(response.status_code, text)
            wait = _seconds(response.headers.get("Retry-After", "")) or 1.0
            if time.monotonic() - asked + wait > self._patience:
                raise self._error(RemoteBusy, seconds=math.ceil(wait))
            await asyncio.sleep(wait)

    async def _sent(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        request = self._http.build_request(method, f"{self._remote.url}{path}", json=body)
        try:
            return await self._http.send(request, stream=True)
        except httpx.ReadTimeout:
            raise self._silent() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._error(RemoteUnreachable, detail=_reason(error)) from None

    async def _read(self, response: httpx.Response, limit: int) -> bytes:
        """Return the body of ``response``; one that is longer than ``limit`` bytes is no answer."""
        read = bytearray()
        async with aclosing(self._chunks(response)) as chunks:
            async for chunk in chunks:
                read += chunk
                if len(read) > limit:
                    raise self._strange()
        return bytes(read)

    async def _events(self, response: httpx.Response) -> AsyncGenerator[bytes]:
        """Yield the data of each server-sent event (one line each, as all these servers write them)."""
        held = b""
        async with aclosing(self._chunks(response)) as chunks:
            async for chunk in chunks:
                *lines, held = (held + chunk).split(b"\n")
                for line in lines:
                    if line.startswith(b"data:"):
                        yield line.removeprefix(b"data:").strip()
                if len(held) > _LONGEST_EVENT:
                    raise self._strange()

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes]:
        try:
            async for chunk in response.aiter_bytes():
                yield chunk
        except httpx.ReadTimeout:
            raise self._silent() from None
        except httpx.HTTPError:
            raise self._error(RemoteCut) from None

    # --- what went wrong -------------------------------------------------------------------------------------------

    async def _refusal(self, status: int, text: bytes) -> RemoteError:
        """Return the error that a server means by ``status`` and ``text``."""
        remote, said = self._remote, _complaint(text)
        if status in {401, 403}:
            return self._error(RemoteRefused, key=remote.key_name, variable=variable(remote.key_name))
        if status == HTTPStatus.NOT_FOUND or (status == HTTPStatus.BAD_REQUEST and "model" in said.lower()):
            offered = await self._offered()
            if offered is None:
                return self._error(RemoteFailed, detail=Phrase(N_("nothing of the kind is at {url}"), url=remote.url))
            if remote.model not in offered:
                return RemoteUnknownModel(model=remote.model, address=remote.address, offered=", ".join(offered))
        return self._error(RemoteFailed, detail=f"{status} {said}".strip())

    async def _offered(self) -> list[str] | None:
        """Return what the server says that it serves, None where it does not say."""
        with suppress(RemoteError):
            response = await self._sent("GET", "/models")
            try:
                if response.status_code == HTTPStatus.OK:
                    return [each.id for each in self._decoded(await self._read(response, _LONGEST_EVENT), _Models).data]
            finally:
                await response.aclose()
        return None

    def _decoded(self, data: bytes, kind: type[_T]) -> _T:
        """Return ``data`` as ``kind``. Raises RemoteFailed where it is an error, or something else altogether."""
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.MsgspecError:
            said = _complaint(data) if data.lstrip().startswith(b"{") else ""
            raise self._error(RemoteFailed, detail=said) if said else self._strange() from None

    def _silent(self) -> RemoteError:
        return self._error(RemoteSlow, seconds=round(self._remote.timeout))

    def _strange(self) -> RemoteError:
        return self._error(RemoteFailed, detail=Phrase(N_("it does not speak OpenAI's interface")))

    def _error(self, kind: type[RemoteError], **facts: object) -> RemoteError:
        return kind(model=self._remote.id, address=self._remote.address, **facts)


async def _next(events: AsyncGenerator[bytes]) -> bytes | None:
    return await anext(events, None)


def _complaint(text: bytes) -> str:
    """Return what a server says of its error: ``{"error": {"message": …}}``, or ``{"error": "…"}``, or its words."""
    try:
        said: Any = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        said = text.decode("utf-8", "replace") if not text.lstrip().startswith(b"<") else ""
    for name in ("error", "message", "detail"):
        said = cast("dict[str, Any]", said).get(name, said) if isinstance(said, dict) else said
    return " ".join(str(said).split())[:_LONGEST_COMPLAINT]


def _seconds(retry_after: str) -> float:
    """Return the seconds that a ``Retry-After`` means, a number or a date; 0 where there is none."""
    with suppress(ValueError, TypeError):
        return max(0.0, float(retry_after))
    with suppress(ValueError, TypeError):
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    return 0.0


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__
