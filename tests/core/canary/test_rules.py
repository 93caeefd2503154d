"""The share, the rules and the comparison of a trial: arithmetic."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.canary.records import Ending, Outcome, Side, Trial, Way
from kotaemon_desktop.core.canary.report import report, wilson
from kotaemon_desktop.core.canary.rules import Rules, side_of

WAY = Way("large", "thorough")
TRIAL = Trial(1, Way("tiny"), WAY, 0.0)
GOOD = Outcome(Side.CANDIDATE, failed=False, answered=True)
FAILED = Outcome(Side.CANDIDATE, failed=True)
UP = Outcome(Side.CANDIDATE, failed=False, answered=True, thumb=1)
DOWN = Outcome(Side.CANDIDATE, failed=False, answered=True, thumb=-1)


def test_a_conversation_stays_on_its_side_and_the_share_is_kept() -> None:
    sides = [side_of(number, WAY, 0.3) for number in range(5000)]
    assert sides == [side_of(number, WAY, 0.3) for number in range(5000)]
    assert 0.27 < sides.count(Side.CANDIDATE) / 5000 < 0.33
    more = [side_of(number, WAY, 0.6) for number in range(5000)]
    assert all(later is Side.CANDIDATE for now, later in zip(sides, more, strict=True) if now is Side.CANDIDATE)
    assert sides != [side_of(number, Way("other"), 0.3) for number in range(5000)]
    assert {side_of(number, WAY, 0.0) for number in range(99)} == {Side.PROVEN}
    assert {side_of(number, WAY, 1.0) for number in range(99)} == {Side.CANDIDATE}


@pytest.mark.parametrize(
    ("outcomes", "found"),
    [
        ([FAILED, FAILED], None),
        ([FAILED, FAILED, FAILED], (Ending.ERRORS, 3)),
        ([FAILED, FAILED, GOOD, FAILED], None),
        ([GOOD, FAILED, FAILED, FAILED], (Ending.ERRORS, 3)),
        ([DOWN, GOOD, DOWN], (Ending.THUMBS, 2)),  # answers that nobody rated say nothing
        ([DOWN, UP, DOWN], None),
        ([DOWN, DOWN, UP], None),
        ([], None),
    ],
)
def test_a_streak_sends_everything_back(outcomes: list[Outcome], found: tuple[Ending, int] | None) -> None:
    assert Rules(errors=3, thumbs=2).judge(outcomes) == found


def test_both_sides_are_compared() -> None:
    outcomes = [
        Outcome(Side.PROVEN, False, True, 1.0, 0.5, 40.0, 2),
        Outcome(Side.PROVEN, False, True, 3.0, 0.7, 20.0, 1, thumb=1),
        Outcome(Side.PROVEN, False, False, 2.0, None, None, 0, thumb=-1),
        Outcome(Side.PROVEN, True),
        Outcome(Side.CANDIDATE, False, True, 9.0, 4.0, 5.0, 3, thumb=1),
    ]
    found = report(TRIAL, outcomes)
    proven = found.proven
    assert (proven.questions, proven.failed, proven.refused, proven.up, proven.down) == (4, 1, 1, 1, 1)
    assert (proven.seconds, proven.first_piece, proven.tokens_per_second) == (2.0, pytest.approx(0.6), 30.0)
    assert proven.citations == 1.5
    assert (found.candidate.questions, found.candidate.seconds, found.candidate.citations) == (1, 9.0, 3.0)
    assert not found.is_telling
    assert report(TRIAL, [*[outcomes[0]] * 20, *[outcomes[-1]] * 20]).is_telling
    nothing = report(TRIAL, []).proven
    assert (nothing.questions, nothing.seconds, nothing.citations, nothing.approval) == (0, None, None, None)


@pytest.mark.parametrize(
    ("up", "of", "low", "high"),
    # From the table of R's binom::binom.confint(…, methods = "wilson").
    [(8, 10, 0.4901625, 0.9433178), (0, 5, 0.0, 0.4344825), (15, 15, 0.7961107, 1.0)],
)
def test_the_interval_of_a_share_is_wilson_s(up: int, of: int, low: float, high: float) -> None:
    assert wilson(up, of) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))
