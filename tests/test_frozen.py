"""What an installed program does before it does anything else; the whole of it is in end_to_end/test_packaged.py."""

import sys

import pytest

from kotaemon_desktop import frozen


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such variable")
@pytest.mark.parametrize(("before", "after"), [(None, None), ("/their/own", "/their/own")])
def test_programs_that_are_opened_find_the_systems_libraries(before, after):
    environment = {"LD_LIBRARY_PATH": "/opt/kotaemon-desktop/_internal", "HOME": "/home/me"}
    if before is not None:
        environment["LD_LIBRARY_PATH_ORIG"] = before

    frozen.give_back_libraries(environment)

    assert environment.pop("LD_LIBRARY_PATH", None) == after
    assert environment == {"HOME": "/home/me", "PYINSTALLER_RESET_ENVIRONMENT": "1"}


def test_a_host_is_served_and_ends(monkeypatch):
    from multiprocessing import spawn

    served = []
    monkeypatch.setattr(sys, "argv", ["kotaemon-desktop", "--multiprocessing-fork", "tracker_fd=5", "pipe_handle=7"])
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(spawn, "spawn_main", lambda **pipes: served.append(pipes))
    with pytest.raises(SystemExit):
        frozen.serve(sys.argv)
    assert served == [{"tracker_fd": 5, "pipe_handle": 7}]


def test_what_cleans_up_after_hosts_is_served(monkeypatch):
    from multiprocessing import resource_tracker

    served = []
    monkeypatch.setattr(resource_tracker, "main", served.append)
    with pytest.raises(SystemExit):
        frozen.serve(["kotaemon-desktop", "-B", "-c", "from multiprocessing.resource_tracker import main;main(4)"])
    assert served == [4]


@pytest.mark.parametrize("arguments", [[], ["import", "file.pdf"], ["ask", "-c"], ["-c", "import os"]])
def test_everything_else_is_a_command_of_a_person(arguments):
    frozen.serve(["kotaemon-desktop", *arguments])
