"""What makes components stay or go besides their own timers, each trigger by itself and then through a keeper."""

from __future__ import annotations

from datetime import datetime

import pytest
from borrowing import echo, eventually

from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.residency.triggers import (
    Advice,
    Battery,
    FreeMemory,
    KeepWarmHours,
    Resume,
    ScreenLock,
    combined,
)
from kotaemon_desktop.core.settings import KeepWarm

FRIDAY = datetime(2026, 11, 20).astimezone()
ALL_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def at(clock, day: int, hour: int, minute: int = 0) -> None:
    """Set the wall clock to a time of November 2026; the 20th is a Friday."""
    clock.set_wall(FRIDAY.replace(day=day, hour=hour, minute=minute))


# --- each by itself ---------------------------------------------------------------------------------------------------


def test_little_free_memory_releases() -> None:
    available = [700]
    trigger = FreeMemory(lambda: 700, lambda: available[0])
    assert trigger.advise() == Advice()
    available[0] = 699
    assert trigger.advise() == Advice(release="memory")


def test_a_battery_shortens_timers_and_is_asked_every_half_minute(clock) -> None:
    asked: list[float] = []

    def on_battery() -> bool:
        asked.append(clock.now)
        return clock.now >= 1030

    trigger = Battery(clock, on_battery)
    assert trigger.advise() == Advice()
    clock.now += 29
    assert trigger.advise() == Advice()
    clock.now += 1
    assert trigger.advise() == Advice(factor=0.25, cause="battery")
    assert asked == [1000, 1030]


def test_a_locked_screen_releases() -> None:
    trigger = ScreenLock()
    assert trigger.advise() == Advice()
    trigger.locked = True
    assert trigger.advise() == Advice(release="locked")
    trigger.locked = False
    assert trigger.advise() == Advice()


def test_after_sleep_everything_goes_once(clock) -> None:
    resumed: list[float] = []
    trigger = Resume(clock, lambda: resumed.append(clock.now))
    for _ in range(5):
        clock.now += 1
        assert trigger.advise() == Advice()
    clock.apart += 3600  # the monotonic clock stands still while the machine sleeps
    assert trigger.advise() == Advice(release="resumed")
    clock.now += 1
    assert trigger.advise() == Advice()
    assert len(resumed) == 1


def test_sleep_is_noticed_where_both_clocks_go_on(clock) -> None:
    resumed: list[float] = []
    trigger = Resume(clock, lambda: resumed.append(clock.now))
    clock.now += 3600
    assert trigger.advise() == Advice(release="resumed")
    clock.now += 19  # a tick that is only late
    assert trigger.advise() == Advice()
    assert len(resumed) == 1


def test_a_wall_clock_that_is_set_back_is_no_sleep(clock) -> None:
    trigger = Resume(clock, lambda: pytest.fail("it has not slept"))
    clock.apart -= 3600
    assert trigger.advise() == Advice()


def hours(clock, *windows: KeepWarm) -> KeepWarmHours:
    return KeepWarmHours(clock, lambda: windows)


def test_without_keep_warm_hours_there_is_no_advice(clock) -> None:
    assert hours(clock).advise() == Advice()


@pytest.mark.parametrize(
    ("day", "hour", "minute", "warm"),
    [
        (20, 8, 59, False),
        (20, 9, 0, True),
        (20, 17, 59, True),
        (20, 18, 0, False),
        (21, 12, 0, False),
        (23, 12, 0, True),
    ],
)
def test_office_hours_are_warm_and_other_hours_short(clock, day, hour, minute, warm) -> None:
    trigger = hours(clock, KeepWarm(components=("retrieval",)))
    at(clock, day, hour, minute)
    expected = Advice(keep_warm=frozenset({"retrieval"})) if warm else Advice(factor=0.2, cause="idle")
    assert trigger.advise() == expected


@pytest.mark.parametrize(
    ("day", "hour", "warm"),
    [(20, 21, False), (20, 22, True), (21, 1, True), (21, 2, False), (21, 22, False), (22, 1, False)],
)
def test_a_window_past_midnight_belongs_to_the_day_it_begins(clock, day, hour, warm) -> None:
    trigger = hours(clock, KeepWarm(days=("fri",), begin="22:00", end="02:00"))
    at(clock, day, hour)
    assert bool(trigger.advise().keep_warm) is warm


def test_sunday_night_reaches_into_monday(clock) -> None:
    trigger = hours(clock, KeepWarm(days=("sun",), begin="22:00", end="02:00"))
    at(clock, 23, 1)
    assert trigger.advise().keep_warm


def test_several_windows_add_up(clock) -> None:
    trigger = hours(
        clock,
        KeepWarm(components=("retrieval",), days=ALL_WEEK, begin="08:00", end="12:00"),
        KeepWarm(components=("generator",), days=ALL_WEEK, begin="11:00", end="14:00"),
    )
    for hour, warm in [(9, {"retrieval"}), (11, {"retrieval", "generator"}), (13, {"generator"}), (15, set())]:
        at(clock, 20, hour)
        assert trigger.advise().keep_warm == warm


def test_the_strictest_advice_counts() -> None:
    warm = Advice(keep_warm=frozenset({"retrieval"}))
    short, shorter = Advice(factor=0.25, cause="battery"), Advice(factor=0.2, cause="idle")
    assert combined([]) == Advice()
    assert combined([warm, short, shorter]) == Advice("", 0.2, "idle", frozenset({"retrieval"}))
    assert combined([Advice(release="memory"), Advice(release="locked")]).release == "memory"


# --- through a keeper -------------------------------------------------------------------------------------------------


class Now:
    """A trigger whose advice tests set."""

    advice = Advice()

    def advise(self) -> Advice:
        return self.advice


@pytest.fixture
def now() -> Now:
    return Now()


def causes(events) -> list[tuple[str, str]]:
    return [(e.component, e.cause) for e in events if isinstance(e, Released)]


def test_a_release_sends_idle_ones_at_once_and_leaves_busy_and_pinned_ones(build, now, events) -> None:
    keeper = build(echo("idle"), echo("busy"), echo("pinned"), triggers=[now])
    keeper.pin("pinned", True)
    for name in ("idle", "pinned"):
        with keeper.lease(name):
            pass
    with keeper.lease("busy") as lease:
        now.advice = Advice(release="memory")
        keeper.tick()
        assert lease.call("echo", 1) == 1
        assert causes(events) == [("idle", "memory")]
    assert causes(events) == [("idle", "memory"), ("busy", "memory")]  # it does not even begin to rest
    assert keeper.status("pinned").state == "idle"


def test_a_factor_shortens_the_timer_and_the_countdown(build, now, clock, events) -> None:
    keeper = build(echo("echo"), triggers=[now])
    with keeper.lease("echo"):
        pass
    now.advice = Advice(factor=0.25, cause="battery")
    clock.now += 10
    keeper.tick()
    assert keeper.status("echo").idle_deadline == 5
    clock.now += 5
    keeper.tick()
    assert causes(events) == [("echo", "battery")]


def test_keep_warm_hours_wake_and_hold(build, now, clock) -> None:
    keeper = build(echo("echo"), triggers=[now])
    now.advice = Advice(keep_warm=frozenset({"echo"}))
    keeper.tick()
    eventually(lambda: keeper.status("echo").state == "idle")
    pids = keeper.status("echo").pids
    clock.now += 1e6
    keeper.tick()
    assert (keeper.status("echo").pids, keeper.status("echo").idle_deadline) == (pids, None)
    now.advice = Advice()
    keeper.tick()
    clock.now += 61
    keeper.tick()
    assert keeper.status("echo").state == "absent"


def test_what_is_unloaded_by_hand_stays_away_until_it_is_asked_for(build, now, history) -> None:
    keeper = build(echo("echo"), triggers=[now])
    now.advice = Advice(keep_warm=frozenset({"echo"}))
    with keeper.lease("echo"):
        pass
    keeper.unload("echo")
    for _ in range(3):
        keeper.tick()
    assert keeper.status("echo").state == "absent"
    with keeper.lease("echo"):
        pass
    keeper.tick()
    assert (keeper.status("echo").state, len(history.wakes)) == ("idle", 2)


def test_pressure_beats_keep_warm_hours_without_coming_and_going(build, now, history, events) -> None:
    keeper = build(echo("echo"), triggers=[now])
    with keeper.lease("echo"):
        pass
    now.advice = Advice(release="memory", keep_warm=frozenset({"echo"}))
    for _ in range(3):
        keeper.tick()
    assert causes(events) == [("echo", "memory")]
    assert len(history.wakes) == 1
