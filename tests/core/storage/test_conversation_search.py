import pytest

from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History

from .conftest import Now


@pytest.fixture
def history(database: Database, now: Now) -> History:
    return History(database, now=now)


def ask(history: History, conversation: int, question: str, answer: str = "") -> int:
    return history.add_turn(
        conversation, question=question, answer=answer, route="documents", model="none", answered=True
    )


@pytest.mark.parametrize("query", ["年假", "假有", "holidays", "paid holid", "HOLIDAY 年假", "holi", "a holiday"])
def test_found_by_words_in_both_languages(history: History, query: str) -> None:
    conversation = history.new_conversation("Leave")
    turn = ask(history, conversation, "请问年假有多少天？", "Everybody has 28 days of paid holiday.")
    ask(history, conversation, "差旅", "Trains are paid up to 300 euros.")
    [mention] = history.search(query, 10)
    assert (mention.conversation_id, mention.turn_id, mention.title) == (conversation, turn, "Leave")
    assert mention.question == "请问年假有多少天？"


@pytest.mark.parametrize("query", ["", "  ", "?!", "病假", "holiday train", "*"])
def test_found_nowhere(history: History, query: str) -> None:
    conversation = history.new_conversation("Leave")
    ask(history, conversation, "请问年假有多少天？", "28 days of paid holiday.")
    assert history.search(query, 10) == []


def test_titles_first_then_the_latest(history: History) -> None:
    old, new = history.new_conversation("Holidays"), history.new_conversation("Trips")
    first = ask(history, old, "How many holidays?")
    second = ask(history, new, "Are holidays paid?")
    assert [mention.turn_id for mention in history.search("holidays", 10)] == [None, second, first]
    assert len(history.search("holidays", 2)) == 2


def test_what_was_said_since_the_last_search_is_found(history: History) -> None:
    conversation = history.new_conversation("x")
    assert history.search("battery", 10) == []
    ask(history, conversation, "battery")
    assert len(history.search("battery", 10)) == 1
    ask(history, conversation, "another battery")
    assert len(history.search("battery", 10)) == 2
    assert len(history.search("battery", 10)) == 2


def test_a_long_history_is_indexed_whole(history: History) -> None:
    conversation = history.new_conversation("x")
    for n in range(450):  # more than two batches
        ask(history, conversation, f"question {n}")
    assert len(history.search("question", 1000)) == 450
    assert [mention.question for mention in history.search("449", 10)] == ["question 449"]


def test_removed_ones_are_not_found_and_purged_ones_leave_the_index(
    history: History, database: Database, now: Now
) -> None:
    conversation = history.new_conversation("x")
    ask(history, conversation, "battery")
    assert len(history.search("battery", 10)) == 1
    history.remove(conversation)
    assert history.search("battery", 10) == []
    history.restore(conversation)
    assert len(history.search("battery", 10)) == 1
    history.remove(conversation)
    history.purge(now.seconds + 10)
    assert database.fetch("SELECT count(*) FROM said")[0][0] == 0
