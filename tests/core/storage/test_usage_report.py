"""Hours, gigabyte-hours and "always on", by hand-made stays; days by the local calendar; the CSV read back."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

import pytest

from kotaemon_desktop.core.storage.usage_report import (
    GIGABYTE,
    HOUR,
    Period,
    Residency,
    UsageReport,
    edges,
    usage,
    write_csv,
)

GB = int(GIGABYTE)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the time zone of this platform's processes cannot be set")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")  # its rules spelt out: tzdata need not be installed
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def stay(component: str, start: float, end: float, size: int = GB, waking: float = 2.0) -> Residency:
    return Residency(component, start * HOUR, end * HOUR, size, waking)


def test_hours_count_a_component_once_and_bytes_each_host() -> None:
    total, _parts = usage([0, 10 * HOUR], [stay("reader", 1, 3), stay("reader", 2, 4, 3 * GB)], [(0, 10 * HOUR)])
    [reader] = total.components
    assert reader.resident_seconds == 3 * HOUR
    assert reader.byte_seconds == (2 * 1 + 2 * 3) * GB * HOUR
    assert reader.typical_bytes == 2 * GB
    assert reader.always_on_byte_seconds == 10 * HOUR * 2 * GB
    assert (reader.wakes, reader.waking_seconds) == (2, 4.0)
    assert total.ran_seconds == 10 * HOUR


def test_time_in_which_the_program_did_not_run_counts_for_nothing() -> None:
    slept = [(0, 2 * HOUR), (8 * HOUR, 9 * HOUR)]
    total, _parts = usage([0, 24 * HOUR], [stay("retrieval", 1, 9)], slept)
    [retrieval] = total.components
    assert total.ran_seconds == 3 * HOUR
    assert retrieval.resident_seconds == 2 * HOUR
    assert retrieval.always_on_byte_seconds == 3 * HOUR * GB


def test_sessions_that_overlap_count_once() -> None:
    total, _parts = usage([0, 10 * HOUR], [], [(0, 4 * HOUR), (3 * HOUR, 5 * HOUR), (5 * HOUR, 6 * HOUR)])
    assert total.ran_seconds == 6 * HOUR
    assert total.components == ()


def test_two_models_of_one_component_share_always_on() -> None:
    stays = [stay("generator:small", 0, 3), stay("generator:large", 5, 6, 3 * GB)]
    total, _parts = usage([0, 8 * HOUR], stays, [(0, 8 * HOUR)])
    large, small = total.components
    assert small.always_on_byte_seconds == pytest.approx(8 * HOUR * 0.75 * GB)
    assert large.always_on_byte_seconds == pytest.approx(8 * HOUR * 0.25 * 3 * GB)
    assert total.always_on_byte_seconds == pytest.approx(8 * HOUR * 1.5 * GB)


def test_parts_add_up_to_the_whole() -> None:
    stays = [stay("reader", 0.5, 1.5), stay("generator", 1, 7), stay("retrieval", 2.5, 5.25)]
    total, parts = usage([hour * HOUR for hour in range(9)], stays, [(0, 3 * HOUR), (4 * HOUR, 8 * HOUR)])
    assert len(parts) == 8
    assert sum(part.byte_seconds for part in parts) == pytest.approx(total.byte_seconds)
    assert sum(part.ran_seconds for part in parts) == total.ran_seconds
    assert sum(each.wakes for part in parts for each in part.components) == 3
    assert parts[3].byte_seconds == 0  # nothing ran in that hour


def test_days_follow_the_local_clock_over_summer_time(berlin: None) -> None:
    now = datetime.fromisoformat("2026-03-31T09:30:00+02:00").timestamp()
    borders = edges(Period.WEEK, now)
    starts = [f"{datetime.fromtimestamp(border).astimezone():%Y-%m-%dT%H:%M}" for border in borders]
    assert starts[0] == "2026-03-25T00:00"
    assert starts[-2:] == ["2026-03-31T00:00", "2026-03-31T09:30"]
    lengths = [(after - before) / HOUR for before, after in pairwise(borders)]
    assert lengths == [24, 24, 24, 24, 23, 24, 9.5]


def test_months_are_calendar_months(berlin: None) -> None:
    borders = edges(Period.YEAR, datetime.fromisoformat("2026-02-10T12:00:00+01:00").timestamp())
    starts = [f"{datetime.fromtimestamp(border).astimezone():%Y-%m-%d}" for border in borders]
    assert starts[0] == "2025-03-01"
    assert starts[-3:] == ["2026-01-01", "2026-02-01", "2026-02-10"]
    assert len(borders) == 13


def test_today_and_thirty_days(berlin: None) -> None:
    now = datetime.fromisoformat("2026-02-10T12:00:00+01:00").timestamp()
    assert len(edges(Period.TODAY, now)) == 2
    assert len(edges(Period.MONTH, now)) == 31


def test_the_csv_says_what_the_report_says() -> None:
    total, parts = usage([0, HOUR, 2 * HOUR], [stay("generator:tiny, quick", 0.5, 1.25)], [(0, 2 * HOUR)])
    out = io.StringIO(newline="")
    write_csv(UsageReport(total, parts), "default", out)
    lines = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert [line["model"] for line in lines] == ["tiny, quick"] * 2
    assert [float(line["hours_in_memory"]) for line in lines] == [0.5, 0.25]
    assert [float(line["gigabyte_hours"]) for line in lines] == [0.5, 0.25]
    assert [float(line["gigabyte_hours_always_on"]) for line in lines] == [1, 1]
    assert [line["loads"] for line in lines] == ["1", "0"]
    assert datetime.fromisoformat(lines[1]["from"]).timestamp() == HOUR


def test_a_year_of_a_busy_person_takes_no_time() -> None:
    day = 24.0
    sessions = [((d * day + h) * HOUR, (d * day + h + 0.9) * HOUR) for d in range(365) for h in range(10)]
    stays = [stay(name, d * day + h, d * day + h + 0.4) for d in range(365) for h in range(10) for name in ("a", "b")]
    started = time.process_time()
    total, parts = usage([month * 730 * HOUR for month in range(13)], stays, sessions)
    assert time.process_time() - started < 2  # about 0.15 s on a quiet machine
    assert sum(part.byte_seconds for part in parts) == pytest.approx(total.byte_seconds)
    assert total.components[0].resident_seconds == pytest.approx(3650 * 0.4 * HOUR)
