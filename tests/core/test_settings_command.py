"""`kotaemon-desktop settings`: what it prints, what it changes, and how it says no."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kotaemon_desktop.cli import parser
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.paths import DataFolder


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    use_language("en")


def run(folder: Path, *words: str) -> int:
    return parser.main(["settings", *words, "--data-dir", str(folder)])


def test_a_setting_is_set_read_and_reset_while_another_process_has_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = DataFolder(tmp_path)
    lock = folder.lock()  # as the window has it, which follows the file
    try:
        assert run(tmp_path, "set", "answering.top", "3") == 0
        assert run(tmp_path, "set", "residency.pinned", "[retrieval]") == 0
        capsys.readouterr()
        assert run(tmp_path, "get", "answering.top", "--json") == 0
        got = json.loads(capsys.readouterr().out)
        assert (got["key"], got["value"], got["default"]) == ("answering.top", 3, 8)
        assert "top: 3" in folder.settings.read_text("utf-8")
        assert run(tmp_path, "reset", "answering.top") == 0
        assert capsys.readouterr().out == "8\n"
        assert run(tmp_path, "list") == 0
        assert 'residency.pinned = ["retrieval"]  (Always in memory)' in capsys.readouterr().out
    finally:
        lock.release()


@pytest.mark.parametrize("text", ["", "7", "[a]"])
def test_a_text_is_set_as_it_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert run(tmp_path, "set", "answering.model", "tiny") == 0
    capsys.readouterr()
    assert run(tmp_path, "set", "answering.model", text, "--json") == 0
    assert json.loads(capsys.readouterr().out)["value"] == text
    assert run(tmp_path, "get", "answering.model", "--json") == 0
    assert json.loads(capsys.readouterr().out)["value"] == text


def test_wrong_values_keys_and_usage_say_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "set", "answering.top", "many") == 1
    assert "“answering.top” takes a whole number from 1 to 50" in capsys.readouterr().err
    assert run(tmp_path, "get", "answering.tpo") == 2
    assert "“top” is meant perhaps" in capsys.readouterr().err
    assert run(tmp_path, "get") == 2
    assert run(tmp_path, "list", "answering.top") == 2
    assert not (tmp_path / "kotaemon.yaml").exists()


def test_the_hint_at_the_setting_that_is_meant_is_chinese_to_its_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert run(tmp_path, "get", "answering.tpo") == 2
    assert capsys.readouterr().err.endswith("也许是指“top”\n")


def test_a_broken_file_is_told_and_not_written_to(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "kotaemon.yaml"
    file.write_text("answering:\n  top: many\n", "utf-8")
    assert run(tmp_path, "list") == 0
    assert "line 2, column 8" in capsys.readouterr().err
    assert run(tmp_path, "set", "answering.top", "3") == 1
    assert file.read_text("utf-8") == "answering:\n  top: many\n"


def test_the_schema_is_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "schema") == 0
    assert "Answering" in json.loads(capsys.readouterr().out)["$defs"]
