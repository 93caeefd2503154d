"""`kotaemon-desktop status`, `export`, `backup`, `restore`, `verify`: one of a thing is told as one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from kotaemon_desktop.cli import parser
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import PageText, PassageDraft


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one document of one passage."""
    with closing(Engine.open(DataFolder(tmp_path / "data"))) as engine:
        engine.library.add(
            path="/x/Book.pdf", name="Book.pdf", kind="pdf", title="Book", size=9, sha256="x", page_count=1,
            pages=[PageText(1, "One.")], passages=[PassageDraft(1, 0, 4, "One.", "", "one")],
        )  # fmt: skip
    return tmp_path / "data"


def test_one_of_a_thing_is_told_as_one(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")

    def told(*words: str, folder: Path = data) -> str:
        capsys.readouterr()
        parser.main([*words, "--data-dir", str(folder)])
        return capsys.readouterr().out

    assert told("status").startswith("1 document, 1 passage in ")
    assert told("verify").startswith("1 document, 1 passage: ")
    assert told("workspaces", "list").startswith("default: 1 document, ")
    assert told("export", str(tmp_path / "out")).startswith("1 document, 1 passage and 0 conversations written to ")
    assert told("backup", str(tmp_path / "saved")).startswith("1 file, ")
    assert told("restore", str(tmp_path / "saved"), folder=tmp_path / "other").startswith("1 file restored to ")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "中有 1 个文档，1 个段落" in told("status")
