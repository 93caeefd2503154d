"""What is kept of wakes, releases, sessions and rests, over a real file, kills and sleeping machines included."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.events import ComponentChanged
from kotaemon_desktop.core.protocols import WakeHistory
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.core.storage import usage_log
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.migrations import MIGRATIONS
from kotaemon_desktop.core.storage.usage import Usage

START = 1_000_000.0


class Wall:
    """Wall-clock seconds that only tests move."""

    def __init__(self) -> None:
        self.seconds = START

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def usage(database: Database, wall: Wall) -> Iterator[Usage]:
    return Usage(database, now=wall)


def residencies(database: Database) -> list[tuple[object, ...]]:
    rows = database.fetch("SELECT component, woken_at, released_at, cause, held, freed FROM residencies ORDER BY id")
    return [tuple(row) for row in rows]


def sessions(database: Database) -> list[tuple[float, float]]:
    return [(row[0], row[1]) for row in database.fetch("SELECT started, seen FROM sessions ORDER BY id")]


def change(component: str, before: ComponentState, after: ComponentState, at: float, cause: str = "request"):
    return ComponentChanged(component, before, after, at, cause)


def test_expected_is_the_median_of_recent_wakes(usage: Usage) -> None:
    history: WakeHistory = usage
    assert history.expected("generator") is None
    for _ in range(9):
        history.record_wake("generator", 100.0, 9_000)
    for seconds, size in ((1.0, 100), (3.0, 300), (2.0, 200), (60.0, 200), (2.0, 200)):
        history.record_wake("generator", seconds, size)
    history.record_wake("retrieval", 5.0, 50)
    assert history.expected("generator") == (60.0, 300)
    assert history.expected("retrieval") == (5.0, 50)


def test_a_release_closes_the_stay_that_it_belongs_to(usage: Usage, database: Database, wall: Wall) -> None:
    for at in (10.0, 20.0):  # two hosts of one component, and one of another
        wall.seconds = START + at
        usage.record_wake("reader", 1.0, 80)
    usage.record_wake("retrieval", 1.0, 300)
    wall.seconds = START + 50
    usage.record_release("reader", "idle", 30.0, 90, 85)
    assert residencies(database)[1][2] is None  # the one who releases does not wait for the disk
    usage.beat()
    assert residencies(database) == [
        ("reader", START + 10, None, None, None, None),
        ("reader", START + 20, START + 50, "idle", 90, 85),
        ("retrieval", START + 20, None, None, None, None),
    ]


def test_a_session_is_noted_once_a_minute_and_at_its_end(usage: Usage, database: Database, wall: Wall) -> None:
    for second in range(100):
        wall.seconds = START + second
        usage.beat()
    assert sessions(database) == [(START, START + 60)]
    usage.close()
    assert sessions(database) == [(START, START + 99)]


def test_a_command_that_wakes_nothing_leaves_no_trace(usage: Usage, database: Database) -> None:
    usage.close()
    assert sessions(database) == []


def test_what_is_still_there_at_the_end_goes_with_the_program(usage: Usage, database: Database, wall: Wall) -> None:
    usage.record_wake("generator", 2.0, 1000)
    wall.seconds = START + 30
    usage.close()
    assert residencies(database)[0][2:4] == (START + 30, "quit")
    assert sessions(database) == [(START, START + 30)]


def test_a_machine_that_sleeps_ends_a_session(usage: Usage, database: Database, wall: Wall) -> None:
    for second in (0, 1, 2):
        wall.seconds = START + second
        usage.beat()
    wall.seconds = START + 8 * 3600
    usage.record_wake("reader", 1.0, 80)  # before the first beat of the morning
    usage.beat()
    wall.seconds += 60
    usage.beat()
    assert sessions(database) == [(START, START + 2), (START + 8 * 3600, START + 8 * 3600 + 60)]


def test_what_a_kill_left_open_is_closed_at_the_last_known_time(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    program = (
        "import os, signal, sys; from pathlib import Path\n"
        "from kotaemon_desktop.core.storage.database import Database\n"
        "from kotaemon_desktop.core.storage.usage import Usage\n"
        "times = iter((1000.0, 1010.0, 1100.0, 1200.0))\n"
        "usage = Usage(Database(Path(sys.argv[1])), now=lambda: next(times))\n"
        "usage.record_wake('generator', 2.0, 1000)\n"
        "usage.beat(); usage.beat()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program, str(file)], env={**os.environ}, check=False)
    assert ended.returncode == -signal.SIGKILL
    with Database(file) as database:
        Usage(database, now=lambda: 5000.0)
        assert residencies(database) == [("generator", 1010.0, 1200.0, "crash", None, None)]
        assert sessions(database) == [(1000.0, 1200.0)]


def test_the_report_counts_what_is_in_memory_now(usage: Usage, wall: Wall) -> None:
    wall.seconds = START + 100
    usage.record_wake("generator:small", 4.0, 1000)
    wall.seconds = START + 400
    status = ComponentStatus("generator", ComponentState.IDLE, bytes=3000, hosts=1)
    report = usage.report([START, START + 400], timers={}, now=[status])
    [generator] = report.total.components
    assert (generator.name, generator.variant) == ("generator", "small")
    assert (generator.resident_seconds, generator.byte_seconds) == (300, 300 * 3000)
    assert (generator.wakes, generator.waking_seconds) == (1, 4.0)
    assert report.total.ran_seconds == 400
    assert generator.always_on_byte_seconds == 400 * 3000


def test_rests_lead_to_advice(usage: Usage, wall: Wall) -> None:
    at = START
    for _ in range(6):  # six times: used, idle, gone after five minutes, needed again two minutes later
        wall.seconds = at
        usage.record_wake("generator", 8.0, 1 << 30)
        usage.hear(change("generator", ComponentState.WAKING, ComponentState.BUSY, at))
        usage.hear(change("generator", ComponentState.BUSY, ComponentState.IDLE, at + 10))
        usage.hear(change("generator", ComponentState.IDLE, ComponentState.ABSENT, at + 310, "idle"))
        wall.seconds = at + 310
        usage.record_release("generator", "idle", 310.0, 1 << 30, 1 << 30)
        at += 430
        usage.hear(change("generator", ComponentState.ABSENT, ComponentState.WAKING, at))
    wall.seconds = at
    report = usage.report([START, at], timers={"generator": 300.0, "reader": 30.0}, now=())
    [advice] = report.advice
    assert (advice.component, advice.timer, advice.suggested, advice.rests) == ("generator", 300, 600, 6)
    assert (advice.reloads, advice.waiting_seconds) == (6, 48)
    assert advice.byte_seconds == 6 * 120 * (1 << 30)


def test_many_threads_write_one_session(database: Database) -> None:
    usage = Usage(database)
    usages = [threading.Thread(target=usage.record_wake, args=("reader", 0.1, 10)) for _ in range(8)]
    for thread in usages:
        thread.start()
    for thread in usages:
        thread.join()
    assert len(sessions(database)) == 1
    assert len(residencies(database)) == 8


def test_a_full_disk_keeps_nobody_from_working(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    usage = Usage(database)
    pages = database.fetch("PRAGMA page_count")[0][0]
    database.connection().execute(f"PRAGMA max_page_count={pages}")
    for _ in range(200):
        usage.record_wake("reader", 0.1, 10)
    assert "usage is not recorded" in caplog.text
    assert "full" in caplog.text


def test_a_library_from_before_use_was_recorded_has_none(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    Database(file, migrations=MIGRATIONS[:1]).close()
    with usage_log.read_only(file) as fetch:
        report = usage_log.report(fetch, [START, START + 100], {"generator": 300.0})
    assert (report.total.components, report.advice) == ((), ())
