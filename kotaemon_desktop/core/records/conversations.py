"""Conversations: their turns, how these came about, and how they sleep."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from kotaemon_desktop.core.records.passages import Citation, TracedHit


class Generated(msgspec.Struct, frozen=True):
    """How a model came to an answer, as far as later prompts and the window need to know.

    It saw the turns after the turn ``unseen`` (0: from the first on), those up to the turn ``bare`` without passages.
    """

    fresh: tuple[int, ...]  # passages that stood before this question
    again: tuple[int, ...]  # passages that were found for it and stood further up already
    unseen: int
    bare: int
    said: str = ""  # in its own words, before they were cited
    thought: str = ""
    thought_seconds: float = 0.0


class Turn(msgspec.Struct, frozen=True):
    """One question and its answer in a conversation.

    ``versions`` are the ids of the turns that answer the same place of the conversation, this one among them, in the
    order they were asked: a question that was changed or asked again stands beside its earlier versions.
    """

    id: int
    conversation_id: int
    question: str
    answer: str
    route: str
    model: str
    answered: bool
    asked_at: float
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()  # statements that no passage supports
    parent_id: int | None = None  # the turn before it
    versions: tuple[int, ...] = ()
    generated: Generated | None = None
    thumb: int = 0  # what a person thinks of it: 1, -1, or 0 for nothing


TraceLine = dict[str, Any]
"""A line of a trace: ``at`` in seconds since the question, ``event``, and its own fields without passages' text."""


class Trace(msgspec.Struct, frozen=True):
    """How the answer of a turn came about; ``hits`` are those that were found last, best first."""

    turn_id: int
    conversation_id: int
    question: str
    answer: str
    route: str
    model: str
    answered: bool
    asked_at: float
    lines: tuple[TraceLine, ...]
    hits: tuple[TracedHit, ...] = ()
    side: str = ""  # of a trial, where it took part in one: proven or candidate
    thumb: int = 0  # what a person thinks of it: 1, -1, or 0 for nothing


class ToolCall(msgspec.Struct, frozen=True):
    """A tool, what it would be sent and where: what a person is asked before its first use.

    ``place`` is a host, a database or a command line; ``leaves`` says that it is not on this machine. ``by_model``: a
    language model has chosen it, not a pattern of the tool.
    """

    tool: str  # its name in the settings
    title: str
    place: str
    arguments: dict[str, str]
    leaves: bool
    by_model: bool = False

    @property
    def permission(self) -> str:
        """What allows it for good: the tool and the place, so that another place is another permission."""
        return f"{self.tool}: {self.place}"

    @property
    def sent(self) -> str:
        """What is sent, in one line."""
        return ", ".join(f"{name} = {value}" for name, value in self.arguments.items())


class Consent(StrEnum):
    """What a person says to a tool call."""

    ONCE = "once"
    ALWAYS = "always"
    NO = "no"


class Conversation(msgspec.Struct, frozen=True):
    """A conversation as the list shows it."""

    id: int
    title: str
    created_at: float
    active_at: float
    pinned: bool = False


class Sleep(msgspec.Struct, frozen=True):
    """A conversation that its model does not hold in memory now.

    ``kept`` says that what was read is in a file; ``seconds`` is how long the next question waits for model and file,
    as this machine's own past has it, or None where that is not known.
    """

    kept: bool
    seconds: float | None


class Mention(msgspec.Struct, frozen=True):
    """Where something was said: a turn, or the title of a conversation (``turn_id`` is None)."""

    conversation_id: int
    title: str
    at: float  # wall clock, seconds
    turn_id: int | None = None
    question: str = ""
    answer: str = ""
