"""The log: a file for its owner alone that begins anew when it is full, and gives up without a word on a full disk."""

from __future__ import annotations

import logging
import stat
import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core import log_file

_log = logging.getLogger("kotaemon_desktop.test")


def test_a_full_file_is_put_behind_the_others_and_the_oldest_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "_BYTES", 200)
    stop = log_file.log_to(tmp_path)
    for number in range(60):
        _log.info("line %d", number)
    stop()
    files = [tmp_path / "kotaemon.log", *(tmp_path / f"kotaemon.log.{number}" for number in (1, 2, 3))]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    kept = [int(line.rsplit(" ", 1)[1]) for file in reversed(files) for line in file.read_text("utf-8").splitlines()]
    assert kept == list(range(kept[0], 60))
    assert all(file.stat().st_size < 300 for file in files)
    if sys.platform != "win32":
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_new_start_goes_on_in_the_same_file(tmp_path: Path) -> None:
    for line in ("one", "two"):
        stop = log_file.log_to(tmp_path)
        _log.info(line)
        stop()
    assert [line[-3:] for line in (tmp_path / log_file.NAME).read_text("utf-8").splitlines()] == ["one", "two"]


def test_where_a_full_file_cannot_be_put_aside_it_goes_on_growing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(log_file, "_BYTES", 10)
    (tmp_path / "kotaemon.log.1").mkdir()
    (tmp_path / "kotaemon.log.1" / "in the way").touch()
    (tmp_path / "kotaemon.log.2").write_text("an old file", "utf-8")
    (tmp_path / "kotaemon.log.3").mkdir()
    (tmp_path / "kotaemon.log.3" / "in the way").touch()
    stop = log_file.log_to(tmp_path)
    for number in range(5):
        _log.info("line %d", number)
    stop()
    assert len((tmp_path / log_file.NAME).read_text("utf-8").splitlines()) == 5
    assert capsys.readouterr().err == ""
