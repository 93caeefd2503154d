"""What is known of one question while it is being answered: the record that all steps share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from kotaemon_desktop.core.events import RULES, AnswerEvent, Cited, Found, Piece, Rewritten, Routed, Thinking, as_dict
from kotaemon_desktop.core.pipeline.writing import Request, Written
from kotaemon_desktop.core.records import TOOL, Consent, Hit, ToolCall, Turn
from kotaemon_desktop.core.retrieval.search import Candidates, Query
from kotaemon_desktop.core.scope import ALL, Scope

Approve = Callable[[ToolCall], Consent]
"""Asks a person whether a tool may be called. It may wait for the answer; the answering lane waits with it."""


def never(_call: ToolCall) -> Consent:
    """Say no: nobody is there to be asked."""
    return Consent.NO


@dataclass(frozen=True, slots=True)
class Part:
    """What was searched for, and what was found for it: the whole question, or one of the questions in it."""

    query: Query
    candidates: Candidates


@dataclass
class Question:
    """A question on its way through a pipeline; lives in the answering lane.

    ``text`` is the question without the filters that were ``typed`` with it; ``asked`` is what is searched for, which
    a conversation may have completed, and ``divided`` the questions in it, where there are several. What an event
    tells is taken from it by :meth:`note`; a step writes only what no event holds.
    """

    typed: str
    text: str
    started: float
    scope: Scope = ALL
    turns: Sequence[Turn] = ()  # of the conversation, before this question
    conversation_id: int | None = None
    instead_of: int | None = None
    wish: str | None = None  # the model that was asked for
    top: int = 8  # passages that are shown as sources
    step: str = ""  # that is at work
    route: str = ""
    model: str = RULES
    asked: str = ""
    divided: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    within: Sequence[int] | None = None  # ids of the documents that the scope means; None: all
    hits: tuple[Hit, ...] = ()
    request: Request | None = None  # what a model is given
    written: Written = field(default_factory=Written)
    answer: str = ""
    cited: Cited | None = None
    answered: bool = True
    fell_back: bool = False  # from the model that was to write
    approve: Approve = never
    consent_seconds: float = 0.0  # that a person has taken to say whether tools may be called
    timings: dict[str, float] = field(default_factory=dict[str, float])
    trace: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def __post_init__(self) -> None:
        self.asked = self.asked or self.text

    @property
    def looked_up(self) -> tuple[Hit, ...]:
        """Those of the hits that tools gave: no search finds them again."""
        return tuple(hit for hit in self.hits if hit.passage.kind == TOOL)

    @property
    def note_of_search(self) -> str:
        """What limits the passages that were found."""
        notes = dict.fromkeys(part.candidates.note for part in self.parts if part.candidates.note)
        return " ".join(notes)

    def note(self, event: AnswerEvent, now: float) -> None:
        """Put ``event`` in the trace and keep what the later steps and the history need of it."""
        if not isinstance(event, Piece | Thinking):  # what is kept already; the pieces would be most of the trace
            self.trace.append({"at": round(now - self.started, 4), "step": self.step, **as_dict(event)})
        if isinstance(event, Routed):
            self.route = event.route
        elif isinstance(event, Rewritten):
            self.asked = event.question
        elif isinstance(event, Found):
            self.hits = event.hits
            self.timings["retrieve"] = now - self.started - self.consent_seconds
        elif isinstance(event, Piece):
            self.answer += event.text
            if event.text:  # an empty one only says that the prompt is being read
                self.timings.setdefault("first_piece", now - self.started)
        elif isinstance(event, Cited):
            self.cited = event
