"""What happens while a question is answered."""

from __future__ import annotations

from typing import Final

import msgspec

from kotaemon_desktop.core.records import Citation, Hit, ToolCall
from kotaemon_desktop.core.scope import Scope

EXTRACTIVE: Final = "extractive"  # in the place of a model that answered: quotes, found without one
RULES: Final = "rules"


class Chosen(msgspec.Struct, frozen=True):
    """The pipeline that answers, and ``why`` this one."""

    pipeline: str
    why: str


class Routed(msgspec.Struct, frozen=True):
    """The way was chosen: ``documents``, ``small_talk`` or ``program``; ``why`` names the rule."""

    route: str
    why: str


class Narrowed(msgspec.Struct, frozen=True):
    """Only a part of the library is asked: the ``documents`` documents that ``scope`` means."""

    scope: Scope
    documents: int


class Rewritten(msgspec.Struct, frozen=True):
    """The question leans on the conversation: ``question`` is what is searched for in its place."""

    question: str


class Divided(msgspec.Struct, frozen=True):
    """There are several ``questions`` in the question; each is searched for by itself."""

    questions: tuple[str, ...]


class Waking(msgspec.Struct, frozen=True):
    """A component has to start first; ``seconds`` is what that took before on this machine, if known."""

    component: str
    seconds: float | None


class Waiting(msgspec.Struct, frozen=True):
    """All hosts of a component are taken; ``ahead`` requests come first."""

    component: str
    ahead: int


class Found(msgspec.Struct, frozen=True):
    """The sources, best first. Shown before the generator is awake. ``note`` says what limits them, if anything."""

    hits: tuple[Hit, ...]
    note: str = ""


class Packed(msgspec.Struct, frozen=True):
    """The context receipt: passages that went in with their tokens, those left out, and the budget, in tokens.

    Of the conversation the last ``turns`` questions and answers went in, and ``turns_left_out`` older ones did not fit:
    then ``seen_from`` is the id of the first one that did. ``again`` are passages that stood there already.
    """

    used: tuple[tuple[int, int], ...]  # (passage id, tokens)
    left_out: tuple[int, ...]
    budget: int
    turns: int = 0
    turns_left_out: int = 0
    again: tuple[int, ...] = ()
    seen_from: int | None = None


class Sent(msgspec.Struct, frozen=True):
    """The question went to another program at ``address``, with the text of ``passages`` passages."""

    address: str
    passages: int = 0


class ToolAsked(msgspec.Struct, frozen=True):
    """A tool would like to be called for the first time, and the answer waits for what a person says."""

    call: ToolCall


class ToolCalled(msgspec.Struct, frozen=True):
    """A tool has been asked at ``address`` and has ``found`` something, which is a source, or nothing."""

    call: ToolCall
    address: str
    found: bool
    seconds: float


class Degraded(msgspec.Struct, frozen=True):
    """A better way failed or did not fit, and the answer goes on without it; ``error`` says what and why."""

    error: Exception


class Piece(msgspec.Struct, frozen=True):
    """A piece of the answer's Markdown; the answer is all pieces joined."""

    text: str


class Thinking(msgspec.Struct, frozen=True):
    """A piece of what a reasoning model thinks before it answers: no part of the answer."""

    text: str


class Thought(msgspec.Struct, frozen=True):
    """The model has thought for ``seconds``: the end of the Thinking pieces."""

    seconds: float


class Cited(msgspec.Struct, frozen=True):
    """The answer's statements aligned with passages. ``answer`` is the final Markdown with its [n] marks."""

    answer: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...] = ()  # sentences of the answer that no passage supports


class Done(msgspec.Struct, frozen=True):
    """The end of an answer. ``timings`` in seconds by step; ``answered`` is False when the documents do not hold it.

    ``fell_back``: the model that was to write could not, and a smaller one or none has answered in its place.
    """

    model: str  # model id, or EXTRACTIVE, or RULES
    answered: bool
    timings: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    turn_id: int | None = None
    fell_back: bool = False


class AnswerFailed(msgspec.Struct, frozen=True):
    """The end of an answer that could not be given; ``error`` is for people."""

    error: Exception


AnswerEvent = (
    Chosen
    | Routed
    | Narrowed
    | Rewritten
    | Divided
    | Waking
    | Waiting
    | Found
    | ToolAsked
    | ToolCalled
    | Packed
    | Sent
    | Degraded
    | Thinking
    | Thought
    | Piece
    | Cited
    | Done
    | AnswerFailed
)
