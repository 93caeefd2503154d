"""A budget of 1.5 GB: who goes for whom, and what a question says when nobody can go.

The components are real hosts that hold real memory and do nothing with it: what is looked at is the keeper, and the
answering pipeline over it.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from report import Bar, at_least, at_most, progress

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import AnswerEvent, Degraded, Done, Released, ResidencyEvent
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.pipeline.answer import Answering
from kotaemon_desktop.core.pipeline.writing import Writing
from kotaemon_desktop.core.records import ModelInfo
from kotaemon_desktop.core.residency.budget import Budget
from kotaemon_desktop.core.residency.component import ComponentSpec, SystemClock
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import GENERATOR, RETRIEVAL
from kotaemon_desktop.core.retrieval.search import Search

LIMIT_MEGABYTES = 1500
_INDEX, _MODEL = 300, 1000  # megabytes
_FIRST = "another model"


def scenario(base: Path, work: Path) -> tuple[dict[str, Any], list[Bar]]:
    """Return the numbers and bars."""
    folder = work / "budget"
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("models"))
    engine = Engine.open(DataFolder(folder))
    released: list[Released] = []

    def hear(event: ResidencyEvent) -> None:
        if isinstance(event, Released):
            released.append(event)

    keeper = Keeper(
        [_spec(RETRIEVAL, _INDEX), _spec(_FIRST, _MODEL), _spec(GENERATOR, _MODEL)],
        SystemClock(),
        engine.usage,
        budget=Budget(lambda _total: LIMIT_MEGABYTES << 20),
    )
    keeper.subscribe(hear)
    try:
        peak, evicted, index_stays = _evicting(keeper, released)
        waited = _waiting(keeper)
        events, reason = _degrading(keeper, engine)
    finally:
        keeper.close()
        engine.close()
    results = {"peak_held_mb": round(peak / 1e6), "waited_s": round(waited, 2), "reason": reason, "events": events}
    bars = [
        at_most("budget of 1.5 GB: most bytes held by hosts, in GB", round(peak / (1 << 30), 3), 1.5),
        at_least("budget: the second model evicts the first, and the index stays", float(evicted and index_stays), 1),
        at_least("budget: who is in no hurry waits until the busy one rests, s", round(waited, 2), 0.9),
        at_least("budget: with both busy the answer degrades with the reason in the stream", float(bool(reason)), 1),
    ]
    return results, bars


def _spec(name: str, megabytes: int) -> ComponentSpec:
    size = megabytes << 20
    return ComponentSpec(name, "ballast:Ballast", lambda: {"size": size}, size_hint=lambda: size, leases_per_host=1)


def _evicting(keeper: Keeper, released: list[Released]) -> tuple[int, bool, bool]:
    """Wake all three, one after the other; return the most that was held, and who went and who stayed."""
    peak = 0
    for name in (RETRIEVAL, _FIRST, RETRIEVAL, GENERATOR):
        with keeper.lease(name) as lease:
            lease.call("ready")
            peak = max(peak, sum(each.bytes for each in keeper.status()))
        time.sleep(0.1)
    evicted = [each.component for each in released if each.cause == "evicted"] == [_FIRST]
    progress(f"budget: evicted {[each.component for each in released]}, held {peak / 1e6:.0f} MB at most")
    return peak, evicted, bool(keeper.status(RETRIEVAL).pids)


def _waiting(keeper: Keeper) -> float:
    """Return how long a request that is in no hurry waits for the one that is busy for a second."""
    with ExitStack() as stack:
        for name in (RETRIEVAL, GENERATOR):
            stack.enter_context(keeper.lease(name))
        holder = stack.pop_all()
    threading.Timer(1.0, holder.close).start()
    started = time.monotonic()
    with keeper.lease(_FIRST, urgent=False) as lease:
        lease.call("ready")
    return time.monotonic() - started


def _degrading(keeper: Keeper, engine: Engine) -> tuple[list[str], str]:
    """Ask while the index and the other model are busy; return the events and the reason that they give."""
    model = ModelInfo("second", "generation", "", _MODEL << 20, ("en",))
    search = Search(keeper, engine.library, lambda: None)
    clock = SystemClock()
    writing = Writing(keeper, clock, lambda: engine.settings, search.passages, lambda _chosen: None, lambda: None)
    answering = Answering(
        keeper, search, engine.history, clock, lambda: engine.settings,
        lambda _wish: model, lambda _model: None, engine.collections.documents, writing, engine.plugins,
    )  # fmt: skip
    answering.steps["tool"] = lambda _question: iter(())  # the engine brings that step; here is nothing to look up
    with keeper.lease(RETRIEVAL), keeper.lease(_FIRST):
        events: Iterator[AnswerEvent] = answering.answer("When does the workshop open?")
        seen = list(events)
    reasons = [str(event.error) for event in seen if isinstance(event, Degraded)]
    done = seen[-1]
    progress(f"budget: {reasons}")
    answered = isinstance(done, Done) and done.answered
    return [type(event).__name__ for event in seen], reasons[0] if reasons and answered else ""
