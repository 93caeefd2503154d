"""Files and folders that a person chose."""

import os
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.documents.selection import expand


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def test_folders_are_opened_out_in_order(tmp_path: Path) -> None:
    touch(tmp_path, "b.PDF", "a.txt", "sub/c.md", "photo.jpg", ".hidden.txt", ".git/d.txt", "~$word.docx")
    assert expand([tmp_path]).files == [tmp_path / "a.txt", tmp_path / "b.PDF", tmp_path / "sub" / "c.md"]


def test_the_kinds_that_a_folder_is_not_searched_for_are_counted(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "run.py", "sub/Test.PY", "Makefile", ".hidden.py", "named.py")
    selected = expand([tmp_path / "named.py", tmp_path])
    assert selected.files == [tmp_path / "named.py", tmp_path / "a.txt"]
    assert selected.left_out == {".py": 2, "": 1}


def test_named_files_stay_whatever_they_are(tmp_path: Path) -> None:
    touch(tmp_path, "photo.jpg", ".hidden.txt")
    named = [tmp_path / "photo.jpg", tmp_path / "missing.pdf", tmp_path / ".hidden.txt"]
    assert expand(map(str, named)).files == named


def test_each_file_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "b.txt")
    assert expand([tmp_path / "b.txt", tmp_path, tmp_path / "a.txt"]).files == [tmp_path / "b.txt", tmp_path / "a.txt"]


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "a.txt")
    monkeypatch.chdir(tmp_path)
    assert expand(["a.txt", "."]).files == [tmp_path / "a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="links and FIFOs need rights there")
def test_circles_and_devices_are_left_out(tmp_path: Path) -> None:
    touch(tmp_path, "a.txt", "sub/b.txt")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken.txt").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.txt")
    assert expand([tmp_path]).files == [tmp_path / "a.txt", tmp_path / "sub" / "b.txt"]
