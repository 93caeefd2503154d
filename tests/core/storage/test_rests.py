"""Rests as the keeper's events tell them."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.events import ComponentChanged, Released
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.core.storage.rests import Rest, Rests

ABSENT, WAKING, READY, BUSY, IDLE, FAILED = (
    ComponentState[name] for name in ("ABSENT", "WAKING", "READY", "BUSY", "IDLE", "FAILED")
)


def hear(rests: Rests, *changes: tuple[ComponentState, float, str], component: str = "generator") -> None:
    before = ABSENT
    for after, at, cause in changes:
        rests.hear(ComponentChanged(component, before, after, at, cause))
        before = after


def test_a_rest_ends_when_it_is_needed_again() -> None:
    rests = Rests()
    hear(rests, (BUSY, 0, "request"), (IDLE, 5, "lease returned"), (BUSY, 65, "request"))
    rests.hear(Released("reader", 70, "idle", 1, 1))
    assert rests.take() == [Rest("generator", 5, 60, used_again=True, reloaded=False)]
    assert rests.take() == []


def test_a_rest_goes_on_after_the_timer_until_the_reload() -> None:
    rests = Rests()
    hear(rests, (IDLE, 5, ""), (ABSENT, 305, "idle"), (WAKING, 425, "request"), (READY, 430, ""), (BUSY, 430, ""))
    assert rests.take() == [Rest("generator", 5, 420, used_again=True, reloaded=True)]


@pytest.mark.parametrize("cause", ["user", "memory", "evicted", "locked", "resumed"])
def test_what_was_sent_away_tells_nothing_of_its_timer(cause: str) -> None:
    rests = Rests()
    hear(rests, (IDLE, 5, ""), (ABSENT, 50, cause), (WAKING, 60, "request"))
    rests.close(100)
    assert rests.take() == []


def test_a_crash_is_no_rest() -> None:
    rests = Rests()
    hear(rests, (IDLE, 5, ""), (FAILED, 50, "crash"), (WAKING, 60, "request"))
    assert rests.take() == []


def test_short_pauses_count_only_with_a_reload() -> None:
    rests = Rests()
    hear(rests, (IDLE, 0, ""), (BUSY, 3, ""), (IDLE, 4, ""), (ABSENT, 4, "idle"), (WAKING, 6, "request"))
    assert [(rest.seconds, rest.reloaded) for rest in rests.take()] == [(2, True)]


def test_what_rests_at_the_end_was_not_needed_again() -> None:
    rests = Rests()
    hear(rests, (IDLE, 0, ""), (ABSENT, 300, "idle"))
    hear(rests, (IDLE, 100, ""), component="retrieval")
    rests.close(1000)
    assert [(rest.component, rest.seconds, rest.used_again, rest.reloaded) for rest in rests.take()] == [
        ("generator", 1000, False, False),
        ("retrieval", 900, False, False),
    ]
