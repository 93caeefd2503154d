"""A host serves calls and streams in another process, and its end is always noticed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from kotaemon_desktop.core.errors import (
    ComponentCrashed,
    ComponentFailed,
    ComponentTimedOut,
    Encrypted,
    WakeFailed,
)
from kotaemon_desktop.core.residency.component import ComponentSpec


def test_call_returns_from_another_process(keeper) -> None:
    with keeper().lease("echo") as lease:
        assert lease.call("echo", {"a": "中文"}) == {"a": "中文"}
        assert lease.call("pid") != psutil.Process().pid


def test_errors_for_people_cross_the_border_and_the_host_lives_on(keeper) -> None:
    with keeper().lease("echo") as lease:
        with pytest.raises(Encrypted, match="password"):
            lease.call("fail")
        with pytest.raises(ComponentFailed, match="a bug"):
            lease.call("bug")
        with pytest.raises(ComponentFailed):
            lease.call("unpicklable")
        assert lease.call("echo", 1) == 1


def test_stream_is_pulled_and_closing_it_stops_it_there(keeper) -> None:
    with keeper().lease("echo") as lease:
        assert list(lease.stream("count", 3)) == [0, 1, 2]
        stream = lease.stream("count", 1_000_000)
        assert [next(stream), next(stream)] == [0, 1]
        stream.close()
        log = lease.call("seen")
    assert log[-1] == "closed"
    assert "step 5" not in log


def test_an_urgent_call_overtakes_a_bulk_stream(keeper) -> None:
    made = keeper()
    with made.lease("echo", urgent=False) as bulk, made.lease("echo") as urgent:
        stream = bulk.stream("slow_count", 10_000, 0.01)
        last = next(stream)
        asker = threading.Thread(target=urgent.call, args=("echo", "now"))
        asker.start()
        while asker.is_alive():
            last = next(stream)
        assert last < 100  # it waited for a step or two, not for the whole stream
        assert next(stream) == last + 1
        stream.close()


def test_a_killed_host_ends_the_request_with_a_named_error(keeper) -> None:
    made = keeper()
    with made.lease("echo") as lease:
        with pytest.raises(ComponentCrashed) as caught:
            lease.call("die")
        assert caught.value.facts == {"component": "echo", "exitcode": 9}
        with pytest.raises(ComponentCrashed):
            lease.call("echo", 1)
        with pytest.raises(ComponentCrashed):
            list(lease.stream("count", 2))


def test_a_hanging_host_is_killed_at_the_limit(keeper) -> None:
    made = keeper(call_timeout=2.0)
    with made.lease("echo") as lease:
        pid = lease.call("pid")
        with pytest.raises(ComponentTimedOut):
            lease.call("hang")
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize("service", ["services:Unbuildable", "services:DiesAtOnce", "services:Missing", "nowhere:X"])
def test_a_service_that_cannot_be_built_says_so(keeper, service: str) -> None:
    made = keeper(service)
    with pytest.raises(WakeFailed), made.lease("echo"):
        pass
    assert made.status("echo").state == "failed"


def test_no_orphan_after_the_parent_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys, time\n"
        f"sys.path.append({str(Path(__file__).parent)!r})\n"
        "from kotaemon_desktop.core.residency.component import ComponentSpec\n"
        "from kotaemon_desktop.core.residency.host import Host\n"
        "if __name__ == '__main__':\n"
        "    host = Host(ComponentSpec('echo', 'services:Echo'))\n"
        "    print(host.pid, flush=True)\n"
        "    try:\n"
        "        host.call('hang')\n"
        "    finally:\n"
        "        time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < deadline, "the host outlived its parent"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="a matter of the C library on Linux")
def test_weights_lie_in_large_pages_where_they_are_wanted(build, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    kept = build(
        ComponentSpec("small", "services:Echo"),
        ComponentSpec("large", "services:Echo", large_pages=True),
    )
    with kept.lease("large") as lease:
        told, held = lease.call("large_pages", 32)
    with kept.lease("small") as lease:
        assert lease.call("large_pages", 32)[0] == ""
    assert told == "glibc.malloc.hugetlb=1"
    assert "GLIBC_TUNABLES" not in os.environ
    if "[never]" in Path("/sys/kernel/mm/transparent_hugepage/enabled").read_text():
        pytest.skip("this system gives no large pages")
    assert held > 16 << 20


@pytest.mark.skipif(sys.platform != "linux", reason="a matter of the C library on Linux")
def test_what_a_person_has_set_is_left_alone(keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=0")
    with keeper(large_pages=True).lease("echo") as lease:
        assert lease.call("large_pages", 1)[0] == "glibc.malloc.check=0"
    assert os.environ["GLIBC_TUNABLES"] == "glibc.malloc.check=0"
