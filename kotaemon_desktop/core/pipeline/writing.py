"""Has a language model write an answer: packs the prompt, follows the stream, goes on when the host dies."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kotaemon_desktop.core.answering import prompt
from kotaemon_desktop.core.errors import AnswerResumed, ComponentCrashed, ProviderLost, ThoughtTooLong
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Piece, Sent, Thinking, Thought, Waiting, Waking
from kotaemon_desktop.core.protocols import Clock, Lease, Lender
from kotaemon_desktop.core.records import (
    ComponentState,
    Generated,
    GenerationStats,
    GenerationWish,
    GeneratorFacts,
    Hit,
    Passage,
    ProviderChoice,
    Turn,
)
from kotaemon_desktop.core.residency.names import GENERATOR
from kotaemon_desktop.core.settings import Settings

_CONTEXT_SHARE = 0.75  # of the model's context for the prompt; the rest is for the answer
_THINKING_SHARE = 0.5  # the same for a model that thinks first


@dataclass(frozen=True, slots=True)
class Request:
    """A question, what was found for it and what was said before it."""

    question: str
    hits: Sequence[Hit]
    turns: Sequence[Turn] = ()
    conversation: int | None = None


@dataclass(slots=True)
class Written:
    """An answer as far as it has come, what it can rest on, and what it took (``timings``: seconds, and counts)."""

    said: str = ""
    thought: str = ""
    thought_seconds: float = 0.0
    passages: tuple[Passage, ...] = ()
    window: Generated | None = None
    timings: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def generated(self) -> Generated | None:
        """What is kept of it for later prompts; None while nothing was said."""
        if self.window is None or not self.said:
            return None
        return msgspec.structs.replace(
            self.window, said=self.said, thought=self.thought, thought_seconds=self.thought_seconds
        )


class Writing:
    """Lends the generator for one answer after the other; lives in the answering lane."""

    def __init__(
        self,
        keeper: Lender,
        clock: Clock,
        settings: Callable[[], Settings],
        passages: Callable[[Sequence[int]], list[Passage]],
        note_provider: Callable[[ProviderChoice], None],
        note_crash: Callable[[], None],
    ) -> None:
        """``passages`` looks up those among some ids that are still in the library.

        ``note_provider`` is told what the model really runs on, ``note_crash`` that its host has died.
        """
        self._note_provider = note_provider
        self._note_crash = note_crash
        self._keeper = keeper
        self._clock = clock
        self._settings = settings
        self._passages = passages
        self.in_memory: int | None = None
        """The conversation whose cache the generator host has, if it is awake and has one."""

    def write(self, request: Request, written: Written) -> Iterator[AnswerEvent]:
        """Yield the events up to the last piece of the answer and keep ``written`` up to date.

        A host that dies is replaced once, and the answer goes on where it was. Raises ComponentError, ModelError.
        """
        self.in_memory = request.conversation
        try:
            yield from self._in_a_host(request, written)
        except ComponentCrashed as error:
            self._note_crash()
            yield Degraded(AnswerResumed(**error.facts))
            yield from self._in_a_host(request, written)
        if not written.said.strip() and written.thought:
            raise ThoughtTooLong(component=GENERATOR)

    def _in_a_host(self, request: Request, written: Written) -> Iterator[AnswerEvent]:
        asked = self._clock.monotonic()
        status = self._keeper.status(GENERATOR)
        asleep = status.state in {ComponentState.ABSENT, ComponentState.FAILED}
        if status.state is ComponentState.BUSY:
            yield Waiting(GENERATOR, status.waiting + 1)
        elif asleep:
            yield Waking(GENERATOR, status.expected_wake)
        with self._keeper.lease(GENERATOR) as lease:
            if asleep:
                written.timings["wake"] = self._clock.monotonic() - asked
            yield from self._answer(request, written, lease)

    def _answer(self, request: Request, written: Written, lease: Lease) -> Iterator[AnswerEvent]:
        settings = self._settings().answering
        facts: GeneratorFacts = lease.call("about")
        self._note_provider(facts.provider)
        share = _THINKING_SHARE if facts.thinks or settings.thinking else _CONTEXT_SHARE
        past = list(prompt.conversation(request.turns, self._passages))

        def count_tokens(texts: Sequence[str]) -> Sequence[int]:
            return lease.call("count_tokens", list(texts))

        packed = prompt.pack(request.question, request.hits, int(facts.context * share), count_tokens, past)
        written.passages, written.window = packed.passages, packed.generated
        yield packed.receipt
        if facts.address:
            yield Sent(facts.address, len(packed.passages))
        wish = GenerationWish(
            max_tokens=settings.max_tokens,
            temperature=settings.temperature,
            conversation=request.conversation,
            begun=written.said,
            thinking=settings.thinking,
        )
        with closing(_generator(lease.stream("answer", list(packed.messages), wish))) as parts:
            for event in self._follow(parts, written):
                yield event
                if isinstance(event, Degraded):
                    self._note_provider(lease.call("about").provider)

    def _follow(self, parts: Iterator[Any], written: Written) -> Iterator[AnswerEvent]:
        """Yield what the host tells as events; thinking ends with the first piece of the answer or with the stream."""
        began: float | None = None
        for part in parts:
            if isinstance(part, Thinking):
                began = self._clock.monotonic() if began is None else began
                written.thought += part.text
                yield part
                continue
            if isinstance(part, ProviderLost):
                yield Degraded(part)
                continue
            if began is not None and (part or isinstance(part, GenerationStats)):
                written.thought_seconds = self._clock.monotonic() - began
                began = None
                yield Thought(written.thought_seconds)
            if isinstance(part, GenerationStats):
                written.timings |= _timings(part)
            else:
                written.said += part
                yield Piece(part)


def _timings(stats: GenerationStats) -> dict[str, float]:
    return {
        "prefill": stats.prefill_seconds,
        "decode": stats.decode_seconds,
        "restore": stats.restore_seconds,
        "prompt_tokens": float(stats.prompt_tokens),
        "reused_tokens": float(stats.reused_tokens),
        "restored_tokens": float(stats.restored_tokens),
        "tokens": float(stats.generated_tokens),
        "drafted_tokens": float(stats.drafted_tokens),
        "accepted_tokens": float(stats.accepted_tokens),
    }


def _generator(items: Iterator[Any]) -> Generator[Any]:
    yield from items
