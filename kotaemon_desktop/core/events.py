"""What happens while a question is answered, a file is imported or a component changes: one stream for all readers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kotaemon_desktop.core.records import Citation, ComponentState, Hit

# --- answering -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Routed:
    """The way was chosen: ``documents``, ``small_talk`` or ``program``; ``why`` names the rule."""

    route: str
    why: str


@dataclass(frozen=True, slots=True)
class Waking:
    """A component has to start first; ``seconds`` is what that took before on this machine, if known."""

    component: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """All hosts of a component are taken; ``ahead`` requests come first."""

    component: str
    ahead: int


@dataclass(frozen=True, slots=True)
class Found:
    """The sources, best first. Shown before the generator is awake. ``note`` says what limits them, if anything."""

    hits: tuple[Hit, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Packed:
    """The context receipt: passages that went in with their tokens, those left out, and the budget, in tokens.

    Of the conversation the last ``turns`` questions and answers went in, and ``turns_left_out`` older ones did not fit.
    """

    used: tuple[tuple[int, int], ...]  # (passage id, tokens)
    left_out: tuple[int, ...]
    budget: int
    turns: int = 0
    turns_left_out: int = 0


@dataclass(frozen=True, slots=True)
class Degraded:
    """A better way failed or did not fit, and the answer goes on without it; ``error`` says what and why."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer's Markdown; the answer is all pieces joined."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """The answer's statements aligned with passages. ``answer`` is the final Markdown with its [n] marks."""

    answer: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...] = ()  # sentences of the answer that no passage supports


@dataclass(frozen=True, slots=True)
class Done:
    """The end of an answer. ``timings`` in seconds by step; ``answered`` is False when the documents do not hold it."""

    model: str  # model id, or "extractive", or "rules"
    answered: bool
    timings: dict[str, float] = field(default_factory=dict[str, float])
    turn_id: int | None = None


@dataclass(frozen=True, slots=True)
class AnswerFailed:
    """The end of an answer that could not be given; ``error`` is for people."""

    error: Exception


AnswerEvent = Routed | Waking | Waiting | Found | Packed | Degraded | Piece | Cited | Done | AnswerFailed

# --- importing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Queued:
    """The files of this import, folders already opened out."""

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """Page ``page`` of ``pages`` of a file was read (``pages`` is None where the format has none)."""

    path: str
    page: int
    pages: int | None


@dataclass(frozen=True, slots=True)
class Split:
    """A file was cut into ``passages`` passages."""

    path: str
    passages: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A document is committed: keyword search finds it from here."""

    path: str
    document_id: int
    passages: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """The same content is in the library already, as document ``document_id``."""

    path: str
    document_id: int


@dataclass(frozen=True, slots=True)
class Embedding:
    """Vectors: ``done`` of ``total`` passages of the whole import, passages a second, seconds left."""

    done: int
    total: int
    rate: float
    seconds_left: float | None
    document_id: int | None = None  # whose passages are under way, with its own counts
    document_done: int = 0
    document_total: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """A document has all its vectors."""

    document_id: int


@dataclass(frozen=True, slots=True)
class ImportFailed:
    """One file could not be imported; the file is untouched and the rest goes on."""

    path: str
    error: Exception


@dataclass(frozen=True, slots=True)
class ImportNote:
    """Something about the whole import that a person should know (no embedder, embedding stopped, ...)."""

    error: Exception


@dataclass(frozen=True, slots=True)
class Imported:
    """The end of an import."""

    documents: int
    passages: int
    failed: tuple[tuple[str, str], ...]  # (path, reason)
    skipped: int
    seconds: float


ImportEvent = (
    Queued | Reading | Split | Stored | Skipped | Embedding | Ready | ImportFailed | ImportNote | Imported | Waking
)

# --- residency -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ComponentChanged:
    """A component went from one state to another. ``cause`` is a word: request, idle, user, crash, quit, ..."""

    component: str
    before: ComponentState
    after: ComponentState
    at: float  # wall clock, seconds
    cause: str
    bytes: int = 0  # held before it went, or after it came
    seconds: float = 0.0  # how long the change took
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Loaded:
    """One more host of a component is ready after ``seconds``; it holds ``bytes``. ``cause``: request, typing, hours."""

    component: str
    at: float  # wall clock, seconds
    seconds: float
    bytes: int
    cause: str = "request"


@dataclass(frozen=True, slots=True)
class Released:
    """The proof of release: ``held`` bytes before, ``freed`` of them given back to the operating system."""

    component: str
    at: float
    cause: str
    held: int
    freed: int


ResidencyEvent = ComponentChanged | Loaded | Released


def as_dict(event: Any) -> dict[str, Any]:
    """Return ``event`` as plain JSON-ready data with its class name under ``event`` (the stored trace's line)."""
    from dataclasses import fields, is_dataclass

    def plain(value: Any) -> Any:
        if is_dataclass(value) and not isinstance(value, type):
            return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        if isinstance(value, (tuple, list)):
            return [plain(v) for v in value]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, dict):
            return {str(k): plain(v) for k, v in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(value, Exception):
            return str(value)
        return value

    return {"event": type(event).__name__, **plain(event)}
