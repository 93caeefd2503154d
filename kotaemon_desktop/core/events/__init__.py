"""What happens while a question is answered, a file is imported or a component changes: one stream for all readers."""

from __future__ import annotations

from typing import Any

import msgspec

from kotaemon_desktop.core.events.answers import (
    EXTRACTIVE,
    RULES,
    AnswerEvent,
    AnswerFailed,
    Chosen,
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
from kotaemon_desktop.core.events.imports import (
    Embedding,
    Imported,
    ImportEvent,
    ImportFailed,
    ImportNote,
    Moved,
    Queued,
    Reading,
    Ready,
    Recognised,
    Recognising,
    Skipped,
    Split,
    Stored,
)
from kotaemon_desktop.core.events.residency import ComponentChanged, Loaded, Released, ResidencyEvent

__all__ = [
    "EXTRACTIVE",
    "RULES",
    "AnswerEvent",
    "AnswerFailed",
    "Chosen",
    "Cited",
    "ComponentChanged",
    "Degraded",
    "Divided",
    "Done",
    "Embedding",
    "Found",
    "ImportEvent",
    "ImportFailed",
    "ImportNote",
    "Imported",
    "Loaded",
    "Moved",
    "Narrowed",
    "Packed",
    "Piece",
    "Queued",
    "Reading",
    "Ready",
    "Recognised",
    "Recognising",
    "Released",
    "ResidencyEvent",
    "Rewritten",
    "Routed",
    "Sent",
    "Skipped",
    "Split",
    "Stored",
    "Thinking",
    "Thought",
    "ToolAsked",
    "ToolCalled",
    "Waiting",
    "Waking",
    "as_dict",
]


def as_dict(event: msgspec.Struct) -> dict[str, Any]:
    """Return ``event`` as plain JSON-ready data with its class name under ``event`` (the stored trace's line)."""
    return {"event": type(event).__name__, **msgspec.to_builtins(event, enc_hook=str)}
