"""What the chat does off the GUI thread: reading conversations, and answering in one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent
from kotaemon_desktop.core.records import Turn
from kotaemon_desktop.core.scope import Scope

if TYPE_CHECKING:
    from kotaemon_desktop.core.pipeline.question import Approve


@dataclass(frozen=True, slots=True)
class Opened:
    """A conversation was begun for the first question."""

    conversation_id: int


@dataclass(slots=True)
class Kept:
    """How a question was stored: written by the answering lane before its job ends, read after that."""

    turn: Turn | None = None


def last_turns(engine: Engine) -> list[Turn]:
    """Read the conversation that was active last, of those that hold a question. Runs in the browsing lane."""
    last = next((each for each in engine.history.conversations() if each.title), None)
    return engine.history.turns(last.id) if last is not None else []


def branch(engine: Engine, conversation_id: int, turn_id: int | None) -> list[Turn]:
    """Read a conversation, in the branch of ``turn_id`` if there is one. Runs in the answering lane."""
    if turn_id is not None:
        engine.history.show(turn_id)
    return engine.history.turns(conversation_id)


def answer(
    engine: Engine,
    question: str,
    conversation_id: int | None,
    instead_of: int | None,
    scope: Scope,
    approve: Approve,
    kept: Kept,
) -> Iterator[AnswerEvent | Opened]:
    """Answer in the given conversation or a new one. Runs in the answering lane."""
    if conversation_id is None:
        conversation_id = engine.history.new_conversation()
        engine.history.set_scope(conversation_id, scope)
        yield Opened(conversation_id)
    before = engine.history.head(conversation_id)
    try:
        yield from engine.questions.answer(
            question, conversation_id=conversation_id, instead_of=instead_of, scope=scope, approve=approve
        )
    finally:
        if engine.history.head(conversation_id) != before:
            kept.turn = engine.history.turns(conversation_id)[-1]
