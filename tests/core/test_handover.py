"""A second start gives its files to the window that runs: only to that one, and only when it knows the secret."""

from __future__ import annotations

import json
import select
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.handover import Door, Request, hand_over
from kotaemon_desktop.core.paths import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    made.create()
    return made


@pytest.fixture
def door(folder: DataFolder) -> Iterator[Door]:
    opened = Door(folder)
    yield opened
    opened.close()


def serve_once(door: Door, heard: list[Request | None]) -> threading.Thread:
    """Let in one visitor, as an event loop would."""

    def serve() -> None:
        select.select([door.socket], [], [], 10)
        with door.accept() as visitor:
            visitor.settimeout(30)
            heard.append(door.understand(visitor.recv(1 << 16)))
            if heard[-1] is not None:
                door.confirm(visitor)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_files_reach_the_window(folder: DataFolder, door: Door, tmp_path: Path) -> None:
    heard: list[Request | None] = []
    serving = serve_once(door, heard)
    request = Request((tmp_path / "一份 file.pdf", Path("relative.txt")), raises=False)
    assert hand_over(folder, request)
    serving.join()
    assert heard == [Request((tmp_path / "一份 file.pdf", Path.cwd() / "relative.txt"), raises=False)]


def test_where_nobody_is_nothing_is_handed_over(folder: DataFolder) -> None:
    assert not hand_over(folder, Request())
    Door(folder).close()
    assert not hand_over(folder, Request())
    door = Door(folder)
    left_behind = (folder.root / ".window.json").read_bytes()  # by a window that was killed
    door.close()
    (folder.root / ".window.json").write_bytes(left_behind)
    assert not hand_over(folder, Request())


def test_another_program_on_that_port_is_told_nothing(folder: DataFolder, door: Door) -> None:
    file = folder.root / ".window.json"
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        file.write_text(json.dumps({**json.loads(file.read_bytes()), "port": stranger.getsockname()[1]}), "utf-8")
        said: list[bytes] = []

        def talk() -> None:
            visitor, _address = stranger.accept()
            with visitor:
                visitor.sendall(b"SSH-2.0-somebody\n")
                said.append(visitor.recv(1 << 16))

        thread = threading.Thread(target=talk)
        thread.start()
        assert not hand_over(folder, Request((Path("/private/diary.txt"),)))
        thread.join()
    assert said == [b""]


@pytest.mark.parametrize("line", [b"{}", b"[]", b"no json", b'{"secret": "wrong", "paths": [], "raise": true}'])
def test_who_does_not_know_the_secret_is_not_understood(door: Door, line: bytes) -> None:
    assert door.understand(line) is None


@pytest.mark.skipif(sys.platform == "win32", reason="folders of a user are private on Windows")
def test_the_secret_is_the_user_s_alone(folder: DataFolder, door: Door) -> None:
    assert stat.S_IMODE((folder.root / ".window.json").stat().st_mode) == 0o600


def test_the_address_of_a_window_that_was_killed_loads_no_tables_of_names(folder: DataFolder) -> None:
    (folder.root / ".window.json").write_text('{"port": 1, "greeting": "a", "answer": "b"}', "utf-8")
    program = (
        "import sys\nfrom pathlib import Path\nfrom kotaemon_desktop.core.handover import Request, hand_over\n"
        "from kotaemon_desktop.core.paths import DataFolder\n"
        "print(hand_over(DataFolder(Path(sys.argv[1])), Request()), 'encodings.idna' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", program, str(folder.root)], check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["False", "False"]
