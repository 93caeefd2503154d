"""Lanes: order, cancelling, errors, and an end that never hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from kotaemon_desktop.qt.workers import Lanes


def test_events_arrive_in_order_in_the_gui_thread(lanes: Lanes, qtbot: QtBot) -> None:
    heard: list[object] = []
    where: set[int] = set()
    worked_in: list[str] = []

    def work() -> Iterator[int]:
        worked_in.append(threading.current_thread().name)
        yield from range(1000)

    def hear(event: int) -> None:
        where.add(threading.get_ident())
        heard.append(event)

    job = lanes.run("importing", work, on_event=hear, on_done=lambda: heard.append("done"))
    qtbot.waitUntil(lambda: job.finished)
    assert heard == [*range(1000), "done"]
    assert where == {threading.get_ident()}
    assert worked_in[0].startswith("lane-importing")


def test_lanes_run_side_by_side_and_each_one_after_the_other(lanes: Lanes, qtbot: QtBot) -> None:
    gate = threading.Event()
    heard: list[str] = []
    lanes.call("importing", lambda: gate.wait(10), on_result=lambda _: heard.append("first"))
    second = lanes.call("importing", lambda: None, on_result=lambda _: heard.append("second"))
    other = lanes.call("answering", lambda: None, on_result=lambda _: heard.append("other lane"))
    qtbot.waitUntil(lambda: other.finished)
    assert heard == ["other lane"]
    assert not lanes.idle("importing")
    gate.set()
    qtbot.waitUntil(lambda: second.finished)
    assert heard == ["other lane", "first", "second"]
    assert lanes.idle("importing")


def test_cancel_stops_at_the_next_event_and_drops_late_ones(lanes: Lanes, qtbot: QtBot) -> None:
    heard: list[int] = []
    ended: list[str] = []
    closed_in: list[str] = []

    def work() -> Iterator[int]:
        number = 0
        try:
            while True:
                yield number
                number += 1
                time.sleep(0.001)
        finally:
            closed_in.append(threading.current_thread().name)

    job = lanes.run("answering", work, on_event=heard.append, on_done=lambda: ended.append("done"))
    qtbot.waitUntil(lambda: len(heard) > 3)
    job.cancel()
    so_far = len(heard)
    qtbot.waitUntil(lambda: job.finished)
    assert len(heard) == so_far
    assert ended == ["done"]
    assert closed_in[0].startswith("lane-answering")


def test_a_job_cancelled_before_it_starts_never_runs_and_is_done_once(lanes: Lanes, qtbot: QtBot) -> None:
    gate = threading.Event()
    ran: list[str] = []
    ended: list[str] = []

    def work() -> Iterator[str]:
        ran.append("ran")
        yield "event"

    blocking = lanes.call("importing", lambda: gate.wait(10), on_result=lambda _: None)
    waiting = lanes.run("importing", work, on_event=ran.append, on_done=lambda: ended.append("done"))
    waiting.cancel()
    waiting.cancel()
    qtbot.waitUntil(lambda: waiting.finished)
    gate.set()
    qtbot.waitUntil(lambda: blocking.finished)
    assert ran == []
    assert ended == ["done"]


def test_an_error_goes_to_its_handler_and_the_lane_lives_on(lanes: Lanes, qtbot: QtBot) -> None:
    heard: list[object] = []

    def work() -> Iterator[int]:
        yield 1
        raise ValueError("no")

    job = lanes.run(
        "importing", work, on_event=heard.append, on_error=heard.append, on_done=lambda: heard.append("done")
    )
    qtbot.waitUntil(lambda: job.finished)
    assert heard[0] == 1
    assert isinstance(heard[1], ValueError)
    assert heard[2] == "done"
    assert lanes.call("importing", lambda: 2, on_result=heard.append)
    qtbot.waitUntil(lambda: heard[-1] == 2)


def test_an_error_without_a_handler_is_told_by_the_signal(lanes: Lanes, qtbot: QtBot) -> None:
    with qtbot.waitSignal(lanes.failed) as told:
        lanes.call("browsing", lambda: 1 // 0, on_result=lambda _: None)
    assert isinstance(told.args[0], ZeroDivisionError)


def test_a_flood_of_events_leaves_the_event_loop_its_turns(lanes: Lanes, qtbot: QtBot) -> None:
    beats: list[None] = []
    timer = QTimer(interval=0)
    timer.timeout.connect(lambda: beats.append(None))
    timer.start()
    job = lanes.run("importing", lambda: iter(range(20_000)), on_event=lambda _: sum(range(1000)))
    qtbot.waitUntil(lambda: job.finished)
    timer.stop()
    assert len(beats) > 10, "the timer had no turn while the events came"


def test_close_waits_only_so_long_and_calls_nobody_back(qtbot: QtBot) -> None:
    lanes = Lanes()
    gate = threading.Event()
    heard: list[str] = []
    lanes.call("answering", lambda: gate.wait(60), on_result=lambda _: heard.append("late"))
    started = time.monotonic()
    lanes.close(seconds=0.1)
    assert time.monotonic() - started < 30  # it did not wait for the call
    gate.set()
    qtbot.wait(50)
    assert heard == []
    assert lanes.call("answering", lambda: 1, on_result=lambda _: heard.append("after close")).finished
    assert heard == []
