"""Lays the lines of a trace out in time: a step with a beginning and an end for each, and those that only timings know.

An event tells when it came. What it ended began with the one before it, as far as that one ended something itself; the
rest (a component that wakes, a host that is waited for) are moments within the next step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from kotaemon_desktop.core.records import TraceLine
from kotaemon_desktop.core.residency.names import GENERATOR

READ: Final = "Read"  # the model takes the prompt in
WRITTEN: Final = "Written"  # the model writes the answer

_ENDING: Final = frozenset({"Routed", "Found", "ToolCalled", "Packed", "Thought", "Cited"})


class Step(msgspec.Struct, frozen=True):
    """A part of an answer's time, in seconds since the question.

    ``name`` is the event that ended it, or :data:`READ` or :data:`WRITTEN`, which no event tells: then ``line`` is
    None. A moment has ``start == end``.
    """

    name: str
    start: float
    end: float
    line: TraceLine | None = None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.start


def timings(lines: Sequence[TraceLine]) -> Mapping[str, float]:
    """Return the timings of an answer as its end tells them; nothing where it did not come to its end."""
    none: dict[str, float] = {}
    return next((line["timings"] for line in reversed(lines) if line["event"] == "Done"), none)


def total(lines: Sequence[TraceLine]) -> float:
    """Return how long an answer took, in seconds."""
    return max(timings(lines).get("total", 0.0), max((line["at"] for line in lines), default=0.0))


def steps(lines: Sequence[TraceLine]) -> list[Step]:
    """Return the steps of an answer in the order in which they ended."""
    taken = timings(lines)
    by_model = "prefill" in taken
    found: list[Step] = []
    began = 0.0
    for number, line in enumerate(lines):
        name, at = str(line["event"]), max(began, line["at"])
        start = end = at
        if name == "Waking" and line["component"] == GENERATOR:
            end = at + taken.get("wake", 0.0)
        elif name == "ToolAsked":
            end = max(at, _consent_given(lines[number + 1 :], at))
        elif name == "Cited" and by_model:
            found.append(Step(WRITTEN, began, at))
        elif name in _ENDING:
            start = began
        found.append(Step(name, start, end, line))
        if name == "Packed" and by_model:
            end += taken.get("restore", 0.0) + taken["prefill"]
            found.append(Step(READ, at, end))
        if name in _ENDING or end > at:
            began = end
    return found


def _consent_given(after: Sequence[TraceLine], asked_at: float) -> float:
    """Return when a person has said whether a tool may be called: what comes ``after`` began then."""
    for line in after[:1]:
        return line["at"] - (line["seconds"] if line["event"] == "ToolCalled" else 0.0)
    return asked_at
