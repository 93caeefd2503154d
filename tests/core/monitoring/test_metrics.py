"""Metrics by what they export, read with Prometheus' own parser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from kotaemon_desktop.core.errors import ComponentCrashed
from kotaemon_desktop.core.events import AnswerEvent, AnswerFailed, Done, Loaded, Piece, Released, Routed
from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.monitoring.metrics import Metrics
from kotaemon_desktop.core.records import ComponentState, ComponentStatus

DASHBOARD = "grafana/kotaemon-desktop.json"


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def metrics(clock: Clock) -> Metrics:
    return Metrics(
        lambda: [
            ComponentStatus("generator", ComponentState.BUSY, bytes=1000, hosts=1, waiting=2),
            ComponentStatus("reader", ComponentState.ABSENT),
        ],
        clock,
    )


def samples(metrics: Metrics) -> dict[str, float]:
    """Return every sample as ``name{label=value,...}`` and its value."""
    return {
        sample.name
        + "{"
        + ",".join(f"{name}={value}" for name, value in sorted(sample.labels.items()))
        + "}": sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
    }


def test_states_are_asked_when_somebody_reads(metrics: Metrics) -> None:
    read = samples(metrics)
    assert read["kotaemon_component_state{component=generator,state=busy}"] == 1
    assert read["kotaemon_component_state{component=generator,state=idle}"] == 0
    assert read["kotaemon_component_state{component=reader,state=absent}"] == 1
    assert read["kotaemon_component_bytes{component=generator}"] == 1000
    assert read["kotaemon_component_waiting{component=generator}"] == 2
    assert read["kotaemon_component_hosts{component=reader}"] == 0


def test_loads_and_unloads_are_counted_by_cause(metrics: Metrics) -> None:
    for seconds in (0.4, 3.0):
        metrics.hear(Loaded("generator", 1.0, seconds, 900))
    metrics.hear(Released("generator", 2.0, "idle", 1000, 950))
    metrics.hear(Released("generator", 3.0, "memory", 1000, 1000))
    read = samples(metrics)
    assert read["kotaemon_loads_total{component=generator}"] == 2
    assert read["kotaemon_unloads_total{cause=idle,component=generator}"] == 1
    assert read["kotaemon_unloads_total{cause=memory,component=generator}"] == 1
    assert read["kotaemon_unload_held_bytes_total{component=generator}"] == 2000
    assert read["kotaemon_unload_freed_bytes_total{component=generator}"] == 1950
    assert read["kotaemon_wake_seconds_sum{component=generator}"] == 3.4
    assert read["kotaemon_wake_seconds_bucket{component=generator,le=0.5}"] == 1


def answer(clock: Clock, *events: AnswerEvent) -> Iterator[AnswerEvent]:
    for event in events:
        clock.now += 1
        yield event


def test_an_answer_passes_through_and_is_counted(metrics: Metrics, clock: Clock) -> None:
    done = Done("qwen", True, {"total": 4.0, "tokens": 60.0, "decode": 3.0})
    events = (Routed("documents", "words"), Piece("a"), Piece("b"), done)
    assert tuple(metrics.watch(answer(clock, *events))) == events
    read = samples(metrics)
    assert read["kotaemon_question_seconds_sum{outcome=answered}"] == 4
    assert read["kotaemon_first_piece_seconds_sum{}"] == 2
    assert read["kotaemon_generated_tokens_total{model=qwen}"] == 60
    assert read["kotaemon_decode_seconds_total{model=qwen}"] == 3
    assert read["kotaemon_tokens_per_second{model=qwen}"] == 20


@pytest.mark.parametrize(
    ("last", "outcome"),
    [
        (Done("extractive", False, {"total": 1.0}), "not_found"),
        (AnswerFailed(ComponentCrashed(component="generator", exitcode=-9)), "failed"),
    ],
)
def test_other_ends_have_their_own_count(metrics: Metrics, clock: Clock, last: AnswerEvent, outcome: str) -> None:
    list(metrics.watch(answer(clock, last)))
    read = samples(metrics)
    assert read[f"kotaemon_question_seconds_count{{outcome={outcome}}}"] == 1
    assert not any("tokens" in name for name in read)


def test_a_stopped_answer_is_stopped_underneath_too(metrics: Metrics, clock: Clock) -> None:
    below = answer(clock, Piece("a"), Piece("b"))
    watched = metrics.watch(below)
    next(watched)
    watched.close()
    assert list(below) == []
    assert samples(metrics)["kotaemon_question_seconds_count{outcome=stopped}"] == 1


def test_the_dashboard_names_only_metrics_that_exist(metrics: Metrics, clock: Clock) -> None:
    metrics.hear(Loaded("generator", 1.0, 1.0, 900))
    metrics.hear(Released("generator", 2.0, "idle", 1000, 950))
    list(metrics.watch(answer(clock, Piece("a"), Done("qwen", True, {"tokens": 1.0, "decode": 1.0}))))
    families = list(text_string_to_metric_families(metrics.text().decode()))
    exported = {sample.name: set(sample.labels) for family in families for sample in family.samples}
    dashboard = json.loads(resource(DASHBOARD).read_text("utf-8"))
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    expressions += [each["query"]["query"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    named = {name for expression in expressions for name in re.findall(r"\b(?:kotaemon|process)_\w+", expression)}
    assert len(expressions) >= 8
    assert named <= exported.keys() | {"process_resident_memory_bytes"}  # that one only where there is /proc
    ours = {family.name for family in families if family.name.startswith("kotaemon_")}
    shown = {name for name in ours if any(each.startswith(name) for each in named)}
    assert ours - shown <= {"kotaemon_build_info", "kotaemon_tokens_per_second"}  # the rate over time is better
