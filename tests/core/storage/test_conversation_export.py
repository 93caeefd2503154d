import json
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import NotAConversation
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.core.storage import conversation_export
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library

from .conftest import add

ANSWER = "| a | b |\n|---|---|\n| **1** | <script>x</script> |\n\n![p](http://example.com/p.png) Ten days [1]."


@pytest.fixture
def history(database: Database) -> History:
    return History(database)


def ask(history: History, conversation: int, question: str, *citations: Citation, instead_of: int | None = None) -> int:
    return history.add_turn(
        conversation,
        question=question,
        answer=ANSWER,
        route="documents",
        model="none",
        answered=True,
        citations=citations,
        unsupported=["Or more."],
        instead_of=instead_of,
    )


def test_written_and_read_back_with_all_branches(history: History, library: Library, tmp_path: Path) -> None:
    document = add(library, "/a.pdf", "Leave is ten days.")
    there = Citation(1, 1, document, "/a.pdf", "a.pdf", 1, 9, 18, "ten days.")
    moved = Citation(2, 1, document, "/a.pdf", "a.pdf", 1, 0, 9, "other words")
    gone = Citation(3, 9, 77, "/b.pdf", "b.pdf", None, 0, 9, "elsewhere")
    conversation = history.new_conversation("年假")
    first = ask(history, conversation, "1", there, moved, gone)
    ask(history, conversation, "2")
    ask(history, conversation, "1b", instead_of=first)
    history.pin(conversation, True)
    [kept] = history.conversations()
    file = tmp_path / "talk.json"
    conversation_export.write(history, kept, file)
    again = conversation_export.read(history, library, file)
    assert again != conversation
    copy = next(each for each in history.conversations() if each.id == again)
    assert (copy.title, copy.pinned) == ("年假", True)
    turns = history.all_turns(again)
    assert [turn.question for turn in turns] == ["1", "2", "1b"]
    assert [turn.parent_id for turn in turns] == [None, turns[0].id, None]
    assert [turn.question for turn in history.turns(again)] == ["1b"]
    assert turns[0].unsupported == ("Or more.",)
    assert [citation.document_id for citation in turns[0].citations] == [document, 0, 0]
    assert len({citation.passage_id for citation in turns[0].citations}) == 3
    assert [path.name for path in tmp_path.glob("talk*")] == ["talk.json"]


def test_as_html_shows_tags_and_loads_nothing(history: History, tmp_path: Path) -> None:
    conversation = history.new_conversation("a < b")
    ask(history, conversation, "x > y?", Citation(1, 1, 1, "/a.pdf", "a&b.pdf", 2, 0, 9, "ten\ndays"))
    file = tmp_path / "talk.html"
    conversation_export.write(history, history.conversations()[0], file)
    page = file.read_text("utf-8")
    assert "<title>a &lt; b</title>" in page
    assert "<h2>x &gt; y?</h2>" in page
    assert "<strong>1</strong>" in page
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert "<img" not in page
    assert '<li value="1"><b>a&amp;b.pdf, page 2</b>: <q>ten days</q></li>' in page


def test_as_markdown(history: History, tmp_path: Path) -> None:
    conversation = history.new_conversation("T")
    ask(history, conversation, "q", Citation(1, 1, 1, "/a.pdf", "a.pdf", None, 0, 9, "ten\ndays"))
    file = tmp_path / "talk.md"
    conversation_export.write(history, history.conversations()[0], file)
    assert file.read_text("utf-8") == f"# T\n\n## q\n\n{ANSWER}\n\n1. **a.pdf**: ten days\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{}",
        b'{"kotaemon_conversation": 1}',
        json.dumps(
            {"kotaemon_conversation": 9, "conversation": {"id": 1, "title": "", "created_at": 0, "active_at": 0}}
            | {"turns": []}
        ).encode(),
    ],
)
def test_another_file_is_refused(history: History, library: Library, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(content)
    with pytest.raises(NotAConversation, match=r"x\.json"):
        conversation_export.read(history, library, file)
    assert history.conversations() == []


def test_a_turn_without_its_parent_is_refused(history: History, library: Library, tmp_path: Path) -> None:
    ask(history, history.new_conversation("T"), "q")
    file = tmp_path / "x.json"
    conversation_export.write(history, history.conversations()[0], file)
    broken = json.loads(file.read_text())
    broken["turns"][0]["parent_id"] = 5
    file.write_text(json.dumps(broken))
    with pytest.raises(NotAConversation):
        conversation_export.read(history, library, file)
