import json
from pathlib import Path

from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.export import export
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library

from .conftest import add


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_export(library: Library, database: Database, tmp_path: Path) -> None:
    document_id = add(library, "/a.pdf", "Leave is ten days.\u2028Next line", "年假十天")
    library.add_failed("/bad.pdf", "bad.pdf", 1, "x", Damaged(name="bad.pdf", detail="cut"))
    history = History(database)
    conversation = history.new_conversation()
    history.add_turn(
        conversation,
        question="How long/short is\nleave?",
        answer="Ten days [1].",
        route="documents",
        model="none",
        answered=True,
        citations=[Citation(1, 1, document_id, "/a.pdf", "a.pdf", 1, 0, 18, "Leave is ten days.")],
    )
    target = tmp_path / "exported"
    report = export(library, history, target)
    assert (report.documents, report.passages, report.conversations) == (1, 2, 1)
    assert [row["path"] for row in lines(target / "documents.jsonl")] == ["/a.pdf"]
    passages = lines(target / "passages.jsonl")
    assert [row["text"] for row in passages] == ["Leave is ten days.\u2028Next line", "年假十天"]
    assert {row["document_id"] for row in passages} == {document_id}
    [talk] = lines(target / "conversations.jsonl")
    assert talk["turns"][0]["citations"][0]["quote"] == "Leave is ten days."
    [file] = (target / "conversations").iterdir()
    assert file.name == f"{conversation:04d}-How-long-short-is-leave.md"
    assert file.read_text(encoding="utf-8") == (
        "# How long/short is leave?\n\n## How long/short is leave?\n\nTen days [1].\n\n"
        "1. **a.pdf, page 1**: Leave is ten days.\n"
    )
    assert export(library, history, target) == report


def test_an_empty_library(library: Library, database: Database, tmp_path: Path) -> None:
    report = export(library, History(database), tmp_path / "exported")
    assert (report.documents, report.passages, report.conversations) == (0, 0, 0)
    assert (tmp_path / "exported" / "documents.jsonl").read_text() == ""
