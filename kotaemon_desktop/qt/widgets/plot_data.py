"""What a plot shows, as numbers and words: layers over time, marks on the time axis, and the values at one moment."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from math import ceil, log10

import msgspec

from kotaemon_desktop.core.i18n import _

_GAP_STEPS = 3.5  # more than this between two points means that nobody looked: the line breaks


class Layer(msgspec.Struct, frozen=True):
    """One area of a stack, or the only one; ``colour`` is a name of the theme, ``values`` belong to the times."""

    name: str
    colour: str
    values: Sequence[float]


class Tick(msgspec.Struct, frozen=True):
    """Something that happened at ``at``: ``up`` points up, else down; ``words`` say what."""

    at: float
    up: bool
    words: str = ""


class PlotData(msgspec.Struct, frozen=True):
    """Layers from the bottom up over ``times`` (wall clock, seconds, ascending), as far back as ``seconds``.

    ``top`` is the value at the upper edge, ``words`` writes a value. ``peaks`` are the largest sums within each step,
    where a step is longer than a sample. With ``bars`` every time stands for itself and nothing lies between.
    """

    times: Sequence[float]
    layers: Sequence[Layer]
    until: float  # the right edge
    seconds: float
    step: float
    top: float
    words: Callable[[float], str]
    peaks: Sequence[float] = ()
    ticks: Sequence[Tick] = ()
    bars: bool = False

    def nearest(self, at: float) -> int | None:
        """Return the index of the point closest to ``at``, None where there is none."""
        if not self.times:
            return None
        right = min(bisect_left(self.times, at), len(self.times) - 1)
        left = max(0, right - 1)
        return left if at - self.times[left] < self.times[right] - at else right

    def runs(self) -> Iterator[range]:
        """Yield the stretches of points that belong together: a sleeping machine leaves a gap, not a slope."""
        begin = 0
        for index in range(1, len(self.times) + 1):
            if index == len(self.times) or self.times[index] - self.times[index - 1] > _GAP_STEPS * self.step:
                yield range(begin, index)
                begin = index

    def describe(self, index: int) -> str:
        """Return what there is at a point, a line each: the time, the values, and what happened within its step."""
        at = self.times[index]
        lines = [time.strftime("%H:%M:%S", time.localtime(at))]
        total = sum(layer.values[index] for layer in self.layers)
        if len(self.layers) > 1:
            parts = [(layer.name, layer.values[index]) for layer in reversed(self.layers) if layer.values[index]]
            lines += [f"{name}: {self.words(value)}" for name, value in parts]
            lines.append(_("together: {value}").format(value=self.words(total)))
        else:
            lines.append(self.words(total))
        if self.peaks and self.peaks[index] > total * 1.02:
            lines.append(_("at most: {value}").format(value=self.words(self.peaks[index])))
        near = max(self.step, self.seconds / 100)  # as wide as a mark is drawn
        lines += [f"{'▲' if tick.up else '▼'} {tick.words}" for tick in self.ticks if abs(tick.at - at) <= near]
        return "\n".join(lines)


def round_up(value: float) -> float:
    """Return the next number with one round digit that is not below ``value``: a scale that does not jump about."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (ceil(log10(value)) - 1)
    return next(power * step for step in (1, 2, 3, 4, 5, 6, 8, 10) if power * step >= value * 0.999999)
