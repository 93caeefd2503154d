"""What the monitor remembers: samples ever thinner with age, loads and unloads, and the speed of answers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeVar

import msgspec

from kotaemon_desktop.core.events import Loaded, Released
from kotaemon_desktop.core.records import Sample

T = TypeVar("T")

_MOST_MARKS = 500
_MOST_SPEEDS = 500


class Span(Enum):
    """How far back a plot reaches: ``seconds``, in steps of ``step`` seconds; one step is one point."""

    MINUTE = (60, 1)
    QUARTER = (15 * 60, 5)
    DAY = (24 * 3600, 180)

    @property
    def seconds(self) -> int:
        return self.value[0]

    @property
    def step(self) -> int:
        return self.value[1]


class Point(msgspec.Struct, frozen=True):
    """One step of a span: the mean of its samples, and the largest value of each field."""

    mean: Sample
    peak: Sample

    @property
    def at(self) -> float:
        """When it ended (wall clock, seconds)."""
        return self.peak.at


class Speed(msgspec.Struct, frozen=True):
    """How fast a language model wrote an answer."""

    at: float
    tokens_per_second: float


Mark = Loaded | Released


class Timeline:
    """Owns the past that plots show, in bounded memory (about 850 points); lives in the GUI thread.

    It is forgotten when the program ends: what counts for longer is in the usage tables.
    """

    def __init__(self) -> None:
        self._tiers = {span: _Tier(span) for span in Span}
        self._marks: deque[Mark] = deque(maxlen=_MOST_MARKS)
        self._speeds: deque[Speed] = deque(maxlen=_MOST_SPEEDS)

    def add(self, sample: Sample) -> None:
        """Take the newest sample into every span."""
        for tier in self._tiers.values():
            tier.add(sample)

    def add_mark(self, mark: Mark) -> None:
        """Remember that a component came or went."""
        self._marks.append(mark)

    def add_speed(self, speed: Speed) -> None:
        """Remember how fast an answer was written."""
        self._speeds.append(speed)

    def points(self, span: Span) -> list[Point]:
        """Return the points of ``span``, oldest first; the last one is still growing."""
        return self._tiers[span].points()

    def marks(self, since: float) -> list[Mark]:
        """Return what came and went after ``since``, oldest first."""
        return [mark for mark in self._marks if mark.at >= since]

    def speeds(self, since: float) -> list[Speed]:
        """Return the answers' speeds after ``since``, oldest first."""
        return [speed for speed in self._speeds if speed.at >= since]


class _Tier:
    """The samples of one span, thinned to its steps."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._closed: deque[Point] = deque(maxlen=span.seconds // span.step + 1)
        self._open: list[Sample] = []

    def add(self, sample: Sample) -> None:
        step = self._span.step
        if self._open and sample.at // step != self._open[-1].at // step:
            self._closed.append(_point(self._open))
            self._open.clear()
        self._open.append(sample)
        while self._closed and self._closed[0].at < sample.at - self._span.seconds - step:
            self._closed.popleft()

    def points(self) -> list[Point]:
        return [*self._closed, *([_point(self._open)] if self._open else [])]


def _point(samples: Sequence[Sample]) -> Point:
    """Return the mean and the peak of samples that follow each other."""
    if len(samples) == 1:
        return Point(samples[0], samples[0])
    return Point(_folded(samples, _mean), _folded(samples, max))


def _folded(samples: Sequence[Sample], fold: Callable[[Sequence[float]], float]) -> Sample:
    """Return a sample whose numbers are folded from those of ``samples``; its time is the last one's."""
    names = dict.fromkeys(name for sample in samples for name in sample.components)
    return Sample(
        at=samples[-1].at,
        components={name: round(fold([sample.components.get(name, 0) for sample in samples])) for name in names},
        program=round(fold([sample.program for sample in samples])),
        window=round(fold([sample.window for sample in samples])),
        cpu=fold([sample.cpu for sample in samples]),
        system_used=round(fold([sample.system_used for sample in samples])),
        system_available=round(fold([sample.system_available for sample in samples])),
        system_total=samples[-1].system_total,
        gpu_used=_folded_known([sample.gpu_used for sample in samples], fold, round),
        gpu_total=samples[-1].gpu_total,
        gpu_load=_folded_known([sample.gpu_load for sample in samples], fold, float),
    )


def _folded_known(
    values: Sequence[float | None], fold: Callable[[Sequence[float]], float], kind: Callable[[float], T]
) -> T | None:
    """Fold what is known of ``values``, None where nothing is."""
    known = [value for value in values if value is not None]
    return kind(fold(known)) if known else None


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
