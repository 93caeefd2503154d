"""Answers with a model that another program serves: the same service as for a model of this machine."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from kotaemon_desktop.core.errors import RemoteCut
from kotaemon_desktop.core.events import Thinking
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models.remote_client import RemoteClient
from kotaemon_desktop.core.models.template import Message
from kotaemon_desktop.core.models.thinking import Thoughts
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, GeneratorFacts, ProviderChoice, RemoteModel

_PATIENCE: Final = 10.0  # seconds that an answer waits for a server that is busy
# What a text takes at most with the vocabularies of today: English about 4 letters a token, Chinese 0.6 to 1 token a
# character. Too many only leaves out a passage; too few would have the server refuse the prompt.
_LETTERS, _LETTERS_A_TOKEN = 0x2E80, 3.0


class _Delta(msgspec.Struct):
    content: str | None = None
    reasoning_content: str | None = None  # vLLM, llama.cpp, DeepSeek
    reasoning: str | None = None  # Ollama, newer vLLM


class _Choice(msgspec.Struct):
    delta: _Delta = msgspec.field(default_factory=_Delta)
    finish_reason: str | None = None


class _Cached(msgspec.Struct):
    cached_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Cached | None = None


class _NoError(msgspec.Struct, forbid_unknown_fields=True):
    """There is none: an event with one does not decode."""


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: _NoError | None = None


class RemoteConversation:
    """Owns the way to one model elsewhere; lives in the generator host. See ConversationService, which it stands for.

    A conversation's prompt only grows, so the server's own prefix cache does what the files of a local model do.
    """

    def __init__(self, remote: RemoteModel) -> None:
        """Nothing is sent before the first answer."""
        self._remote = remote
        self._client = RemoteClient(remote, _PATIENCE)

    def about(self) -> GeneratorFacts:
        """Return what a prompt for this model has to know."""
        remote = self._remote
        choice = ProviderChoice(remote.address, N_("Another program answers."))
        return GeneratorFacts(context=remote.context, provider=choice, address=remote.address, model=remote.id)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text takes at most: nobody but its server has the model's tokenizer."""
        return [_tokens(text) for text in texts]

    def answer(self, messages: Sequence[Message], wish: GenerationWish) -> Iterator[str | Thinking | GenerationStats]:
        """Yield as ConversationService does: pieces, empty ones while nothing comes, at last GenerationStats.

        Raises RemoteError. What a host has said before it died is not gone on with: the server would begin anew.
        """
        if wish.begun:
            raise RemoteCut(model=self._remote.id, address=self._remote.address)
        run = _Run()
        thoughts = Thoughts()
        for delta in self._deltas(self._body(messages, wish), run):
            if thought := delta.reasoning_content or delta.reasoning:
                yield Thinking(thought)
            said = thoughts.push(delta.content) if delta.content else iter([(False, "")])
            yield from _pieces(said)
        yield from _pieces(thoughts.finish())
        yield run.stats()

    def _deltas(self, body: dict[str, Any], run: _Run) -> Iterator[_Delta]:
        """Yield what comes of the answer, with empty ones while nothing comes."""
        try:
            for chunk in self._client.stream("/chat/completions", body, _Chunk):
                if chunk is None:
                    yield _Delta()
                    continue
                run.note(chunk)
                for choice in chunk.choices:
                    yield choice.delta
        except RemoteCut:
            if not run.ended:  # else only the last mark is missing
                raise

    def _body(self, messages: Sequence[Message], wish: GenerationWish) -> dict[str, Any]:
        return {
            "model": self._remote.model,
            "messages": list(messages),
            "max_tokens": wish.max_tokens,
            "temperature": wish.temperature,
            "stream": True,
            "stream_options": {"include_usage": True},
        }

    def rest(self) -> None:
        """Nothing to put away: what was read is with the server."""

    def close(self) -> None:
        """End all connections."""
        self._client.close()


class _Run:
    """What an answer took, as far as the server tells it and the clock."""

    def __init__(self) -> None:
        self._asked = time.perf_counter()
        self._first: float | None = None
        self._usage = _Usage()
        self._reason = ""

    def note(self, chunk: _Chunk) -> None:
        if chunk.choices and self._first is None:
            self._first = time.perf_counter()
        self._usage = chunk.usage or self._usage
        self._reason = next((each.finish_reason for each in chunk.choices if each.finish_reason), self._reason)

    @property
    def ended(self) -> bool:
        """Whether the server has said why it ended."""
        return bool(self._reason)

    def stats(self) -> GenerationStats:
        ended = time.perf_counter()
        first = self._first or ended
        cached = self._usage.prompt_tokens_details
        return GenerationStats(
            prompt_tokens=self._usage.prompt_tokens,
            reused_tokens=(cached.cached_tokens or 0) if cached else 0,
            generated_tokens=self._usage.completion_tokens,
            prefill_seconds=first - self._asked,
            decode_seconds=ended - first,
            stop_reason=self._reason or "stop",
        )


def _pieces(parts: Iterator[tuple[bool, str]]) -> Iterator[str | Thinking]:
    for is_thought, text in parts:
        yield Thinking(text) if is_thought else text


def _tokens(text: str) -> int:
    wide = sum(ord(letter) >= _LETTERS for letter in text)
    return wide + math.ceil((len(text) - wide) / _LETTERS_A_TOKEN)
