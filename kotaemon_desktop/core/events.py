"""What happens while a question is answered, a file is imported or a component changes: one stream for all readers."""

from __future__ import annotations

from typing import Any

import msgspec

from kotaemon_desktop.core.records import Citation, ComponentState, Hit, ToolCall
from kotaemon_desktop.core.scope import Scope

# --- answering -----------------------------------------------------------------------------------------------------


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
    """The end of an answer. ``timings`` in seconds by step; ``answered`` is False when the documents do not hold it."""

    model: str  # model id, or "extractive", or "rules"
    answered: bool
    timings: dict[str, float] = msgspec.field(default_factory=dict[str, float])
    turn_id: int | None = None


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

# --- importing -----------------------------------------------------------------------------------------------------


class Queued(msgspec.Struct, frozen=True):
    """The files of this import, folders already opened out."""

    paths: tuple[str, ...]


class Reading(msgspec.Struct, frozen=True):
    """Page ``page`` of ``pages`` of a file was read (``pages`` is None where the format has none)."""

    path: str
    page: int
    pages: int | None


class Split(msgspec.Struct, frozen=True):
    """A file was cut into ``passages`` passages."""

    path: str
    passages: int


class Stored(msgspec.Struct, frozen=True):
    """A document is committed: keyword search finds it from here."""

    path: str
    document_id: int
    passages: int


class Skipped(msgspec.Struct, frozen=True):
    """The same content is in the library already, as document ``document_id``."""

    path: str
    document_id: int


class Moved(msgspec.Struct, frozen=True):
    """The file of document ``document_id`` is at ``path`` now, no longer at ``before``; nothing was read again."""

    path: str
    document_id: int
    before: str


class Embedding(msgspec.Struct, frozen=True):
    """Vectors: ``done`` of ``total`` passages of the whole import, passages a second, seconds left."""

    done: int
    total: int
    rate: float
    seconds_left: float | None
    document_id: int | None = None  # whose passages are under way, with its own counts
    document_done: int = 0
    document_total: int = 0


class Recognising(msgspec.Struct, frozen=True):
    """Text recognition has read ``page`` of a document: ``done`` of ``total`` in all, pages a second, seconds left.

    ``document_done`` and ``document_total`` count the scanned pages of this document. The page can be found from here.
    """

    path: str
    page: int
    done: int
    total: int
    rate: float
    seconds_left: float
    document_id: int
    document_done: int
    document_total: int


class Recognised(msgspec.Struct, frozen=True):
    """Text recognition is through with a document: ``pages`` have text now, in ``passages`` passages."""

    path: str
    document_id: int
    pages: int
    passages: int


class Ready(msgspec.Struct, frozen=True):
    """A document has all its vectors."""

    document_id: int


class ImportFailed(msgspec.Struct, frozen=True):
    """One file could not be imported; the file is untouched and the rest goes on."""

    path: str
    error: Exception


class ImportNote(msgspec.Struct, frozen=True):
    """Something about the whole import that a person should know (no embedder, embedding stopped, ...)."""

    error: Exception


class Imported(msgspec.Struct, frozen=True):
    """The end of an import."""

    documents: int
    passages: int
    failed: tuple[tuple[str, str], ...]  # (path, reason)
    skipped: int
    seconds: float
    recognised: int = 0  # pages that text recognition read


ImportEvent = (
    Queued
    | Reading
    | Split
    | Stored
    | Skipped
    | Moved
    | Recognising
    | Recognised
    | Embedding
    | Ready
    | ImportFailed
    | ImportNote
    | Imported
    | Waking
)

# --- residency -----------------------------------------------------------------------------------------------------


class ComponentChanged(msgspec.Struct, frozen=True):
    """A component went from one state to another. ``cause`` is a word: request, idle, user, crash, quit, ..."""

    component: str
    before: ComponentState
    after: ComponentState
    at: float  # wall clock, seconds
    cause: str
    bytes: int = 0  # held before it went, or after it came
    seconds: float = 0.0  # how long the change took
    detail: str = ""


class Loaded(msgspec.Struct, frozen=True):
    """A host more of a component is ready after ``seconds`` and holds ``bytes``. ``cause``: request, typing, hours."""

    component: str
    at: float  # wall clock, seconds
    seconds: float
    bytes: int
    cause: str = "request"


class Released(msgspec.Struct, frozen=True):
    """The proof of release: ``held`` bytes before, ``freed`` of them given back to the operating system."""

    component: str
    at: float
    cause: str
    held: int
    freed: int


ResidencyEvent = ComponentChanged | Loaded | Released


def as_dict(event: msgspec.Struct) -> dict[str, Any]:
    """Return ``event`` as plain JSON-ready data with its class name under ``event`` (the stored trace's line)."""
    return {"event": type(event).__name__, **msgspec.to_builtins(event, enc_hook=str)}
