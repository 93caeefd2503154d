"""The engine keeps usage, publishes metrics when told to, and knows what a person should know; over a real host."""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from kotaemon_desktop.core import settings_file
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Done
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import READER
from kotaemon_desktop.core.storage.usage_report import Period
from kotaemon_desktop.core.usage import usage_report


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    made = DataFolder(tmp_path / "data")
    made.create()
    yield made
    assert multiprocessing.active_children() == []


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def get(port: int, path: str) -> tuple[int, str]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def use_reader(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "note.md"
    file.write_text("# Note\n\nThe canteen opens at noon.\n", "utf-8")
    assert any(engine.imports.run([file]))
    with engine.keeper.lease(READER):
        pass


def test_usage_outlives_the_program(folder: DataFolder, tmp_path: Path) -> None:
    with closing(Engine.open(folder)) as engine:
        use_reader(engine, tmp_path)
        now = usage_report(engine, Period.TODAY).total
        [reader] = [each for each in now.components if each.component == READER]
        assert reader.wakes >= 1
        assert reader.waking_seconds > 0
        assert reader.typical_bytes > 10 << 20
        assert reader.resident_seconds > 0
    with closing(Engine.open(folder)) as engine:
        later = usage_report(engine, Period.TODAY).total
        [again] = [each for each in later.components if each.component == READER]
        assert again.wakes == reader.wakes
        assert again.resident_seconds >= reader.resident_seconds
        assert again.byte_seconds > 0
        assert later.ran_seconds >= now.ran_seconds


def test_another_workspace_can_be_looked_at(folder: DataFolder, tmp_path: Path) -> None:
    with closing(Engine.open(DataFolder(folder.root, "work"))) as engine:
        use_reader(engine, tmp_path)
    with closing(Engine.open(folder)) as engine:
        assert engine.folder.workspaces() == ("default", "work")
        assert usage_report(engine, Period.TODAY).total.components == ()
        before = (folder.root / "workspaces" / "work" / "library.sqlite3").read_bytes()
        work = usage_report(engine, Period.TODAY, "work").total
        assert {each.component for each in work.components} >= {READER}
        assert (folder.root / "workspaces" / "work" / "library.sqlite3").read_bytes() == before


def test_metrics_follow_the_settings(folder: DataFolder, port: int, tmp_path: Path) -> None:
    settings_file.change(folder.settings, "monitoring", "metrics_port", port)
    with closing(Engine.open(folder)) as engine:
        with pytest.raises(ConnectionRefusedError):
            get(port, "/healthz")
        engine.change_setting("monitoring", "metrics", True)
        assert json.loads(get(port, "/healthz")[1])["components"][READER] == "absent"
        use_reader(engine, tmp_path)
        [done] = [event for event in engine.questions.answer("Hello!") if isinstance(event, Done)]
        assert done.answered
        text = get(port, "/metrics")[1]
        assert f'kotaemon_loads_total{{component="{READER}"}}' in text
        assert 'kotaemon_question_seconds_count{outcome="answered"} 1.0' in text
        engine.change_setting("monitoring", "metrics", False)
        with pytest.raises(ConnectionRefusedError):
            get(port, "/healthz")


def test_health_tells_of_the_end_while_hosts_are_still_ending(folder: DataFolder, port: int) -> None:
    settings_file.change(folder.settings, "monitoring", "metrics_port", port)
    settings_file.change(folder.settings, "monitoring", "metrics", True)
    engine = Engine.open(folder)
    heard: list[int] = []

    def ask_on() -> None:
        with contextlib.suppress(OSError):
            while True:
                heard.append(get(port, "/healthz")[0])

    with engine.keeper.lease(READER):
        pass
    asker = threading.Thread(target=ask_on)
    asker.start()
    while not heard:
        time.sleep(0.01)
    engine.close()
    asker.join(30)
    assert not asker.is_alive()
    assert [status for status, _same in itertools.groupby(heard)] == [200, 503]
    with pytest.raises(ConnectionRefusedError):
        get(port, "/healthz")


def test_what_a_person_should_know(folder: DataFolder) -> None:
    with closing(Engine.open(folder)) as engine:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            engine.change_setting("monitoring", "metrics_port", taken.getsockname()[1])
            engine.change_setting("monitoring", "metrics", True)
        engine.notices.look()
        logging.getLogger("kotaemon_desktop.core").error("the index is odd")
        notices = {notice.kind: notice for notice in engine.notices.look()}
        assert "Address already in use" in notices["metrics"].text
        assert notices["log"].text == "1 error in the log: the index is odd"
        engine.change_setting("monitoring", "metrics", False)
        engine.notices.dismiss("log")
        assert not {"metrics", "log"} & {notice.kind for notice in engine.notices.look()}
