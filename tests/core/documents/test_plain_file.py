"""Only files are opened: what else has a name in a folder is told by what it is, at once."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.plain_file import details_of
from kotaemon_desktop.core.errors import NoFile


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such things in folders")
def test_what_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket has to be short
    os.mkfifo("pipe.txt")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.txt")
        kinds = {"pipe.txt": "a pipe", "socket.txt": "a socket", ".": "a folder", "/dev/zero": "a device"}
        for name, kind in kinds.items():
            with pytest.raises(NoFile, match=f"is {kind}.*not a file"):
                details_of(Path(name))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_a_circle_is_an_error_of_the_system(tmp_path: Path) -> None:
    link = tmp_path / "a.txt"
    link.symlink_to(link)
    with pytest.raises(OSError, match="symbolic links"):
        details_of(link)
