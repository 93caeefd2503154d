"""The keeper wakes on the first lease, counts users, unloads on its clock and proves what came back."""

from __future__ import annotations

import os
import signal
import threading
import time

import psutil
import pytest
from borrowing import echo

from kotaemon_desktop.core.errors import ComponentCrashed, WakeFailed
from kotaemon_desktop.core.events import ComponentChanged, Loaded, Released

MEGABYTE = 1 << 20


def states(events) -> list[str]:
    return [e.after.value for e in events if isinstance(e, ComponentChanged)]


def test_nothing_runs_before_the_first_lease(keeper) -> None:
    status = keeper().status("echo")
    assert (status.state, status.bytes, status.pids) == ("absent", 0, ())


def test_a_component_wakes_works_rests_and_goes(keeper, clock, events, history) -> None:
    made = keeper(arguments=lambda: {"megabytes": 60})
    with made.lease("echo") as lease:
        pid = lease.call("pid")
        busy = made.status("echo")
        assert (busy.state, busy.idle_deadline, busy.pids) == ("busy", None, (pid,))
        assert busy.bytes > 60 * MEGABYTE
    assert made.status("echo").idle_deadline == 60
    clock.now += 59
    made.tick()
    assert psutil.pid_exists(pid)
    clock.now += 2
    made.tick()
    assert not psutil.pid_exists(pid)
    assert states(events) == ["waking", "ready", "busy", "idle", "absent"]
    released = [e for e in events if isinstance(e, Released)]
    assert released[0].freed == released[0].held > 60 * MEGABYTE
    assert history.wakes[0][2] > 60 * MEGABYTE
    assert history.releases[0][:3] == ("echo", "idle", 61)


def test_a_lease_resets_the_timer_and_nested_leases_count(keeper, clock) -> None:
    made = keeper()
    with made.lease("echo") as first:
        pid = first.call("pid")
        with made.lease("echo") as second:
            assert second.call("pid") == pid
        assert made.status("echo").state == "busy"
    clock.now += 50
    with made.lease("echo"):
        clock.now += 100
        made.tick()
        assert made.status("echo").state == "busy"
    clock.now += 50
    made.tick()
    assert made.status("echo").pids == (pid,)


def test_zero_goes_at_once_and_none_stays(keeper, clock) -> None:
    at_once, pinned = keeper(idle_seconds=lambda: 0.0), keeper(idle_seconds=lambda: None)
    with at_once.lease("echo"):
        pass
    assert at_once.status("echo").state == "absent"
    with pinned.lease("echo"):
        pass
    clock.now += 1e9
    pinned.tick()
    assert pinned.status("echo").state == "idle"


def test_unload_now_waits_for_the_user_of_the_lease(keeper) -> None:
    made = keeper()
    with made.lease("echo") as lease:
        made.unload("echo")
        made.tick()
        assert lease.call("echo", 1) == 1
    assert made.status("echo").state == "absent"


def test_after_a_crash_the_next_lease_gets_a_fresh_host(keeper, events, history) -> None:
    made = keeper()
    with made.lease("echo") as lease, pytest.raises(ComponentCrashed):
        lease.call("die")
    assert made.status("echo").state == "failed"
    with made.lease("echo") as lease:
        assert lease.call("echo", 2) == 2
    assert "failed" in states(events)
    assert [e.cause for e in events if isinstance(e, Released)] == ["crash"]
    assert [e.component for e in events if isinstance(e, Loaded)] == ["echo", "echo"]
    assert [release[:2] for release in history.releases] == [("echo", "crash")]


def test_a_host_killed_while_idle_is_noticed(keeper) -> None:
    made = keeper()
    with made.lease("echo") as lease:
        pid = lease.call("pid")
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while made.status("echo").state != "failed":
        made.tick()
        assert time.monotonic() < deadline
    with made.lease("echo") as lease:
        assert lease.call("pid") != pid


def test_an_older_lease_of_a_dead_host_does_not_keep_the_fresh_one_busy(keeper) -> None:
    made = keeper()
    with made.lease("echo") as old:
        with pytest.raises(ComponentCrashed):
            old.call("die")
        with made.lease("echo") as fresh:
            fresh.call("echo", 1)
    assert made.status("echo").state == "idle"


def test_two_threads_share_one_wake(keeper, history) -> None:
    made = keeper()
    pids: list[int] = []

    def use() -> None:
        with made.lease("echo") as lease:
            pids.append(lease.call("pid"))

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(pids)) == 1
    assert len(history.wakes) == 1


def test_close_ends_busy_hosts_and_refuses_new_leases(keeper) -> None:
    made = keeper()
    failed: list[Exception] = []
    ready = threading.Event()

    def use() -> None:
        with made.lease("echo") as lease:
            ready.set()
            try:
                lease.call("hang")
            except ComponentCrashed as error:
                failed.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    ready.wait()
    made.close()
    thread.join(30)
    assert len(failed) == 1
    with pytest.raises(WakeFailed), made.lease("echo"):
        pass


def test_when_the_last_host_has_gone_no_process_is_left(keeper, clock) -> None:
    before = set(psutil.Process().children(recursive=True))  # servers that other tests share
    made = keeper()
    for _ in range(2):
        with made.lease("echo"):
            pass
        clock.now += 61
        made.tick()
        assert set(psutil.Process().children(recursive=True)) <= before


def test_an_idle_host_is_told_to_rest_once_and_keeps_its_own_timer(keeper, clock) -> None:
    made = keeper(idle_seconds=lambda: 60.0, rest_seconds=lambda: 10.0)
    with made.lease("echo") as lease:
        lease.call("echo", "used")
        clock.now += 30
        made.tick()  # in use: no rest
    clock.now += 9.9
    made.tick()
    assert not made.status("echo").resting
    clock.now += 0.1
    for _ in range(3):
        made.tick()
    status = made.status("echo")
    assert (status.resting, status.idle_deadline) == (True, 50)
    with made.lease("echo") as lease:
        assert not made.status("echo").resting
        assert lease.call("seen") == ["used", "rest"]
    clock.now += 10
    made.tick()
    assert made.status("echo").resting
    clock.now += 50
    made.tick()
    assert made.status("echo").state == "absent"


def test_who_keeps_something_lets_go_of_it_once_everything_sleeps(build, clock) -> None:
    rests: list[float] = []
    made = build(echo("one"), echo("two"), at_rest=lambda: rests.append(clock.now))
    made.tick()
    with made.lease("one"), made.lease("two"):
        pass
    made.unload("one")
    made.tick()
    assert rests == []
    clock.now += 61
    made.tick()
    made.tick()
    assert rests == [clock.now]
    with made.lease("one"):
        pass
    made.unload("one")
    made.tick()
    assert rests == [clock.now] * 2


def test_what_is_freed_goes_back_now_and_then_while_a_host_stays(build, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[float] = []
    monkeypatch.setattr("kotaemon_desktop.core.residency.keeper.give_back_freed", lambda: given.append(clock.now))
    made = build(echo("one"))
    made.pin("one", True)
    clock.now += 500
    made.tick()
    assert given == []  # nothing was there yet
    with made.lease("one"):
        pass
    for _second in range(300):
        clock.now += 1
        made.tick()
    assert len(given) == 3
