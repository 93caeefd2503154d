"""How a stored answer came about: what was found, what the model saw of it, and every step with its time."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Hit
from kotaemon_desktop.qt.workers import Lanes

Line = dict[str, Any]
"""A line of the stored trace: ``at`` in seconds since the question, ``event``, and the event's own fields."""


class Use(StrEnum):
    """What became of a passage that was found."""

    READ = "read"  # it went into the prompt
    KNOWN = "known"  # it stood in the prompt already, from an earlier question
    LEFT_OUT = "left out"  # it did not fit
    FOUND = "found"  # no model was asked


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage that was found, what became of it, and the tokens that it took."""

    hit: Hit
    use: Use
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """One answer. ``budget`` is None where no model was asked; ``spent`` are the tokens of its whole prompt."""

    turn_id: int
    trace: tuple[Line, ...]
    passages: tuple[Seen, ...]
    budget: int | None = None
    spent: int = 0
    turns: int = 0  # earlier questions that went in
    turns_left_out: int = 0


class DetailsModel(QObject):
    """Reads the trace of one turn at a time. GUI thread; the history is read in the browsing lane.

    Signals: ``changed(Details)``, ``saved(Path)``, ``failed(Exception)``.
    """

    changed = Signal(object)
    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine
        self._lanes = lanes
        self._details: Details | None = None

    @property
    def details(self) -> Details | None:
        """What was read last."""
        return self._details

    def show(self, turn_id: int) -> None:
        """Read a turn; ``changed`` follows."""
        self._lanes.call("browsing", partial(read, self._engine, turn_id), on_result=self._take)

    def save(self, file: Path) -> None:
        """Write the trace as JSON lines; ``saved`` or ``failed`` follows."""
        if self._details is not None:
            self._lanes.call(
                "browsing",
                partial(file.write_text, as_lines(self._details), encoding="utf-8"),
                on_result=lambda _count: self.saved.emit(file),
                on_error=self.failed.emit,
            )

    def _take(self, details: Details) -> None:
        self._details = details
        self.changed.emit(details)


def as_lines(details: Details) -> str:
    """Return the trace with one JSON object a line."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in details.trace)


def read(engine: Engine, turn_id: int) -> Details:
    """Read how a turn came about. Runs in the browsing lane."""
    trace = tuple(engine.history.trace(turn_id))
    hits = engine.history.hits(turn_id)
    packed = next((line for line in reversed(trace) if line["event"] == "Packed"), None)
    if packed is None:
        return Details(turn_id, trace, tuple(Seen(hit, Use.FOUND) for hit in hits))
    tokens: dict[int, int] = dict(packed["used"])
    done = next((line for line in trace if line["event"] == "Done"), None)
    counted = done["timings"].get("prompt_tokens") if done is not None else None
    return Details(
        turn_id,
        trace,
        tuple(_seen(hit, tokens, packed) for hit in hits),
        packed["budget"],
        int(counted) if counted else sum(tokens.values()),
        packed["turns"],
        packed["turns_left_out"],
    )


def _seen(hit: Hit, tokens: dict[int, int], packed: Line) -> Seen:
    if hit.passage.id in tokens:
        return Seen(hit, Use.READ, tokens[hit.passage.id])
    return Seen(hit, Use.KNOWN if hit.passage.id in packed.get("again", ()) else Use.LEFT_OUT)
