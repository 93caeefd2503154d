"""`kotaemon-desktop traces`: what it lists, shows, compares and writes; and traces going when their time is over."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.cli import parser
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import RemoteFailed
from kotaemon_desktop.core.events import (
    AnswerFailed,
    Chosen,
    Cited,
    Degraded,
    Divided,
    Done,
    Found,
    Narrowed,
    Rewritten,
    Routed,
    ToolAsked,
    ToolCalled,
    as_dict,
)
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Hit, PageText, PassageDraft, Strength, ToolCall
from kotaemon_desktop.core.residency.component import SystemClock
from kotaemon_desktop.core.scope import Scope

DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    use_language("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder with a document of two passages and one question that was answered twice."""
    with closing(Engine.open(DataFolder(tmp_path / "data"))) as engine:
        document = engine.library.add(
            path="/x/Book.pdf", name="Book.pdf", kind="pdf", title="Book", size=9, sha256="x", page_count=2,
            pages=[PageText(1, "One."), PageText(2, "Two.")],
            passages=[PassageDraft(1, 0, 4, "One.", "", "one"), PassageDraft(2, 0, 4, "Two.", "", "two")],
        )  # fmt: skip
        hits = [Hit(each, 0.5, Strength.FAIR) for each in engine.library.passages_of(document)]
        for found, model in ((hits, "tiny"), (hits[:0:-1], "large")):
            answer = f"The {model} answer."
            events = (
                Routed("documents", "a question"),
                Found(tuple(found)),
                Cited(answer, ()),
                Done(model, True, {"total": 0.5}),
            )
            engine.history.add_turn(
                engine.history.new_conversation(), question="How much?", answer=answer, route="documents",
                model=model, answered=True, trace=[{"at": n / 10, **as_dict(event)} for n, event in enumerate(events)],
            )  # fmt: skip
    return tmp_path / "data"


def run(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Any]:
    capsys.readouterr()
    status = parser.main(["traces", *words, "--data-dir", str(folder), "--json"])
    out = capsys.readouterr()
    return status, json.loads(out.out.splitlines()[-1]) if out.out else out.err


def test_traces_are_listed_and_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, listed = run(folder, capsys, "list")
    assert [(each["id"], each["model"], each["seconds"]) for each in listed["traces"]] == [
        (2, "large", 0.5), (1, "tiny", 0.5),
    ]  # fmt: skip
    assert len(run(folder, capsys, "list", "--limit", "1")[1]["traces"]) == 1
    status, shown = run(folder, capsys, "show", "1")
    assert status == 0
    assert [each["step"] for each in shown["steps"]] == ["Routed", "Found", "Cited", "Done"]
    assert [each["passage"]["text"] for each in shown["hits"]] == ["One.", "Two."]
    assert parser.main(["traces", "show", "1", "--data-dir", str(folder)]) == 0
    assert "Book.pdf, page 2" in capsys.readouterr().out


def test_two_traces_are_compared(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _status, difference = run(folder, capsys, "diff", "1", "2")
    assert difference["facts"]["model"] == ["tiny", "large"]
    assert [(each["place"], each["fate"]) for each in difference["passages"]] == [
        ("Book.pdf, page 2", "moved"), ("Book.pdf, page 1", "lost"),
    ]  # fmt: skip
    assert parser.main(["traces", "diff", "1", "2", "--data-dir", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "The [-tiny-]{+large+} answer." in out
    assert "Answered by: tiny → large" in out


def test_people_read_no_codes(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    use_language("zh_CN")
    lines = [{"at": 0.1, **as_dict(event)} for event in (Routed("small_talk", "x"), Done("rules", True))]
    with closing(Engine.open(DataFolder(folder))) as engine:
        engine.history.add_turn(
            engine.history.new_conversation(), question="How much?", answer="None.", route="small_talk", model="rules",
            answered=True, trace=lines,
        )  # fmt: skip
    told: list[str] = []
    for words in (("list",), ("show", "1"), ("diff", "1", "3")):
        capsys.readouterr()
        assert parser.main(["traces", *words, "--data-dir", str(folder)]) == 0
        told.append(capsys.readouterr().out)
    listed, shown, compared = told
    assert "规则" in listed
    assert "0.50 秒" in listed
    assert "途径" in shown
    assert "一般" in shown
    assert "途径：文档 → 闲聊" in compared
    assert "整个回答：0.50 秒 → 0.10 秒" in compared
    for code in ("Routed", "fair", "documents", "small_talk", "rules", "total", " s "):
        assert code not in "".join(told)


def test_traces_are_written_as_lines_and_as_spans(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines, spans = tmp_path / "out.jsonl", tmp_path / "out.json"
    assert run(folder, capsys, "export", str(lines))[1] == {"path": str(lines), "traces": 2, "format": "lines"}
    written = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert [(line["turn"], line["event"]) for line in written[:5]] == [
        (1, event) for event in ("Turn", "Routed", "Found", "Cited", "Done")
    ]
    assert "question" not in written[0]
    run(folder, capsys, "export", str(lines), "2", "--text")
    [turn] = [line for line in map(json.loads, lines.read_text("utf-8").splitlines()) if line["event"] == "Turn"]
    assert (turn["question"], turn["answer"]) == ("How much?", "The large answer.")
    assert run(folder, capsys, "export", str(spans), "1")[1]["format"] == "otlp"
    [resource] = json.loads(spans.read_text("utf-8"))["resourceSpans"]
    assert len(resource["scopeSpans"][0]["spans"]) == 4


def test_words_leave_only_when_asked_for(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ToolCall("wages", "SECRET title", "db.local", {"route": "SECRET argument"}, leaves=True)
    events = (
        Chosen("standard", "the default"),
        Narrowed(Scope(names=("SECRET.pdf",), after="2026-01-01"), 3),
        Rewritten("SECRET question"),
        Divided(("SECRET half", "SECRET rest")),
        ToolAsked(call),
        ToolCalled(call, "https://db.local/?q=SECRET", found=True, seconds=0.5),
        Degraded(RemoteFailed(address="x", model="y", detail="SECRET reply")),
        AnswerFailed(RemoteFailed(address="x", model="y", detail="SECRET reply")),
    )
    with closing(Engine.open(DataFolder(folder))) as engine:
        engine.history.add_turn(
            engine.history.new_conversation(), question="SECRET?", answer="SECRET.", route="documents", model="tiny",
            answered=False, trace=[{"at": 0.1, **as_dict(event)} for event in events],
        )  # fmt: skip
    for name in ("out.jsonl", "out.json"):
        file = tmp_path / name
        run(folder, capsys, "export", str(file), "3")
        assert "SECRET" not in file.read_text("utf-8")
        run(folder, capsys, "export", str(file), "3", "--text")
        assert "SECRET?" in file.read_text("utf-8")
    run(folder, capsys, "export", str(tmp_path / "out.jsonl"), "3")
    turn, *lines = map(json.loads, (tmp_path / "out.jsonl").read_text("utf-8").splitlines())
    assert (turn["id"], turn["route"], turn["model"]) == (3, "documents", "tiny")
    by_event = {line.pop("event"): line for line in lines}
    own = {"turn": 3, "at": 0.1}
    assert by_event["Chosen"] == {**own, "pipeline": "standard", "why": "the default"}
    assert by_event["Narrowed"] == {**own, "scope": {"names": 1}, "documents": 3}
    assert (by_event["Rewritten"], by_event["Divided"]) == (own, {**own, "questions": 2})
    assert by_event["ToolCalled"] == {
        **own, "call": {"tool": "wages", "arguments": 1, "leaves": True, "by_model": False}, "found": True,
        "seconds": 0.5,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "status"),
    [(("show",), 2), (("diff", "1"), 2), (("show", "x"), 2), (("export",), 2), (("show", "9"), 1)],
)
def test_what_makes_no_sense_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], status: int
) -> None:
    ended, said = run(folder, capsys, *words)
    assert ended == status
    assert "trace" in said


class LaterClock(SystemClock):
    """The system's clock, days ahead once a test moves it."""

    ahead = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead

    def wall(self) -> float:
        return super().wall() + self.ahead


def test_traces_go_after_their_days_while_the_program_runs(folder: Path) -> None:
    clock = LaterClock()
    with closing(Engine(DataFolder(folder), clock=clock)) as engine:
        engine.change_setting("traces", "days", 7)
        clock.ahead = 6 * DAY
        engine.tick()
        assert len(engine.traces.latest(9)) == 2
        clock.ahead = 8 * DAY
        engine.tick()
        assert len(engine.traces.latest(9)) == 2  # by a clock that may be wrong for a moment
        clock.ahead = 9 * DAY
        engine.tick()
        assert engine.traces.latest(9) == []
        assert len(engine.history.conversations()) == 2


def test_a_shorter_time_counts_at_once(folder: Path) -> None:
    clock = LaterClock()
    clock.ahead = 10 * DAY
    with closing(Engine(DataFolder(folder), clock=clock)) as engine:
        assert len(engine.traces.latest(9)) == 2
        engine.change_setting("traces", "days", 9)
        assert len(engine.traces.latest(9)) == 2  # whoever reads a setting meanwhile does not wait for it
        engine.tick()
        assert engine.traces.latest(9) == []
