"""The whole main job needs no network and tries none: importing, searching, asking, and the window itself."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "resources" / "samples"
QUESTION = "How long is the notice period after the trial period?"
WINDOW_SECONDS = 6.0  # long enough for the panels, the sampler and what is asked of the session bus

pytestmark = pytest.mark.timeout(240)

# Every Python process of the program loads this by itself: hosts inherit the environment.
LISTENER = """
    import os, socket, sys

    def hear(event, arguments):
        if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
            if event == "socket.connect" and arguments[0].family == socket.AF_UNIX:
                return
            with open(os.environ["HEARD"], "a") as file:
                file.write(f"{event} {arguments[1:]!r}\\n")

    sys.addaudithook(hear)
"""


@pytest.fixture
def overheard(program, tmp_path: Path):
    """The program, each of whose processes notes whatever it asks of the network; and the notes."""
    listener, notes = tmp_path / "listener", tmp_path / "heard.txt"
    listener.mkdir()
    (listener / "sitecustomize.py").write_text(textwrap.dedent(LISTENER), encoding="utf-8")
    notes.touch()
    paths = [str(listener), *filter(None, [program.environment.get("PYTHONPATH")])]
    return program.beside("data", PYTHONPATH=":".join(paths), HEARD=str(notes)), notes


def isolated() -> bool:
    """Whether this machine lets a test run a program in a network of its own, without interfaces."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(sys.platform != "linux" or not isolated(), reason="no network namespaces here")
def test_the_main_job_is_done_where_there_is_no_network(program):
    def alone(*words: str | Path) -> dict[str, object]:
        done = subprocess.run(
            ["unshare", "-rn", *program.command(*words), "--json"],
            check=False, capture_output=True, encoding="utf-8", env=program.environment, timeout=230,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    assert alone("import", SAMPLES / "Employee Handbook.pdf")["failed"] == []
    hits = alone("search", QUESTION)["hits"]
    assert isinstance(hits, list)
    assert "six weeks" in hits[0]["text"]
    answer = alone("ask", QUESTION)
    assert answer["answered"] is True
    assert answer["citations"]


def test_the_listener_hears_a_connection(overheard):
    """A test that only ever hears silence proves nothing."""
    program, notes = overheard
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = somebody.getsockname()[1]
        code = f"import socket; socket.create_connection(('127.0.0.1', {port})).close()"
        subprocess.run([sys.executable, "-c", code], check=True, env=program.environment, timeout=30)

    assert f"socket.connect (('127.0.0.1', {port}),)" in notes.read_text(encoding="utf-8")


def test_nothing_asks_for_the_network(overheard):
    program, notes = overheard

    assert program.run("import", SAMPLES).status == 0
    assert program.run("ask", QUESTION).result["answered"] is True
    window = subprocess.Popen(program.command(), env=program.environment, stderr=subprocess.DEVNULL)
    time.sleep(WINDOW_SECONDS)
    assert window.poll() is None
    window.send_signal(signal.SIGTERM)
    assert window.wait(30) == 0

    assert notes.read_text(encoding="utf-8") == ""
