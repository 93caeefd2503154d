"""Compares what the answers of the two sides took, and says how sure that is. Arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from statistics import fmean, median
from typing import Final

import msgspec

from kotaemon_desktop.core.canary.records import Outcome, Side, Trial

TELLING: Final = 20  # questions on a side before its numbers say something
_Z: Final = 1.96  # of a normal distribution, 95 %


class SideReport(msgspec.Struct, frozen=True):
    """The answers of one side: medians in seconds and tokens a second, citations per answer; None: nothing to go by."""

    questions: int
    seconds: float | None
    first_piece: float | None
    tokens_per_second: float | None
    citations: float | None
    refused: int
    failed: int
    up: int
    down: int

    @property
    def is_telling(self) -> bool:
        """Whether there are enough questions to compare."""
        return self.questions >= TELLING

    @property
    def approval(self) -> tuple[float, float] | None:
        """The 95 % interval of the share of thumbs up; None while nobody has said anything."""
        return wilson(self.up, self.up + self.down) if self.up + self.down else None


class Report(msgspec.Struct, frozen=True):
    """A trial with both sides."""

    trial: Trial
    proven: SideReport
    candidate: SideReport

    @property
    def is_telling(self) -> bool:
        """Whether both sides have enough questions."""
        return self.proven.is_telling and self.candidate.is_telling


def report(trial: Trial, outcomes: Iterable[Outcome]) -> Report:
    """Return what is known of both sides."""
    known = list(outcomes)
    sides = (_side([each for each in known if each.side is side]) for side in (Side.PROVEN, Side.CANDIDATE))
    return Report(trial, *sides)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, from 0 to 1; Wilson, J. Am. Stat. Assoc. 22 (1927), 209."""
    share, spread = successes / trials, _Z * _Z / trials
    centre = (share + spread / 2) / (1 + spread)
    half = _Z / (1 + spread) * math.sqrt(share * (1 - share) / trials + spread / (4 * trials))
    return max(0.0, centre - half), min(1.0, centre + half)


def _side(outcomes: Sequence[Outcome]) -> SideReport:
    done = [each for each in outcomes if not each.failed]
    answers = [each for each in done if each.answered]
    return SideReport(
        questions=len(outcomes),
        seconds=_median(each.seconds for each in done),
        first_piece=_median(each.first_piece for each in done),
        tokens_per_second=_median(each.tokens_per_second for each in done),
        citations=fmean(each.citations for each in answers) if answers else None,
        refused=sum(not each.answered for each in done),
        failed=len(outcomes) - len(done),
        up=sum(each.thumb > 0 for each in outcomes),
        down=sum(each.thumb < 0 for each in outcomes),
    )


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
