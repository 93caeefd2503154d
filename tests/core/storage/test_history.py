from pathlib import Path
from typing import Any

import pytest

from kotaemon_desktop.core.events import Done, Routed, as_dict
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.migrations import MIGRATIONS

from .conftest import Now

TRACE = [
    {"at": 0.0, **as_dict(Routed("documents", "质问"))},
    {"at": 0.5, **as_dict(Done("none", True, {"total": 0.5}))},
]
CITATION = Citation(1, 11, 2, "/a.pdf", "a.pdf", 3, 10, 17, "ten 十 days")


@pytest.fixture
def history(database: Database, now: Now) -> History:
    return History(database, now=now)


def ask(history: History, conversation: int, question: str = "How long?", **fields: Any) -> int:
    return history.add_turn(
        conversation,
        question=question,
        answer="Ten days [1].",
        route="documents",
        model="none",
        answered=True,
        citations=[CITATION],
        unsupported=["Or more."],
        **{"trace": TRACE, **fields},
    )


def test_turns_come_back_with_their_citations(history: History) -> None:
    conversation = history.new_conversation()
    turn_id = ask(history, conversation)
    [turn] = history.turns(conversation)
    assert (turn.id, turn.question, turn.answer, turn.answered) == (turn_id, "How long?", "Ten days [1].", True)
    assert turn.citations == (CITATION,)
    assert turn.unsupported == ("Or more.",)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("  How long is\nthe leave? ", "How long is the leave?"),
        ("word " * 30, "word word word word word word word word word word word word…"),
        ("年" * 80, "年" * 60 + "…"),
    ],
)
def test_title_comes_from_the_first_question(history: History, question: str, title: str) -> None:
    conversation = history.new_conversation()
    ask(history, conversation, question)
    ask(history, conversation, "Another?")
    assert history.conversations()[0].title == title


def test_given_title_stays(history: History) -> None:
    ask(history, history.new_conversation("Mine"))
    assert history.conversations()[0].title == "Mine"


def test_last_active_conversation_is_first(history: History) -> None:
    first, second = history.new_conversation("1"), history.new_conversation("2")
    assert [c.id for c in history.conversations()] == [second, first]
    ask(history, first)
    assert [c.id for c in history.conversations()] == [first, second]


def test_renamed_pinned_removed_and_restored(history: History) -> None:
    conversation = history.new_conversation("old")
    ask(history, conversation)
    history.rename(conversation, "new")
    history.pin(conversation, True)
    [kept] = history.conversations()
    assert (kept.title, kept.pinned) == ("new", True)
    history.remove(conversation)
    assert history.conversations() == []
    history.restore(conversation)
    assert history.conversations() == [kept]


def test_purged_for_good(history: History, database: Database, now: Now) -> None:
    conversation = history.new_conversation()
    turn_id = ask(history, conversation)
    history.remove(conversation)
    assert history.purge(now.seconds - 10) == 0
    assert history.purge(now.seconds + 10) == 1
    assert history.turns(conversation) == []
    assert turn_id not in {row[0] for row in database.fetch("SELECT turn_id FROM traces")}
    with pytest.raises(KeyError):
        ask(history, conversation)


def test_a_question_asked_anew_stands_beside_the_first(history: History) -> None:
    conversation = history.new_conversation()
    one, two, three = (ask(history, conversation, question) for question in ("1", "2", "3"))
    assert [turn.id for turn in history.turns(conversation, before=two)] == [one]
    other = ask(history, conversation, "2b", instead_of=two)
    assert [turn.question for turn in history.turns(conversation)] == ["1", "2b"]
    assert [turn.versions for turn in history.turns(conversation)] == [(one,), (two, other)]
    below = ask(history, conversation, "3b")
    assert history.show(two) == conversation
    assert [turn.id for turn in history.turns(conversation)] == [one, two, three]
    assert history.show(one) == conversation  # on the way already: the branch stays
    assert history.head(conversation) == three
    history.show(other)
    assert [turn.id for turn in history.turns(conversation)] == [one, other, below]
    assert [turn.id for turn in history.all_turns(conversation)] == [one, two, three, other, below]
    with pytest.raises(KeyError):
        history.show(99)


def test_the_first_question_has_versions_too(history: History) -> None:
    conversation = history.new_conversation()
    first = ask(history, conversation, "1")
    second = ask(history, conversation, "1b", instead_of=first)
    [turn] = history.turns(conversation)
    assert (turn.question, turn.versions) == ("1b", (first, second))


def test_conversations_of_the_first_schema_become_branches(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    with Database(file, migrations=MIGRATIONS[:2]) as old, old.transaction() as connection:
        connection.executescript(
            "INSERT INTO conversations (id, title, created_at, active_at) VALUES (1, 'a', 0, 0), (2, 'b', 0, 0);"
            "INSERT INTO turns (id, conversation_id, question, answer, route, model, answered, asked_at, citations,"
            " trace) VALUES (1, 1, 'q', 'a', 'r', 'm', 1, 0, '[]', ''), (2, 2, 'q', 'a', 'r', 'm', 1, 0, '[]', ''),"
            " (3, 1, 'q', 'a', 'r', 'm', 1, 0, '[]', '');"
        )
    with Database(file) as database:
        history = History(database)
        assert [(turn.id, turn.parent_id) for turn in history.turns(1)] == [(1, None), (3, 1)]
        assert [turn.id for turn in history.turns(2)] == [2]
