"""`kotaemon-desktop batch`: what it says of lines that are no requests. tests/end_to_end has it answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kotaemon_desktop.cli import parser

ANSWERED = '{"op": "search", "text": "crank bolt", "id": 9}'


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


def run(folder: Path, *lines: str) -> int:
    file = folder / "requests.jsonl"
    file.write_text("\n".join(lines), "utf-8")
    return parser.main(["batch", str(file), "--data-dir", str(folder / "data")])


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"op": "ask", "id": 7}', "missing required field `text`"),
        ('{"text": "x", "id": 7}', "missing required field `op`"),
        ('{"op": "nix", "id": 7}', "“op” is “search” or “ask”, not 'nix'"),
        ('{"op": ["ask"], "text": "x", "id": 7}', "“op” is “search” or “ask”, not ['ask']"),
        ('{"op": "search", "text": "x", "top": "many", "id": 7}', "$.top"),
        ('{"op": "ask", "text": "x", "conversation": [1], "id": 7}', "$.conversation"),
    ],
)
def test_a_line_that_is_no_request_says_what_is_wrong_and_the_next_one_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    assert run(tmp_path, line, ANSWERED) == 0
    bad, good = map(json.loads, capsys.readouterr().out.splitlines())
    assert bad["id"] == 7
    assert bad["error"].startswith("line 1 is not a request: ")
    assert words in bad["error"]
    assert good == {"id": 9, "hits": []}


def test_a_batch_fails_when_no_line_could_be_answered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "[1]", "", "not JSON") == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["id"] for line in out.splitlines()] == [None, None]
    assert err == "kotaemon-desktop: no request could be answered\n"
    assert run(tmp_path, "") == 0
