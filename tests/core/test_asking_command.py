"""`kotaemon-desktop ask`: what it says beside the answer, and how it says no."""

from __future__ import annotations

from pathlib import Path

import pytest

from kotaemon_desktop.cli import parser
from kotaemon_desktop.core.i18n import use_language

TOOL = """
tools:
  http:
    - name: order
      title: Order status
      match: ['order #(?P<id>[0-9]+)']
      url: http://127.0.0.1:9/{id}
"""
QUESTION = "Where is my order #7?"


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    use_language("en")


def ask(folder: Path, question: str, *words: str) -> int:
    return parser.main(["ask", question, "--model", "none", *words, "--data-dir", str(folder)])


def test_people_are_told_why_the_answer_is_a_lesser_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kotaemon.yaml").write_text(TOOL, "utf-8")
    assert ask(tmp_path, QUESTION) == 0
    out, err = capsys.readouterr()
    assert "note: The tool “Order status” was not called: nobody has allowed it" in err
    assert "note:" not in out


def test_a_tool_that_does_not_exist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kotaemon.yaml").write_text(TOOL, "utf-8")
    assert ask(tmp_path, "What is in the contract?", "--allow-tool", "order") == 0
    capsys.readouterr()
    assert ask(tmp_path, "What is in the contract?", "--allow-tool", "order", "--allow-tool", "odrer") == 1
    assert capsys.readouterr() == ("", "kotaemon-desktop: There is no tool “odrer”.\n")
