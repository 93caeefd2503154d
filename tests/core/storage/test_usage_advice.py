"""Advice on timers: longer where reloads were avoidable, shorter where rests were long, else none."""

from __future__ import annotations

from kotaemon_desktop.core.storage.rests import Rest
from kotaemon_desktop.core.storage.usage_advice import advise
from kotaemon_desktop.core.storage.usage_report import GIGABYTE, Residency

GB = int(GIGABYTE)


def stay(size: int, waking_seconds: float) -> Residency:
    return Residency("generator:some model", 0.0, 1.0, size, waking_seconds)


def rests(*seconds: float, used_again: bool = True) -> list[Rest]:
    return [Rest("generator", 0.0, each, used_again, False) for each in seconds]


def test_a_longer_timer_where_it_comes_back_soon() -> None:
    advice = advise("generator", 300, rests(*[400] * 14), [stay(GB, 4.0)])
    assert advice is not None
    assert (advice.suggested, advice.reloads, advice.waiting_seconds) == (600, 14, 56)
    assert advice.byte_seconds == 14 * 100 * GB


def test_a_shorter_timer_where_it_rests_long() -> None:
    advice = advise("generator", 600, [*rests(*[15] * 20), *rests(*[7200] * 10)], [stay(4 * GB, 3.0)])
    assert advice is not None
    assert advice.suggested == 30
    assert advice.reloads == 0  # the long rests ended with a reload before, too
    assert advice.byte_seconds == -10 * 570 * 4 * GB


def test_a_small_component_may_stay_longer_than_a_large_one() -> None:
    pauses = rests(*[900] * 10)
    small, large = (advise("generator", 300, pauses, [stay(size, 4.0)]) for size in (GB // 8, 16 * GB))
    assert small is not None
    assert large is not None
    assert small.suggested == 1200
    assert large.suggested == 30


def test_a_timer_that_suits_is_said_to_suit() -> None:
    advice = advise("generator", 300, rests(*[100] * 10, *[250] * 10), [stay(GB // 2, 8.0)])
    assert advice is not None
    assert advice.suggested == advice.timer == 300
    assert advice.rests == 20


def test_few_rests_tell_nothing() -> None:
    assert advise("generator", 300, rests(400, 400, 400, 400), [stay(GB, 4.0)]) is None
    assert advise("reader", 300, rests(*[400] * 14), [stay(GB, 4.0)]) is None


def test_the_end_of_the_program_is_no_reload() -> None:
    advice = advise("generator", 300, rests(*[3000] * 10, used_again=False), [stay(GB, 30.0)])
    assert advice is not None
    assert advice.suggested == 30
    assert advice.reloads == 0
