"""The endpoint over real sockets: only while it is switched on, only for this computer, honest while closing."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from kotaemon_desktop.core.events import Loaded
from kotaemon_desktop.core.monitoring.publisher import Publisher
from kotaemon_desktop.core.records import ComponentState, ComponentStatus
from kotaemon_desktop.core.residency.component import SystemClock
from kotaemon_desktop.core.settings import Monitoring


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    before = threading.active_count()
    made = Publisher(lambda: [ComponentStatus("reader", ComponentState.IDLE)], SystemClock())
    yield made
    made.close()
    until = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < until:  # a handler that hears of the end
        time.sleep(0.01)
    assert threading.active_count() <= before


def get(port: int, path: str, host: str = "") -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers={"Host": host} if host else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_nothing_listens_and_nothing_is_imported_while_it_is_off() -> None:
    program = (
        "import sys, threading\n"
        "from kotaemon_desktop.core.monitoring.publisher import Publisher\n"
        "from kotaemon_desktop.core.residency.component import SystemClock\n"
        "from kotaemon_desktop.core.settings import Monitoring\n"
        "made = Publisher(list, SystemClock()); made.follow(Monitoring()); events = iter(())\n"
        "assert made.watch(events) is events and made.port is None and threading.active_count() == 1\n"
        "assert not {'prometheus_client', 'http.server'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_metrics_and_health_are_served(publisher: Publisher, port: int) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    publisher.hear(Loaded("reader", 0.0, 0.5, 100))
    status, text = get(port, "/metrics")
    assert status == 200
    assert 'kotaemon_loads_total{component="reader"} 1.0' in text
    status, text = get(port, "/healthz")
    assert status == 200
    health = json.loads(text)
    assert health["status"] == "ready"
    assert health["components"] == {"reader": "idle"}
    assert get(port, "/")[0] == 404


def test_closing_is_told_before_the_door_shuts(publisher: Publisher, port: int) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    publisher.say_closing()
    status, text = get(port, "/healthz")
    assert (status, json.loads(text)["status"]) == (503, "closing")
    publisher.close()
    with pytest.raises(ConnectionRefusedError):
        get(port, "/healthz")


def test_it_is_switched_and_moved_while_the_program_runs(publisher: Publisher, port: int) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    with socket.create_server(("127.0.0.1", 0)) as free:
        other = free.getsockname()[1]
    publisher.follow(Monitoring(metrics=True, metrics_port=other))
    assert get(other, "/healthz")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        get(port, "/healthz")
    publisher.follow(Monitoring(metrics=False, metrics_port=other))
    assert publisher.port is None
    with pytest.raises(ConnectionRefusedError):
        get(other, "/healthz")


def test_only_this_computer_can_connect(publisher: Publisher, port: int) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    server = publisher._endpoint.socket  # type: ignore[union-attr]
    assert server.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize(("host", "status"), [("localhost", 200), ("127.0.0.1", 200), ("evil.example", 403)])
def test_a_page_that_points_its_own_name_here_reads_nothing(
    publisher: Publisher, port: int, host: str, status: int
) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    assert get(port, "/metrics", f"{host}:{port}")[0] == status


def test_a_taken_port_is_a_problem_and_no_failure(publisher: Publisher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        publisher.follow(Monitoring(metrics=True, metrics_port=taken.getsockname()[1]))
        assert publisher.problem == "Address already in use"
        assert publisher.port is None
    publisher.follow(Monitoring())
    assert publisher.problem == ""


def test_a_client_that_says_nothing_does_not_hold_up_the_end(publisher: Publisher, port: int) -> None:
    publisher.follow(Monitoring(metrics=True, metrics_port=port))
    with socket.create_connection(("127.0.0.1", port)):
        assert get(port, "/healthz")[0] == 200
        ended = threading.Thread(target=publisher.close)
        ended.start()
        ended.join(30)
        assert not ended.is_alive()
