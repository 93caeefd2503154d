"""`kotaemon-desktop canary`: start, show, stop and promote a candidate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.cli import parser
from kotaemon_desktop.core.i18n import use_language


def run(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    status = parser.main(["canary", *words, "--data-dir", str(folder), "--json"])
    out = capsys.readouterr().out
    return status, json.loads(out.splitlines()[-1]) if out else None


def test_a_candidate_is_started_shown_stopped_and_promoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, capsys, "show") == (0, {"trial": None})
    _status, started = run(tmp_path, capsys, "start", "--pipeline", "quick", "--share", "0.5")
    assert started["trial"]["candidate"] == {"model": "none", "pipeline": "quick"}
    assert (started["trial"]["ending"], started["candidate"]["questions"], started["telling"]) == (None, 0, False)
    assert run(tmp_path, capsys, "stop")[1]["trial"]["ending"] == "stopped"
    assert "share: 0" in (tmp_path / "kotaemon.yaml").read_text("utf-8")
    run(tmp_path, capsys, "start", "--pipeline", "quick")
    assert run(tmp_path, capsys, "promote")[1]["trial"]["ending"] == "promoted"
    assert "use: quick" in (tmp_path / "kotaemon.yaml").read_text("utf-8")
    use_language("en")
    assert parser.main(["canary", "show", "--data-dir", str(tmp_path)]) == 0
    assert "promoted" in capsys.readouterr().out


def test_only_what_is_being_tried_is_promoted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, capsys, "promote") == (1, None)
    run(tmp_path, capsys, "start", "--pipeline", "quick")
    run(tmp_path, capsys, "stop")
    assert run(tmp_path, capsys, "promote") == (1, None)
    assert "use: quick" not in (tmp_path / "kotaemon.yaml").read_text("utf-8")
    assert run(tmp_path, capsys, "show")[1]["trial"]["ending"] == "stopped"
    assert parser.main(["canary", "promote", "--data-dir", str(tmp_path)]) == 1
    assert "none was promoted" in capsys.readouterr().err


def test_people_read_the_words_of_the_window(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    use_language("zh_CN")
    run(tmp_path, capsys, "start", "--pipeline", "quick")
    assert parser.main(["canary", "stop", "--data-dir", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert "已停止试用“摘录原文，不用语言模型 · 快速”。" in out
    for code in ("quick", "stopped", "first_piece", "questions", "none"):
        assert code not in out


@pytest.mark.parametrize("words", [("start",), ("start", "--model", "x", "--share", "2"), ("go",)])
def test_wrong_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    assert run(tmp_path, capsys, *words)[0] == 2
