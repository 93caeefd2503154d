"""What a host that reads files can no longer do, shown in processes of their own: there is no way back from it."""

from __future__ import annotations

import json
import platform
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PREPARED = """
    import json, os, resource, signal, socket, subprocess, sys, threading
    from pathlib import Path
    from kotaemon_desktop.core.documents.sandbox import give_up_rights

    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    ready, done = threading.Event(), threading.Event()
    outcomes, limits = {}, resource.getrlimit(resource.RLIMIT_NOFILE)

    def attempt(name, action):
        try:
            action()
            outcomes[name] = "done"
        except OSError as error:
            outcomes[name] = type(error).__name__

    def early():  # a thread that was there before, as those of ONNX Runtime are
        ready.wait()
        attempt("connect in an older thread", lambda: socket.create_connection(("127.0.0.1", port), 5).close())
        done.set()

    threading.Thread(target=early).start()
    held = give_up_rights()
    ready.set()
    done.wait()
    attempt("read", lambda: (folder / "old.txt").read_text())
    attempt("connect", lambda: socket.create_connection(("127.0.0.1", port), 5).close())
    attempt("unix socket", lambda: socket.socket(socket.AF_UNIX).close())
    attempt("look a name up", lambda: socket.getaddrinfo("example.invalid", 80))
    attempt("create", lambda: (folder / "new.txt").write_text("x"))
    attempt("overwrite", lambda: (folder / "old.txt").write_text("x"))
    attempt("append", lambda: (folder / "old.txt").open("a").close())
    attempt("remove", lambda: (folder / "old.txt").unlink())
    attempt("rename", lambda: (folder / "old.txt").rename(folder / "other.txt"))
    attempt("make a folder", lambda: (folder / "made").mkdir())
    attempt("link", lambda: (folder / "link").symlink_to("/etc"))
    attempt("change rights", lambda: (folder / "old.txt").chmod(0o777))
    attempt("change rights of what is open", lambda: os.fchmod(os.open(folder / "old.txt", os.O_RDONLY), 0o777))
    attempt("change the owner", lambda: os.lchown(folder / "old.txt", os.getuid(), os.getgid()))
    attempt("change times", lambda: os.utime(folder / "old.txt", (1, 1)))
    attempt("change attributes", lambda: os.setxattr(folder / "old.txt", "user.x", b"x"))
    attempt("start a program", lambda: subprocess.run(["true"]))
    attempt("signal", lambda: os.kill(os.getppid(), 0))
    attempt("limit another", lambda: resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, limits))
    attempt("signal itself", lambda: signal.pthread_kill(threading.get_ident(), 0))
    attempt("limit itself", lambda: resource.prlimit(0, resource.RLIMIT_NOFILE, limits))
    print(json.dumps({"held": held, "outcomes": outcomes}))
"""


def attempts(folder: Path, prepared: str = PREPARED) -> dict[str, str]:
    """What came of each attempt; the process may connect to a socket that really listens."""
    (folder / "old.txt").write_text("old")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        command = [sys.executable, "-c", textwrap.dedent(prepared), str(folder), str(listener.getsockname()[1])]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found = json.loads(done.stdout)
    if not found["held"]:
        pytest.skip("this system has no such filter")
    return found["outcomes"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a filter")
def test_a_reader_can_read_and_nothing_else(tmp_path: Path) -> None:
    outcomes = attempts(tmp_path)
    assert [outcomes.pop(name) for name in ("read", "signal itself", "limit itself")] == ["done"] * 3
    assert outcomes.pop("look a name up") == "gaierror"
    assert outcomes == dict.fromkeys(outcomes, "PermissionError")
    assert [path.name for path in tmp_path.iterdir()] == ["old.txt"]
    assert (tmp_path / "old.txt").read_text() == "old"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such a filter")
def test_without_the_filter_all_of_it_works(tmp_path: Path) -> None:
    """A test that only ever sees refusals proves nothing."""
    outcomes = attempts(tmp_path, PREPARED.replace("held = give_up_rights()", "held = True"))
    assert outcomes.pop("look a name up") == "gaierror"
    assert {name for name, outcome in outcomes.items() if outcome != "done"} <= {
        name for name in outcomes if name.startswith(("rename", "change"))
    }, "the file was removed"


@pytest.mark.skipif(platform.machine() != "x86_64", reason="calls are numbered otherwise")
def test_the_old_ways_to_the_same_calls_are_closed(tmp_path: Path) -> None:
    """Python opens files by ``openat``; native code may still use ``open`` and ``creat``, or the numbers of x32."""
    code = f"""
        import ctypes, os
        from kotaemon_desktop.core.documents.sandbox import give_up_rights
        held, libc = give_up_rights(), ctypes.CDLL(None, use_errno=True)
        path = {str(tmp_path / "new").encode()!r}
        other, itself = os.getppid(), os.getpid()
        calls = [(2, path, 0o101, 0o600), (85, path, 0o600), (0x40000000 + 2, path, 0o101, 0o600), (41, 2, 1, 0)]
        calls += [(234, other, other, 0), (200, other, 0), (424, 0, 0, 0, 0), (452, -100, path, 0o777, 0)]
        for call in calls:
            assert not held or (libc.syscall(*call), ctypes.get_errno()) == (-1, 1), call
        assert libc.syscall(234, itself, itself, 0) == 0
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []
