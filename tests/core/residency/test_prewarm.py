"""Waking ahead of need, pinning, unloading all, and closing in the middle of things."""

from __future__ import annotations

import multiprocessing
import threading

import pytest
from borrowing import MEGABYTE, echo, eventually

from kotaemon_desktop.core.errors import ComponentCrashed, WakeFailed
from kotaemon_desktop.core.residency import keeper as keeper_module
from kotaemon_desktop.core.residency.budget import Budget
from kotaemon_desktop.core.residency.component import ComponentSpec

GIGABYTE = 1 << 30


def prewarming() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("prewarm-")]


def slow(seconds: float) -> ComponentSpec:
    return ComponentSpec("slow", "services:SlowToBuild", lambda: {"seconds": seconds})


# --- pre-warming ------------------------------------------------------------------------------------------------------


def test_many_prewarms_are_one_wake_and_leave_no_thread(keeper, history) -> None:
    made = keeper()
    for _ in range(5):
        made.prewarm("echo")
        assert len(prewarming()) <= 1
    eventually(lambda: made.status("echo").state == "idle")
    eventually(lambda: not prewarming())
    made.prewarm("echo")
    assert prewarming() == []
    assert len(history.wakes) == 1


def test_a_prewarm_of_what_is_awake_starts_its_timer_anew(keeper, clock) -> None:
    made = keeper()
    with made.lease("echo"):
        pass
    clock.now += 50
    made.prewarm("echo")
    assert made.status("echo").idle_deadline == 60


def test_a_request_joins_a_prewarm_under_way(build, history) -> None:
    made = build(slow(0.3))
    made.prewarm("slow")
    with made.lease("slow") as lease:
        assert lease.call("echo", 1) == 1
    assert len(history.wakes) == 1


def test_what_does_not_fit_or_cannot_wake_is_not_prewarmed(build, history) -> None:
    small = Budget(lambda _total: 50 * MEGABYTE, lambda: (64 * GIGABYTE, 64 * GIGABYTE))
    made = build(echo("large", size_hint=lambda: GIGABYTE), echo("missing", available=lambda: False), budget=small)
    made.prewarm("large")
    eventually(lambda: not prewarming())
    made.prewarm("missing")
    assert prewarming() == []
    assert "1.0 GB" in made.status("large").reason
    assert history.wakes == []


def test_a_prewarm_that_fails_tells_why_and_raises_nothing(keeper) -> None:
    made = keeper("services:Unbuildable")
    made.prewarm("echo")
    eventually(lambda: made.status("echo").state == "failed")
    assert "no such file" in made.status("echo").reason


# --- pinning and unloading --------------------------------------------------------------------------------------------


def test_what_is_pinned_stays_until_it_is_unpinned(keeper, clock) -> None:
    made = keeper()
    made.pin("echo", True)
    with made.lease("echo"):
        pass
    clock.now += 1e6
    made.tick()
    status = made.status("echo")
    assert (status.state, status.pinned, status.idle_deadline) == ("idle", True, None)
    made.pin("echo", False)
    made.tick()
    assert made.status("echo").state == "absent"


def test_unloading_by_hand_beats_a_pin(keeper) -> None:
    made = keeper()
    made.pin("echo", True)
    with made.lease("echo"):
        pass
    made.unload("echo")
    made.tick()
    assert (made.status("echo").state, made.status("echo").pinned) == ("absent", True)


def test_unload_all_takes_the_idle_now_and_the_busy_when_they_rest(build) -> None:
    made = build(echo("idle"), echo("busy"), echo("asleep"))
    with made.lease("idle"):
        pass
    with made.lease("busy") as lease:
        made.unload_all()
        made.tick()
        assert {s.name: str(s.state) for s in made.status()} == {"idle": "absent", "busy": "busy", "asleep": "absent"}
        assert lease.call("echo", 1) == 1
    assert made.status("busy").state == "absent"
    with made.lease("asleep"):
        pass
    assert made.status("asleep").state == "idle"  # what slept was not asked to go


def test_what_is_asked_to_go_is_not_lent_once_more(keeper) -> None:
    made = keeper()
    with made.lease("echo") as lease:
        pid = lease.call("pid")
    made.unload("echo")
    with made.lease("echo") as lease:
        assert lease.call("pid") != pid


def test_unloading_during_a_wake_counts_once_it_is_awake(build, borrow) -> None:
    made = build(slow(0.3))
    user = borrow(made, "slow")
    eventually(lambda: made.status("slow").state == "waking")
    made.unload("slow")
    user.give_back()
    assert user.pid
    assert made.status("slow").state == "absent"
    with made.lease("slow"):
        pass
    assert made.status("slow").state == "idle"


def test_what_sleeps_cannot_be_asked_to_go(keeper) -> None:
    made = keeper()
    made.unload("echo")
    with made.lease("echo"):
        pass
    made.tick()
    assert made.status("echo").state == "idle"


# --- closing ----------------------------------------------------------------------------------------------------------


def test_closing_during_a_wake_leaves_no_process(build, borrow) -> None:
    made = build(slow(0.5))
    user = borrow(made, "slow")
    eventually(lambda: made.status("slow").state == "waking")
    made.close()
    user.give_back()
    assert isinstance(user.error, ComponentCrashed | WakeFailed | None)
    assert made.status("slow").pids == ()
    assert multiprocessing.active_children() == []


def test_a_wake_that_outlasts_the_close_is_ended_when_it_comes(build, borrow, monkeypatch) -> None:
    monkeypatch.setattr(keeper_module, "_CLOSE_SECONDS", 0.1)
    made = build(slow(1.5))
    user = borrow(made, "slow")
    eventually(lambda: made.status("slow").state == "waking")
    made.close()
    eventually(lambda: not user.is_alive())
    assert isinstance(user.error, WakeFailed)
    assert "closing" in str(user.error)
    assert made.status("slow").pids == ()
    assert multiprocessing.active_children() == []


def test_who_waits_for_a_host_is_told_that_the_program_closes(build, borrow) -> None:
    made = build(echo("echo", leases_per_host=1))
    user = borrow(made, "echo")
    eventually(user.has_it.is_set)
    waiting = borrow(made, "echo")
    eventually(lambda: made.status("echo").waiting == 1)
    made.close()
    eventually(lambda: not waiting.is_alive())
    assert isinstance(waiting.error, WakeFailed)
    with pytest.raises(WakeFailed, match="closing"), made.lease("echo"):
        pass
    made.prewarm("echo")
    assert prewarming() == []
