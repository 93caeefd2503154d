"""A component may have several hosts: who gets which, who waits, and when failures keep it away for a while."""

from __future__ import annotations

from contextlib import ExitStack
from typing import cast

import psutil
import pytest
from borrowing import MEGABYTE, echo, eventually

from kotaemon_desktop.core.errors import BreakerOpen, ComponentCrashed, ComponentTimedOut, KotaemonError, WakeFailed
from kotaemon_desktop.core.residency.budget import Budget
from kotaemon_desktop.core.residency.component import ComponentSpec
from kotaemon_desktop.core.residency.host import Host
from kotaemon_desktop.core.residency.pool import Pool, Resident

GIGABYTE = 1 << 30


def plenty(limit: int) -> Budget:
    """A budget of ``limit`` bytes on a machine that has much more."""
    return Budget(lambda _total: limit, lambda: (64 * GIGABYTE, 64 * GIGABYTE))


def test_a_second_host_starts_when_the_first_is_busy(build) -> None:
    keeper = build(echo("reader", most_hosts=2, leases_per_host=1))
    with keeper.lease("reader") as first, keeper.lease("reader") as second:
        pids = {first.call("pid"), second.call("pid")}
        status = keeper.status("reader")
        assert (len(pids), status.hosts, set(status.pids)) == (2, 2, pids)
    with keeper.lease("reader") as again:
        assert again.call("pid") in pids  # rested hosts are used before new ones
    assert keeper.status("reader").hosts == 2


def test_one_more_than_allowed_waits_and_that_is_visible(build, borrow) -> None:
    keeper = build(echo("reader", most_hosts=2, leases_per_host=1))
    one, two = borrow(keeper, "reader"), borrow(keeper, "reader")
    eventually(lambda: one.has_it.is_set() and two.has_it.is_set())
    assert keeper.status("reader").waiting == 0
    third = borrow(keeper, "reader")
    eventually(lambda: keeper.status("reader").waiting == 1)
    assert not third.has_it.is_set()
    two.give_back()
    eventually(third.has_it.is_set)
    assert third.pid == two.pid
    assert keeper.status("reader").waiting == 0


def test_without_a_limit_all_share_one_host(build) -> None:
    keeper = build(echo("retrieval", most_hosts=2))
    with ExitStack() as stack:
        leases = [stack.enter_context(keeper.lease("retrieval")) for _ in range(5)]
        assert len({lease.call("pid") for lease in leases}) == 1


def test_the_least_used_host_is_lent(build) -> None:
    keeper = build(echo("retrieval", most_hosts=2, leases_per_host=2))
    with ExitStack() as stack:
        pids = [stack.enter_context(keeper.lease("retrieval")).call("pid") for _ in range(4)]
        assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [2, 2]


def test_a_pool_grows_only_as_far_as_memory_allows(build, borrow) -> None:
    reader = echo("reader", 40, most_hosts=4, leases_per_host=1, size_hint=lambda: 60 * MEGABYTE)
    keeper = build(reader, budget=plenty(90 * MEGABYTE))
    one = borrow(keeper, "reader")
    eventually(one.has_it.is_set)
    two = borrow(keeper, "reader")
    eventually(lambda: keeper.status("reader").waiting == 1)
    one.give_back()
    eventually(two.has_it.is_set)
    assert two.pid == one.pid
    assert keeper.status("reader").hosts == 1


def test_another_host_starts_only_for_who_waits_longer_than_its_wake(build, borrow, clock, history) -> None:
    history.before["reader"] = (4.0, 60 * MEGABYTE)
    keeper = build(echo("reader", most_hosts=4, leases_per_host=1))
    one = borrow(keeper, "reader", urgent=False)
    eventually(one.has_it.is_set)
    two = borrow(keeper, "reader", urgent=False)
    eventually(lambda: keeper.status("reader").waiting == 1)
    clock.now += 3  # the first has worked for 3 s so far: waiting for it is still no worse than a wake
    keeper.tick()
    assert not two.has_it.wait(0.5)
    assert keeper.status("reader").hosts == 1
    clock.now += 2
    keeper.tick()
    eventually(two.has_it.is_set)
    assert keeper.status("reader").hosts == 2


def test_a_person_never_waits_for_a_host_that_could_start(build, borrow, history) -> None:
    history.before["reader"] = (4.0, 60 * MEGABYTE)
    keeper = build(echo("reader", most_hosts=2, leases_per_host=1))
    one = borrow(keeper, "reader", urgent=False)
    eventually(one.has_it.is_set)
    two = borrow(keeper, "reader")
    eventually(two.has_it.is_set)
    assert two.pid != one.pid


def test_the_longer_the_queue_and_the_work_the_more_hosts() -> None:
    pool = Pool(ComponentSpec("reader", "services:Echo", most_hosts=8, leases_per_host=1), expected=(0.5, 1))
    pool.residents = [Resident(cast("Host", None), 0.0, 1, "reader", leases=1, lent_at=100.0)]
    pool.waiting = 1
    assert not pool.is_worth_another(False, 0, 100.0)  # nothing is known yet
    for _ in range(20):
        pool.note_served(0.02)
    assert not pool.is_worth_another(False, 10, 100.0)  # eleven small files: 0.22 s
    assert pool.is_worth_another(False, 100, 100.0)
    for _ in range(20):
        pool.note_served(2.0)
    assert pool.is_worth_another(False, 0, 100.0)
    pool.residents *= 8
    assert not pool.is_worth_another(False, 0, 100.0)  # eight of them do it soon
    pool.residents.clear()
    assert pool.is_worth_another(False, 0, 100.0)


def test_hosts_of_a_pool_go_one_by_one(build, clock) -> None:
    keeper = build(echo("reader", most_hosts=2, leases_per_host=1))
    with keeper.lease("reader") as first:
        with keeper.lease("reader") as second:
            gone = second.call("pid")
        clock.now += 30
        stays = first.call("pid")
    assert keeper.status("reader").idle_deadline == 60  # the one that stays longest counts
    clock.now += 31
    keeper.tick()
    assert keeper.status("reader").pids == (stays,)
    assert not psutil.pid_exists(gone)
    clock.now += 30
    keeper.tick()
    assert keeper.status("reader").state == "absent"


def test_a_dead_host_leaves_the_others_alone(build) -> None:
    keeper = build(echo("reader", most_hosts=2, leases_per_host=1))
    with keeper.lease("reader") as one:
        with keeper.lease("reader") as other, pytest.raises(ComponentCrashed):
            other.call("die")
        assert one.call("echo", 1) == 1
        assert keeper.status("reader").pids == (one.call("pid"),)


# --- the breaker ------------------------------------------------------------------------------------------------------


def fail(keeper, name: str = "echo", how: str = "die") -> KotaemonError:
    """Use a component in a way that fails."""
    with pytest.raises(KotaemonError) as caught, keeper.lease(name) as lease:
        lease.call(how)
    return caught.value


def test_three_failures_in_a_row_open_the_breaker_and_it_says_so(keeper, clock, history) -> None:
    made = keeper()
    assert [type(fail(made)) for _ in range(3)] == [ComponentCrashed] * 3
    woken = len(history.wakes)
    clock.now += 10
    refused = fail(made)
    assert isinstance(refused, BreakerOpen)
    assert refused.facts == {"component": "echo", "failures": 3, "seconds": 20, "reason": "exit code 9"}
    assert "20 s" in str(refused)
    assert len(history.wakes) == woken  # nothing was started
    assert made.status("echo").state == "failed"


def test_after_the_pause_it_is_tried_again_and_success_forgets(keeper, clock) -> None:
    made = keeper()
    for _ in range(3):
        fail(made)
    clock.now += 30
    with made.lease("echo") as lease:
        assert lease.call("echo", 1) == 1
    assert [type(fail(made)) for _ in range(3)] == [ComponentCrashed] * 3
    assert isinstance(fail(made), BreakerOpen)


def test_a_success_in_between_keeps_the_breaker_closed(keeper) -> None:
    made = keeper()
    for _ in range(2):
        fail(made)
        fail(made)
        with made.lease("echo") as lease:
            lease.call("echo", 1)
    assert isinstance(fail(made), ComponentCrashed)


def test_a_piece_of_long_work_counts_before_the_lease_ends(keeper) -> None:
    made = keeper()
    for _ in range(5):
        with made.lease("echo") as lease:
            assert lease.call("echo", 1) == 1
            lease.worked()
            with pytest.raises(ComponentCrashed):
                lease.call("die")


def test_wakes_that_fail_and_hosts_that_hang_count_too(keeper) -> None:
    unbuildable, hanging = keeper("services:Unbuildable"), keeper(call_timeout=0.2)
    assert [type(fail(unbuildable)) for _ in range(3)] == [WakeFailed] * 3
    refused = fail(unbuildable)
    assert isinstance(refused, BreakerOpen)
    assert refused.facts["reason"] == "RuntimeError: no such file"
    assert [type(fail(hanging, how="hang")) for _ in range(4)] == [ComponentTimedOut] * 3 + [BreakerOpen]


def test_a_component_without_a_breaker_is_always_tried(keeper) -> None:
    made = keeper(has_breaker=False)
    assert [type(fail(made)) for _ in range(5)] == [ComponentCrashed] * 5


def test_the_pause_doubles_up_to_ten_minutes() -> None:
    pool = Pool(ComponentSpec("echo", "services:Echo"))
    pauses: list[float] = []
    for _ in range(9):
        pool.failed("exit code 9", now=100.0)
        pauses.append(max(0.0, pool.closed_until - 100.0))
    assert pauses == [0, 0, 30, 60, 120, 240, 480, 600, 600]
