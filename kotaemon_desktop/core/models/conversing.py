"""Answers in conversations: the service of the generator host, which sleeps and wakes with what it has read."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kotaemon_desktop.core.errors import KotaemonError, ProviderLost
from kotaemon_desktop.core.events import Thinking
from kotaemon_desktop.core.footprint import give_back_freed
from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models import providers, snapshot, tool_calls
from kotaemon_desktop.core.models.decoder import common_prefix
from kotaemon_desktop.core.models.drafts import PromptLookup
from kotaemon_desktop.core.models.generator import CONTEXT_LIMIT, GeneratorService, Run
from kotaemon_desktop.core.models.sampling import Sampler, Sampling
from kotaemon_desktop.core.models.session import CPU
from kotaemon_desktop.core.models.shelf import Shelf
from kotaemon_desktop.core.models.template import Message
from kotaemon_desktop.core.models.text_stream import TextStream
from kotaemon_desktop.core.models.thinking import MARKS, Thoughts
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, GeneratorFacts, Hardware

Part = str | Thinking | ProviderLost | GenerationStats

_LEAST = 64  # tokens that make a file worth its while
_CALL_TOKENS = 160  # a call or two
_UNDECIDED_TOKENS = 24  # after which a call has begun, or none comes
_THOUGHT_TOKENS = 2048  # a model that thinks longer than this has lost itself


class ConversationService(GeneratorService):
    """Owns one language model and the cache of the conversation it is in; lives in the generator host, in one thread.

    When another conversation comes, when nobody asks for a while and when the host ends, the cache goes to a file; the
    next question of its conversation takes it up again as far as the prompt begins as it did.
    """

    def __init__(
        self,
        folder: str,
        caches: str = "",
        cache_bytes: int = 0,
        context_limit: int = CONTEXT_LIMIT,
        hardware: Hardware = providers.ANY,
    ) -> None:
        """Load the model in ``folder``; ``caches`` is where conversations sleep, in at most ``cache_bytes`` together.

        Raises ModelNotFound, UnsupportedModel.
        """
        super().__init__(folder, context_limit, hardware)
        self._shelf = Shelf(Path(caches))
        self._shelf_bytes = cache_bytes
        self._kept: list[int] = []  # the tokens in the file of the conversation whose cache this is
        ids = ((self._tokenizer.token_to_id(mark), mark) for pair in MARKS for mark in pair)
        self._marks = {number: mark for number, mark in ids if number is not None}

    def about(self) -> GeneratorFacts:
        """Return what a prompt for this model has to know."""
        prompt = self._written([{"role": "user", "content": "?"}])
        return GeneratorFacts(
            context=self._limit,
            provider=self.provider,
            thinks=Thoughts(prompt).thinking,
            model=self._name,
            takes_tools=self._template is not None and self._template.takes_tools,
        )

    def tool_calls(self, question: str, tools: Sequence[Mapping[str, Any]]) -> list[tool_calls.Call]:
        """Return which of ``tools`` (JSON Schemas) the model calls for ``question``; mostly none.

        Raises PromptTooLong, UnsupportedModel.
        """
        if self._template is None:
            return []
        prompt = self._written([{"role": "user", "content": question}], tools=tools)
        run = self._run(self._encoded(prompt), _CALL_TOKENS)
        self._turn_to(run)
        ids = ((self._tokenizer.token_to_id(mark), mark) for mark in tool_calls.MARKS)
        text = TextStream(self._tokenizer, spelled={number: mark for number, mark in ids if number is not None})
        said = ""
        for token in self._steadily(run, Sampler(Sampling(0.0), run.ids)):
            said += text.push(token) if isinstance(token, int) else ""
            if len(run.ids) - run.prompt > _UNDECIDED_TOKENS and "{" not in said:
                return []  # it answers by itself, which nobody has asked for yet
        return tool_calls.parse(said + text.finish())

    def answer(self, messages: Sequence[Message], wish: GenerationWish) -> Iterator[Part]:
        """Yield the answer to ``messages`` in pieces, before it what the model thinks, and last one GenerationStats.

        A provider that fails is replaced by the next one and the answer goes on: then a ProviderLost is among them.
        While the prompt is read the pieces are empty: places to stop. Raises PromptTooLong, UnsupportedModel.
        """
        prompt = self._written(messages, thinking=wish.thinking)
        thoughts = Thoughts(prompt)
        if wish.begun:
            prompt += f"{thoughts.close}{self._disarmed(wish.begun)}"
            thoughts = Thoughts()
        run = self._run(self._encoded(prompt), wish.max_tokens)
        run.conversation = wish.conversation
        self._turn_to(run)
        sampler = Sampler(Sampling(wish.temperature, top_p=wish.top_p, seed=wish.seed), run.ids)
        text = TextStream(self._tokenizer, wish.stop, spelled=self._marks)
        thinking = self._allow(run, thoughts, False, wish.max_tokens)
        for token in self._steadily(run, sampler):
            if isinstance(token, int):
                yield from map(_piece, thoughts.push(text.push(token)))
                thinking = self._allow(run, thoughts, thinking, wish.max_tokens)
            else:
                yield token or ""
            if text.stopped:
                run.reason = "stop"
                break
        yield from map(_piece, thoughts.push(text.finish()))
        yield from map(_piece, thoughts.finish())
        yield run.stats()

    def _steadily(self, run: Run, sampler: Sampler) -> Iterator[int | ProviderLost | None]:
        """Yield as :meth:`_tokens`; where the GPU fails or vanishes the next provider reads all anew and goes on."""
        while True:
            try:
                yield from self._tokens(run, sampler, PromptLookup(run.ids))
            except KotaemonError:
                raise
            except Exception as error:  # onnxruntime's exceptions have no common base
                if self.provider.name == CPU:
                    raise
                yield self._go_on_elsewhere(str(error).partition("\n")[0])
            else:
                return

    def _go_on_elsewhere(self, reason: str) -> ProviderLost:
        """Open the model on the next provider. Raises UnsupportedModel."""
        before = self.provider.name
        self._pass_over(N_("It failed in the middle of an answer."))
        del self._decoder  # what it held has to go before the other one comes
        self._decoder = self._opened()
        self._taken += 1
        return ProviderLost(component="generator", before=before, after=self.provider.name, reason=reason)

    def rest(self) -> None:
        """Put the cache away and give its memory back; the model stays."""
        self._put_away()
        self._decoder.clear()
        self._owner = None
        give_back_freed()

    def close(self) -> None:
        """Put the cache away: the host ends."""
        self._put_away()

    def _allow(self, run: Run, thoughts: Thoughts, before: bool, max_tokens: int) -> bool:
        """Give thinking and answer their tokens each, as one or the other begins; return which it is."""
        if thoughts.thinking is not before:
            run.wanted = len(run.ids) + (_THOUGHT_TOKENS if thoughts.thinking else max_tokens)
        return thoughts.thinking

    def _turn_to(self, run: Run) -> None:
        """Make the cache the one of the conversation of ``run``, from its file where that holds more of the prompt."""
        if run.conversation != self._owner:
            self._put_away()
            self._kept = []
        if run.conversation is None or not self._shelf_bytes:
            return
        file = self._shelf.file(run.conversation, self._name)
        held = common_prefix(self._decoder.ids, run.ids)
        if common_prefix(snapshot.tokens(file), run.ids) < held + _LEAST:
            return
        started = time.perf_counter()
        if self.load_cache(str(file)):
            self._kept, self._owner = list(self._decoder.ids), run.conversation
            run.restore = time.perf_counter() - started
            run.restored = min(common_prefix(self._kept, run.ids), run.prompt - 1)
            self._shelf.touch(run.conversation, self._name)

    def _put_away(self) -> None:
        """Write the cache to the file of its conversation, unless that is up to date or not worth it."""
        ids = self._decoder.ids
        too_large = len(ids) * self._decoder.shape.token_bytes > self._shelf_bytes
        if self._owner is None or len(ids) < _LEAST or ids == self._kept or too_large or not self._shelf.has_room():
            return
        with contextlib.suppress(OSError):  # then the prompt is read again, as if there had been no file
            self.save_cache(str(self._shelf.file(self._owner, self._name)))
            self._kept = list(ids)
            self._shelf.trim(self._shelf_bytes)


def _piece(part: tuple[bool, str]) -> str | Thinking:
    is_thought, text = part
    return Thinking(text) if is_thought else text
