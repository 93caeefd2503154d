"""How a stored answer came about: what was found, what the model saw of it, every step, and how another one differs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.records import Trace, TracedHit, TraceLine
from kotaemon_desktop.core.tracing.compare import compare
from kotaemon_desktop.core.tracing.timeline import Step, steps, timings
from kotaemon_desktop.core.tracing.wordless import without_words
from kotaemon_desktop.qt.workers import Lanes

_MOST_OTHERS = 20


class Use(StrEnum):
    """What became of a passage that was found."""

    READ = "read"  # it went into the prompt
    KNOWN = "known"  # it stood in the prompt already, from an earlier question
    LEFT_OUT = "left out"  # it did not fit
    FOUND = "found"  # no model was asked


@dataclass(frozen=True, slots=True)
class Seen:
    """A passage that was found, what became of it, and the tokens that it took."""

    hit: TracedHit
    use: Use
    tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """One answer. ``budget`` is None where no model was asked; ``spent`` are the tokens of its whole prompt.

    ``others`` are answers that it can be compared with.
    """

    trace: Trace
    steps: tuple[Step, ...]
    passages: tuple[Seen, ...]
    others: tuple[Trace, ...] = ()
    budget: int | None = None
    spent: int = 0
    turns: int = 0  # earlier questions that went in
    turns_left_out: int = 0


class DetailsModel(QObject):
    """Reads the trace of one turn at a time. GUI thread; the history is read in the browsing lane.

    Signals: ``changed(Details | None)``: None where the trace was not kept. ``compared(Comparison)``, ``saved(Path)``,
    ``failed(Exception)``.
    """

    changed = Signal(object)
    compared = Signal(object)
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
        self._lanes.call(
            "browsing", partial(read, self._engine, turn_id), on_result=self._take, on_error=self.failed.emit
        )

    def compare(self, other: Trace) -> None:
        """Compare the turn with another one, which stands on the left; ``compared`` follows."""
        if self._details is not None:
            work = partial(compare, other, self._details.trace)
            self._lanes.call("browsing", work, on_result=self.compared.emit, on_error=self.failed.emit)

    def save(self, file: Path) -> None:
        """Write the trace as JSON lines, or as OpenTelemetry spans where the name ends in json."""
        if self._details is not None:
            self._lanes.call(
                "browsing",
                partial(_save, self._details.trace, file),
                on_result=self.saved.emit,
                on_error=self.failed.emit,
            )

    def _take(self, details: Details | None) -> None:
        self._details = details
        self.changed.emit(details)


def _save(trace: Trace, file: Path) -> Path:
    """Write ``trace`` without words of the conversation. Runs in the browsing lane."""
    if file.suffix == ".json":
        from kotaemon_desktop.core.tracing import otlp

        text = otlp.document([trace])
    else:
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in map(without_words, trace.lines))
    file.write_text(text, encoding="utf-8")
    return file


def read(engine: Engine, turn_id: int) -> Details | None:
    """Read how a turn came about. Runs in the browsing lane."""
    trace = engine.traces.trace(turn_id)
    if trace is None:
        return None
    laid, others = tuple(steps(trace.lines)), tuple(engine.traces.like(turn_id, _MOST_OTHERS))
    packed = next((line for line in reversed(trace.lines) if line["event"] == "Packed"), None)
    if packed is None:
        return Details(trace, laid, tuple(Seen(hit, Use.FOUND) for hit in trace.hits), others)
    tokens: dict[int, int] = dict(packed["used"])
    return Details(
        trace,
        laid,
        tuple(_seen(hit, tokens, packed) for hit in trace.hits),
        others,
        packed["budget"],
        int(timings(trace.lines).get("prompt_tokens", 0)) or sum(tokens.values()),
        packed["turns"],
        packed["turns_left_out"],
    )


def _seen(hit: TracedHit, tokens: dict[int, int], packed: TraceLine) -> Seen:
    if hit.passage_id in tokens:
        return Seen(hit, Use.READ, tokens[hit.passage_id])
    return Seen(hit, Use.KNOWN if hit.passage_id in packed.get("again", ()) else Use.LEFT_OUT)
