import pytest

from kotaemon_desktop.core.events import Done, Routed, as_dict
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History

from .conftest import Now

TRACE = [
    {"at": 0.0, **as_dict(Routed("documents", "质问"))},
    {"at": 0.5, **as_dict(Done("none", True, {"total": 0.5}))},
]
CITATION = Citation(1, 11, 2, "/a.pdf", "a.pdf", 3, 10, 17, "ten 十 days")


@pytest.fixture
def history(database: Database, now: Now) -> History:
    return History(database, now=now)


def ask(history: History, conversation: int, question: str = "How long?") -> int:
    return history.add_turn(
        conversation,
        question=question,
        answer="Ten days [1].",
        route="documents",
        model="none",
        answered=True,
        citations=[CITATION],
        trace=TRACE,
    )


def test_turns_come_back_with_their_citations(history: History) -> None:
    conversation = history.new_conversation()
    turn_id = ask(history, conversation)
    [turn] = history.turns(conversation)
    assert (turn.id, turn.question, turn.answer, turn.answered) == (turn_id, "How long?", "Ten days [1].", True)
    assert turn.citations == (CITATION,)


def test_the_trace_comes_back(history: History) -> None:
    turn_id = ask(history, history.new_conversation())
    assert history.trace(turn_id) == TRACE
    assert history.trace(turn_id + 1) == []


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


def test_rename_and_delete(history: History, database: Database) -> None:
    conversation = history.new_conversation("old")
    turn_id = ask(history, conversation)
    history.rename(conversation, "new")
    assert history.conversations()[0].title == "new"
    history.delete(conversation)
    assert history.conversations() == []
    assert history.turns(conversation) == []
    assert history.trace(turn_id) == []
    with pytest.raises(KeyError):
        ask(history, conversation)
