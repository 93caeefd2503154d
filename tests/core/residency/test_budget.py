"""Components share a memory budget: who may wake, who goes for it, and who waits."""

from __future__ import annotations

import pytest
from borrowing import MEGABYTE, echo, eventually

from kotaemon_desktop.core.errors import DoesNotFit
from kotaemon_desktop.core.events import Released
from kotaemon_desktop.core.residency.budget import Budget

GIGABYTE = 1 << 30
LIMIT = 200 * MEGABYTE
BALLAST = 60  # megabytes; with an empty host's own about 80, so two of three fit


class Machine:
    """A machine whose free memory tests change."""

    def __init__(self, available: int = 64 * GIGABYTE) -> None:
        self.available = available

    def budget(self, limit: int = LIMIT) -> Budget:
        return Budget(lambda _total: limit, lambda: (64 * GIGABYTE, self.available))


@pytest.fixture
def three(build):
    """Return a function that makes a keeper of three components of which two fit at once."""

    def make(budget: Budget | None = None, **options):
        hint = {"size_hint": lambda: 80 * MEGABYTE}
        specs = [echo(name, BALLAST, **hint, **options.get(name, {})) for name in ("first", "second", "third")]
        return build(*specs, budget=budget or Machine().budget())

    return make


def use(keeper, *names: str) -> None:
    for name in names:
        with keeper.lease(name):
            pass


def awake(keeper) -> list[str]:
    return [status.name for status in keeper.status() if status.pids]


def test_before_a_history_the_size_hint_decides(build) -> None:
    keeper = build(echo("model", size_hint=lambda: 300 * MEGABYTE), budget=Machine().budget())
    with pytest.raises(DoesNotFit) as caught, keeper.lease("model"):
        pass
    assert caught.value.facts == {"component": "model", "needed": "300 MB", "limit": "200 MB", "held": "0 MB"}
    assert keeper.status("model").state == "absent"  # nothing is broken


def test_what_earlier_wakes_took_counts_more_than_the_hint(build, history) -> None:
    history.before = {"small": (0.5, 20 * MEGABYTE), "large": (0.5, 3 * GIGABYTE)}
    hints = {"size_hint": lambda: 210 * MEGABYTE}
    keeper = build(echo("small", **hints), echo("large", **hints), budget=Machine().budget())
    use(keeper, "small")
    with pytest.raises(DoesNotFit, match=r"3\.0 GB"), keeper.lease("large"):
        pass


def test_each_variant_has_a_past_of_its_own(build, history) -> None:
    history.before = {"model:small": (0.5, 20 * MEGABYTE), "model:large": (0.5, 3 * GIGABYTE)}
    chosen = ["large"]
    keeper = build(echo("model", variant=lambda: chosen[0]), budget=Machine().budget())
    with pytest.raises(DoesNotFit), keeper.lease("model"):
        pass
    chosen[0] = "small"
    keeper.look_up_again("model")
    use(keeper, "model")
    assert history.wakes[0][0] == "model:small"


def test_the_longest_idle_goes_first_and_no_more_than_needed(three, clock, events) -> None:
    keeper = three()
    for name in ("second", "first"):
        use(keeper, name)
        clock.now += 10
    use(keeper, "third")
    assert awake(keeper) == ["first", "third"]
    assert [(e.component, e.cause) for e in events if isinstance(e, Released)] == [("second", "evicted")]


def test_what_is_slow_to_load_is_worth_a_longer_rest(three, clock, history) -> None:
    history.before = {"first": (10.0, 80 * MEGABYTE), "second": (1.0, 80 * MEGABYTE)}
    keeper = three()
    use(keeper, "first")
    clock.now += 20
    use(keeper, "second")
    clock.now += 10
    use(keeper, "third")  # first: 30 s idle, 10 s to load; second: 10 s idle, 1 s to load
    assert awake(keeper) == ["first", "third"]


def test_a_small_one_stays_when_a_large_one_has_to_go_anyway(build, clock, events) -> None:
    keeper = build(
        echo("small", 10),
        echo("large", 100),
        echo("wanting", 100, size_hint=lambda: 110 * MEGABYTE),
        budget=Machine().budget(180 * MEGABYTE),
    )
    use(keeper, "small")
    clock.now += 100  # the small one would be the first to go
    use(keeper, "large")
    clock.now += 1
    use(keeper, "wanting")
    assert awake(keeper) == ["small", "wanting"]
    assert [e.component for e in events if isinstance(e, Released)] == ["large"]


def test_busy_and_pinned_ones_never_go(three, clock) -> None:
    keeper = three()
    use(keeper, "first")
    keeper.pin("first", True)
    clock.now += 1e6
    with keeper.lease("second") as lease:
        with pytest.raises(DoesNotFit) as caught, keeper.lease("third"):
            pass
        assert lease.call("echo", 1) == 1
    assert awake(keeper) == ["first", "second"]
    held = sum(status.bytes for status in keeper.status())
    assert caught.value.facts["held"] == f"{held / MEGABYTE:.0f} MB"


def test_who_is_not_in_a_hurry_waits_until_a_busy_one_rests(three, borrow, events) -> None:
    keeper = three()
    users = [borrow(keeper, "first"), borrow(keeper, "second")]
    eventually(lambda: all(user.has_it.is_set() for user in users))
    patient = borrow(keeper, "third", urgent=False)
    eventually(lambda: keeper.status("third").waiting == 1)
    users[1].give_back()
    eventually(patient.has_it.is_set)
    assert awake(keeper) == ["first", "third"]
    assert [(e.component, e.cause) for e in events if isinstance(e, Released)] == [("second", "evicted")]


def test_nobody_waits_for_what_will_not_change_by_itself(three, build) -> None:
    keeper = three()
    use(keeper, "first", "second")
    for name in ("first", "second"):
        keeper.pin(name, True)
    with pytest.raises(DoesNotFit), keeper.lease("third", urgent=False):
        pass
    huge = build(echo("huge", size_hint=lambda: GIGABYTE), budget=Machine().budget())
    with pytest.raises(DoesNotFit), huge.lease("huge", urgent=False):
        pass


def test_who_waits_goes_on_when_the_machine_has_memory_again(three, borrow) -> None:
    machine = Machine(GIGABYTE + 120 * MEGABYTE)
    keeper = three(machine.budget(GIGABYTE))
    user = borrow(keeper, "first")
    eventually(user.has_it.is_set)
    machine.available = GIGABYTE + 20 * MEGABYTE
    patient = borrow(keeper, "second", urgent=False)
    eventually(lambda: keeper.status("second").waiting == 1)
    machine.available = 64 * GIGABYTE
    keeper.tick()
    eventually(patient.has_it.is_set)
    assert awake(keeper) == ["first", "second"]


def test_never_more_than_what_is_available_less_a_gigabyte() -> None:
    budget = Budget(lambda total: total // 2, lambda: (8 * GIGABYTE, 3 * GIGABYTE))
    assert budget.limit(held=0) == 2 * GIGABYTE
    assert budget.limit(held=GIGABYTE) == 3 * GIGABYTE  # what is held already is no longer available
    assert budget.limit(held=3 * GIGABYTE) == 4 * GIGABYTE  # but never more than the share
    assert Budget(lambda total: total, lambda: (8 * GIGABYTE, GIGABYTE // 2)).limit(held=50) == 50
