"""A question and its answer as the chat shows them, and the lines of text that say where the answer stands."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kotaemon_desktop.core.events import (
    EXTRACTIVE,
    RULES,
    AnswerEvent,
    AnswerFailed,
    Cited,
    Degraded,
    Divided,
    Done,
    Found,
    Narrowed,
    Packed,
    Piece,
    Rewritten,
    Routed,
    Sent,
    Thinking,
    Thought,
    ToolAsked,
    ToolCalled,
    Waiting,
    Waking,
)
from kotaemon_desktop.core.i18n import N_, _, count, place
from kotaemon_desktop.core.models.remote import leaves, leaves_with
from kotaemon_desktop.core.records import Citation, Hit, Strength, ToolCall, Turn
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.qt.viewmodels.scope_words import scope_words

_COMPONENTS = {
    "retrieval": N_("Waking the index"),
    "generator": N_("Waking the language model"),
    "reader": N_("Waking the file reader"),
    "builder": N_("Preparing the embedder, once"),
    "embedder": N_("Waking the embedder"),
    "tools": N_("Waking the tools"),
}


class Phase(StrEnum):
    """Where an exchange stands."""

    WORKING = "working"  # nothing to read yet
    ANSWERING = "answering"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question and what is known of its answer. ``number`` counts up in a session; late events carry an old one."""

    number: int
    question: str
    phase: Phase = Phase.WORKING
    step: AnswerEvent | None = None  # the last thing that was begun, for the status line
    answer: str = ""  # Markdown, as far as it has come
    cited: bool = False  # the answer has its final [n] marks
    citations: tuple[Citation, ...] = ()
    unsupported: tuple[str, ...] = ()  # statements that no passage supports
    hits: tuple[Hit, ...] = ()
    note: str = ""  # what limits the sources
    searched: str = ""  # what was searched for, where the question by itself says too little
    model: str = ""
    answered: bool = True
    seconds: float | None = None
    timings: Mapping[str, float] = field(default_factory=dict[str, float])  # as ``Done`` has them
    thought: str = ""  # what the model thought before it answered
    thought_seconds: float | None = None  # None while it thinks
    first_seen: bool = False  # the model sees the conversation from here on
    asking: ToolCall | None = None  # the tool that waits for consent
    error: Exception | None = None  # why it failed, or why a lesser way was taken
    sent: str = ""  # where the question went, if another program had a part in it
    turn_id: int | None = None  # as it is stored, once it is
    scope: Scope = ALL  # the documents that were asked, as far as it is known
    versions: tuple[int, ...] = ()  # the turns at this place of the conversation, this one among them
    thumb: int = 0  # what a person thinks of it: 1, -1, or 0 for nothing

    @property
    def running(self) -> bool:
        return self.phase in {Phase.WORKING, Phase.ANSWERING}

    @classmethod
    def of_turn(cls, number: int, turn: Turn) -> Exchange:
        """Return a stored turn as an exchange; one without an answer had been stopped or had failed."""
        return cls(
            number,
            turn.question,
            phase=Phase.DONE if turn.answer else Phase.STOPPED,
            answer=turn.answer,
            cited=True,
            citations=turn.citations,
            unsupported=turn.unsupported,
            model=turn.model,
            answered=turn.answered,
            thought=turn.generated.thought if turn.generated else "",
            thought_seconds=turn.generated.thought_seconds if turn.generated else None,
            turn_id=turn.id,
            versions=turn.versions,
            thumb=turn.thumb,
        )

    def after(self, event: AnswerEvent) -> Exchange:
        """Return the exchange as it is once ``event`` has happened."""
        match event:
            case Piece():
                return dataclasses.replace(self, phase=Phase.ANSWERING, answer=self.answer + event.text)
            case Thinking():
                return dataclasses.replace(self, step=event, thought=self.thought + event.text)
            case Thought():
                return dataclasses.replace(self, thought_seconds=event.seconds)
            case Found():
                return dataclasses.replace(self, step=event, hits=event.hits, note=event.note)
            case Cited():
                return dataclasses.replace(
                    self,
                    answer=event.answer,
                    cited=True,
                    citations=event.citations,
                    unsupported=event.unsupported,
                )
            case Packed():  # where it sees earlier ones, the border stands there
                return dataclasses.replace(self, step=event, first_seen=event.turns_left_out > 0 and not event.turns)
            case Done():
                return dataclasses.replace(
                    self,
                    phase=Phase.DONE,
                    model=event.model,
                    answered=event.answered,
                    seconds=event.timings.get("total"),
                    timings=event.timings,
                )
            case Narrowed(scope):
                return dataclasses.replace(self, step=event, scope=scope)
            case Degraded() | AnswerFailed():
                phase = Phase.FAILED if isinstance(event, AnswerFailed) else self.phase
                return dataclasses.replace(self, phase=phase, error=event.error)
            case _:
                searched = event.question if isinstance(event, Rewritten) else self.searched
                asking = event.call if isinstance(event, ToolAsked) else None
                # What has left once has left, whoever on this machine is asked after that.
                sent = event.address if isinstance(event, Sent) and not leaves(self.sent) else self.sent
                return dataclasses.replace(self, step=event, searched=searched, asking=asking, sent=sent)

    def citation(self, number: int) -> Citation | None:
        """Return the citation that the answer marks [``number``], if there is one."""
        return next((citation for citation in self.citations if citation.number == number), None)

    @property
    def version(self) -> int:
        """Which of its versions this is, counted from 1."""
        return self.versions.index(self.turn_id) + 1 if self.turn_id in self.versions else 1

    def strength(self, citation: Citation) -> Strength | None:
        """Return how strong the passage behind ``citation`` was found, if that is still known."""
        return next((hit.strength for hit in self.hits if hit.passage.id == citation.passage_id), None)


def status_line(exchange: Exchange) -> str:
    """Return the one line that says what is being done now."""
    match exchange.step:
        case Waking(component, seconds):
            doing = _(_COMPONENTS.get(component, N_("Waking a component")))
            return _("{doing} · about {n} s").format(doing=doing, n=max(1, round(seconds))) if seconds else doing
        case Waiting(_, ahead):
            return count(ahead, N_("Waiting: {n} question comes first"), N_("Waiting: {n} questions come first"))
        case Found(hits):
            return count(len(hits), N_("Found {n} passage"), N_("Found {n} passages"))
        case Packed(used):
            return count(len(used), N_("Reading {n} passage"), N_("Reading {n} passages"))
        case Thinking():
            return _("Thinking")
        case Rewritten(question):
            return _("Searching for “{question}”").format(question=question)
        case Divided(questions):
            return count(len(questions), N_("Searching for {n} question"), N_("Searching for {n} questions"))
        case Narrowed(scope, documents):
            number = count(documents, N_("{n} document"), N_("{n} documents"))
            return _("Searching {scope}: {documents}").format(scope=scope_words(scope), documents=number)
        case Routed("documents"):
            return _("Searching your documents")
        case step:
            return _line_of_a_tool(step) or _("Looking at the question")


def _line_of_a_tool(step: AnswerEvent | None) -> str:
    match step:
        case ToolAsked():
            return _("Waiting for your permission")
        case Sent(address):
            return _("Asking {place}").format(place=address)
        case ToolCalled(call):
            return _("“{tool}” has answered").format(tool=call.title)
        case _:
            return ""


def footer(exchange: Exchange) -> str:
    """Return the line below a finished answer: who answered, in what time, and what to mind."""
    if exchange.phase is Phase.STOPPED:
        return _("Stopped. What had come by then is kept.") if exchange.answer else _("Stopped before an answer came.")
    if not exchange.answered:
        parts = [_("Not in {scope}").format(scope=scope_words(exchange.scope))] if exchange.scope else []
        parts = parts or [_("Not in your documents")]
    elif exchange.model == EXTRACTIVE:
        looked_up = any(citation.document_id < 0 for citation in exchange.citations)
        words = N_("Quoted from your documents (no language model)")
        parts = [_(N_("Quoted from documents and tools (no language model)") if looked_up else words)]
    else:
        parts = [] if exchange.model in {"", RULES} else [exchange.model]
    if leaves(exchange.sent) or leaves_with(exchange.model) or any(map(_is_from_elsewhere, exchange.citations)):
        parts.append(_("left this machine"))
    if exchange.searched:
        parts.append(_("Searched for “{question}”").format(question=exchange.searched))
    if exchange.scope and exchange.answered:
        parts.append(_("only {scope}").format(scope=scope_words(exchange.scope)))
    if exchange.seconds is not None:
        parts.append(_("{n} s").format(n=f"{max(0.1, exchange.seconds):.1f}"))
    if "wake" in exchange.timings:  # the first answer after a sleep says what it waited for
        parts.extend(_waited_for(exchange.timings))
    if exchange.unsupported:
        parts.append(
            count(
                len(exchange.unsupported), N_("{n} statement without a source"), N_("{n} statements without a source")
            )
        )
    return " · ".join(parts)


def _is_from_elsewhere(citation: Citation) -> bool:
    """Tell whether a tool has brought this from another machine: its address has a host then."""
    host = citation.document.partition("://")[2].partition("/")[0]
    return citation.document_id < 0 and leaves(host)


def _waited_for(timings: Mapping[str, float]) -> list[str]:
    """Return where the time before and in an answer went, in few words."""
    steps = (
        ("wake", N_("woke {n} s")),
        ("prefill", N_("read {n} s")),
        ("first_piece", N_("first word {n} s")),
    )
    parts = [_(words).format(n=f"{timings[name]:.1f}") for name, words in steps if name in timings]
    return parts + [part for part in [_speed(timings)] if part]


def _speed(timings: Mapping[str, float]) -> str:
    if not timings.get("decode") or not timings.get("tokens"):
        return ""
    return _("{n} tokens/s").format(n=f"{timings['tokens'] / timings['decode']:.0f}")


def time_split(timings: Mapping[str, float]) -> list[str]:
    """Return where the time of a generated answer went, a part for each step that there was."""
    parts: list[str] = []
    if "wake" in timings:
        parts.append(_("woke in {n} s").format(n=f"{timings['wake']:.1f}"))
    if timings.get("restored_tokens"):
        count_, seconds = timings["restored_tokens"], timings["restore"]
        parts.append(_("remembered {count} tokens in {n} s").format(count=f"{count_:,.0f}", n=f"{seconds:.1f}"))
    if "prefill" in timings:
        read = timings["prompt_tokens"] - timings["reused_tokens"]
        parts.append(_("read {count} tokens in {n} s").format(count=f"{read:,.0f}", n=f"{timings['prefill']:.1f}"))
    if "first_piece" in timings and "prefill" in timings:
        parts.append(_("first word after {n} s").format(n=f"{timings['first_piece']:.1f}"))
    if speed := _speed(timings):
        parts.append(speed)
    if timings.get("drafted_tokens"):
        facts = {name: f"{timings[f'{name}_tokens']:,.0f}" for name in ("accepted", "drafted")}
        parts.append(_("{accepted} of {drafted} guessed tokens were right").format(**facts))
    return parts


def first_seen(turns: Sequence[Turn]) -> int | None:
    """Return the id of the turn from which on the model has seen the conversation, None if it has seen all of it."""
    last = next((turn.generated for turn in reversed(turns) if turn.generated), None)
    if last is None or not last.unseen:
        return None
    return next((turn.id for turn in turns if turn.id > last.unseen), None)


def as_markdown(exchange: Exchange) -> str:
    """Return the answer as Markdown with its sources as a numbered list below."""
    if not exchange.citations:
        return exchange.answer
    sources = (
        f"{c.number}. {place(c.name, c.page, c.recognised)}: “{' '.join(c.quote.split())}”" for c in exchange.citations
    )
    return "\n".join([exchange.answer.rstrip(), "", _("Sources:"), "", *sources])
