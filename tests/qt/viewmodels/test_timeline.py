"""The past in bounded memory: means and peaks of thinned samples, gaps, marks and speeds of a span."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.events import Loaded, Released
from kotaemon_desktop.core.records import Sample
from kotaemon_desktop.qt.viewmodels.timeline import Span, Speed, Timeline


def sample(at: float, program: int, **more: object) -> Sample:
    return Sample(at=at, program=program, window=10, system_total=1000, **more)  # type: ignore[arg-type]


def test_the_last_minute_keeps_every_sample() -> None:
    past = Timeline()
    for at in range(100):
        past.add(sample(float(at), at))
    points = past.points(Span.MINUTE)
    assert [point.at for point in points] == [float(at) for at in range(38, 100)]
    assert all(point.mean == point.peak for point in points)


def test_longer_spans_keep_means_and_peaks() -> None:
    past = Timeline()
    for at in range(10):
        past.add(sample(float(at), 100 if at == 3 else 0, cpu=float(at), components={"reader": 50} if at == 1 else {}))
    first, second = past.points(Span.QUARTER)
    assert (first.mean.program, first.peak.program) == (20, 100)
    assert (first.mean.cpu, first.peak.cpu) == (2.0, 4.0)
    assert first.mean.components == {"reader": 10}
    assert first.peak.components == {"reader": 50}
    assert first.mean.window == first.peak.window == 10
    assert first.mean.system_total == 1000
    assert (second.at, second.mean.program) == (9.0, 0)


def test_a_gpu_that_comes_and_goes_counts_while_it_is_there() -> None:
    past = Timeline()
    past.add(sample(0.0, 1))
    past.add(sample(1.0, 1, gpu_used=40, gpu_total=100, gpu_load=50.0))
    past.add(sample(2.0, 1, gpu_used=20, gpu_total=100, gpu_load=10.0))
    (point,) = past.points(Span.QUARTER)
    assert (point.mean.gpu_used, point.peak.gpu_used, point.mean.gpu_load) == (30, 40, 30.0)
    past = Timeline()
    past.add(sample(0.0, 1))
    past.add(sample(1.0, 1))
    assert past.points(Span.QUARTER)[0].mean.gpu_used is None


@pytest.mark.parametrize(("span", "most"), [(Span.MINUTE, 62), (Span.QUARTER, 182), (Span.DAY, 482)])
def test_memory_is_bounded_and_what_is_too_old_goes(span: Span, most: int) -> None:
    past = Timeline()
    for at in range(0, 2 * 24 * 3600, 7 if span is Span.DAY else 1):
        past.add(sample(float(at), at))
        if span is not Span.DAY and at > 3 * span.seconds:
            break
    points = past.points(span)
    assert most - 3 <= len(points) <= most
    assert points[-1].at - points[0].at <= span.seconds + 2 * span.step
    past.add(sample(points[-1].at + 10 * span.seconds, 1))  # the machine has slept for long
    assert len(past.points(span)) == 1


def test_marks_and_speeds_of_a_span() -> None:
    past = Timeline()
    for at in range(600):
        past.add_mark(Loaded("reader", float(at), 1.0, 5))
        past.add_speed(Speed(float(at), 20.0))
    past.add_mark(Released("reader", 600.0, "idle", 5, 5))
    assert [type(mark).__name__ for mark in past.marks(598.5)] == ["Loaded", "Released"]
    assert [speed.at for speed in past.speeds(598.0)] == [598.0, 599.0]
    assert len(past.marks(0.0)) == 500
