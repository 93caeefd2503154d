"""Notices come when they should, stay while they hold, and do not flicker; no test waits."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.monitoring.notices import (
    DuplicateRuntime,
    FullDisk,
    LogErrors,
    LowMemory,
    Notice,
    Notices,
    OnProcessor,
    Severity,
    UnservedMetrics,
)

GB, MB = 1 << 30, 1 << 20


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogErrors]:
    watch = LogErrors("kotaemon_desktop.test_notices", tmp_path / "kotaemon.log")
    yield watch
    watch.close()


def kinds(notices: list[Notice]) -> list[str]:
    return [notice.kind for notice in notices]


def test_a_full_disk_is_said_from_95_percent_and_until_94(clock: Clock) -> None:
    free = iter((6.0, 5.0, 5.5, 6.5, 5.5, 4.0))
    watch = FullDisk(Path(), clock, lambda _folder: (100 * GB, 0, int(next(free) * GB)))
    said: list[Notice | None] = []
    for _ in range(6):
        clock.now += 10
        said.append(watch.look())
    assert [notice is not None for notice in said] == [False, True, True, False, False, True]
    notice = said[-1]
    assert notice is not None
    assert notice.text == "The disk with your data is 96 % full (4.0 GB free)."
    assert notice.severity is Severity.WARNING


def test_the_disk_is_asked_every_ten_seconds(clock: Clock) -> None:
    asked: list[float] = []

    def usage(_folder: Path) -> tuple[int, int, int]:
        asked.append(clock.now)
        return 100, 0, 1

    watch = FullDisk(Path(), clock, usage)
    for _ in range(25):
        watch.look()
        clock.now += 1
    assert asked == [100, 110, 120]


def test_a_disk_that_is_gone_is_not_a_full_one(clock: Clock, tmp_path: Path) -> None:
    assert FullDisk(tmp_path / "gone", clock).look() is None


def test_low_memory_has_to_last_and_to_be_over(clock: Clock) -> None:
    left = 600
    watch = LowMemory(lambda: 700 * MB, clock, lambda: left * MB)
    assert watch.look() is None  # a moment only
    clock.now += 3
    notice = watch.look()
    assert notice is not None
    assert notice.text == "Memory is low: 600 MB available."
    left = 800  # over the threshold, not by much
    assert watch.look() is not None
    left = 841
    assert watch.look() is None
    left = 600
    assert watch.look() is None


def test_a_dismissed_notice_comes_back_after_it_has_ended_once() -> None:
    why = "There is no NVIDIA driver on this machine."
    problem = ""
    notices = Notices([OnProcessor(lambda: why), UnservedMetrics(lambda: problem)])
    [notice] = notices.look()
    assert (notice.kind, notice.severity, notice.advice) == ("processor", Severity.INFO, why)
    notices.dismiss("processor")
    assert notices.look() == []
    problem = "Address already in use"
    assert kinds(notices.look()) == ["metrics"]
    why = ""
    assert kinds(notices.look()) == ["metrics"]
    why = "There is an NVIDIA driver, but it failed."
    assert kinds(notices.look()) == ["metrics", "processor"]  # the graver one first


def test_a_second_runtime_is_said_with_what_to_do_and_looked_for_once() -> None:
    asked: list[str] = []

    def advice() -> str:
        asked.append("")
        return "Run: pip uninstall"

    notices = Notices([DuplicateRuntime(advice)])
    for _second in range(3):
        assert [(each.kind, each.advice) for each in notices.look()] == [("runtime", "Run: pip uninstall")]
    assert len(asked) == 1
    assert Notices([DuplicateRuntime(lambda: None)]).look() == []


def test_errors_are_counted_since_the_last_look(log: LogErrors, tmp_path: Path) -> None:
    notices = Notices([log])
    logger = logging.getLogger("kotaemon_desktop.test_notices.inner")
    logger.warning("not grave")
    assert notices.look() == []
    logger.error("page %d is lost", 7)
    [notice] = notices.look()
    assert notice.text == "1 error in the log: page 7 is lost"
    assert str(tmp_path) in notice.advice
    logger.error("another")
    assert notices.look()[0].text == "2 errors in the log, the last: another"
    notices.dismiss("log")
    assert notices.look() == []
    logger.error("new")
    assert notices.look()[0].text == "1 error in the log: new"


def test_a_new_error_right_after_dismissing_is_said(log: LogErrors) -> None:
    notices = Notices([log])
    logger = logging.getLogger("kotaemon_desktop.test_notices")
    logger.error("first")
    notices.dismiss("log")
    logger.error("second")  # before anybody looked in between
    assert kinds(notices.look()) == ["log"]


def test_closing_takes_the_handler_away(log: LogErrors) -> None:
    Notices([log]).close()
    logging.getLogger("kotaemon_desktop.test_notices").error("unheard")
    assert log.look() is None
