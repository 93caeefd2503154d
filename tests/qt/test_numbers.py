"""Bytes and times as people read them."""

from __future__ import annotations

import pytest

from kotaemon_desktop.qt.numbers import clock, duration, share_of, size


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 KB"),
        (1024 * 1024, "1 MB"),
        (412 * 1024 * 1024, "412 MB"),
        (1000 * 1024 * 1024, "1.0 GB"),
        (int(1.94 * 1024**3), "1.9 GB"),
        (139 * 1024**3, "139 GB"),
    ],
)
def test_size(number: int, words: str) -> None:
    assert size(number) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (-3, "0:00"), (252.4, "4:12"), (3852, "1:04:12")])
def test_clock(seconds: float, words: str) -> None:
    assert clock(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.42, "0.4 s"),
        (52.4, "52 s"),
        (60, "1 min"),
        (90, "1.5 min"),
        (5399, "90 min"),
        (5400, "1.5 h"),
        (7200, "2 h"),
        (360_000, "100 h"),
        (3_600_000, "1,000 h"),
    ],
)
def test_durations_have_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_share_says_a_common_unit_once() -> None:
    assert share_of(8 * 2**30, 16 * 2**30) == "8.0 of 16.0 GB"
    assert share_of(300 * 2**20, 16 * 2**30) == "300 MB of 16.0 GB"
    assert share_of(0, 0) == "0 of 0 B"
