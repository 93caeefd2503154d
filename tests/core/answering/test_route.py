"""Small talk is answered by rule; anything that could be about the documents goes to the documents."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kotaemon_desktop.core.answering.arithmetic import calculate
from kotaemon_desktop.core.answering.route import (
    ABOUT_PROGRAM,
    CHATTER,
    DOCUMENTS,
    PROGRAM,
    SMALL_TALK,
    _vocabulary,
    route,
)

_SETS = ("routes.tsv", "routes_blind.tsv", "routes_blind2.tsv")


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("hello", SMALL_TALK),
        ("Hi there!", SMALL_TALK),
        ("Good morning.", SMALL_TALK),
        ("thanks a lot", SMALL_TALK),
        ("OK, thank you!", SMALL_TALK),
        ("你好", SMALL_TALK),
        ("您好！", SMALL_TALK),
        ("谢谢你。", SMALL_TALK),
        ("再见", SMALL_TALK),
        ("Who are you?", PROGRAM),
        ("what is this program?", PROGRAM),
        ("你是谁？", PROGRAM),
        ("请问你叫什么名字？", PROGRAM),
        ("What can you do?", PROGRAM),
        ("How do I import documents?", PROGRAM),
        ("如何导入文件？", PROGRAM),
        ("Please help", PROGRAM),
    ],
)
def test_known_talk_needs_no_documents(question: str, name: str) -> None:
    way = route(question)
    assert way.name == name
    assert way.answer
    assert "rule" in way.why


@pytest.mark.parametrize(
    "question",
    [
        "Hello, what is the notice period?",
        "hi-fi equipment allowance",
        "Who are the directors?",
        "What is your policy on remote work?",
        "who are you liable to under the contract",
        "你好，年假有几天？",
        "谁是法定代表人？",
        "感谢信应当寄给谁",
        "thanks to whom was the contract signed?",
        "how can I use my vacation days?",
        "help desk opening hours",
        "再见习期满后如何转正",
        "",
        "?",
    ],
)
def test_everything_else_is_asked_of_the_documents(question: str) -> None:
    assert route(question).name == DOCUMENTS


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Heyyyy!!!", SMALL_TALK),
        ("thank youuu 😊", SMALL_TALK),
        ("good mornin", SMALL_TALK),
        ("I’m sooo tired", SMALL_TALK),
        ("tired", DOCUMENTS),
        ("“thank you”", DOCUMENTS),
        ("哈哈哈哈哈哈", SMALL_TALK),
        ("ＯＫ，谢谢", SMALL_TALK),
        ("Does Kotaemon work offline?", PROGRAM),
        ("does the camera work offline", DOCUMENTS),
        ("do you keep my data", PROGRAM),
        ("how do you keep the data", DOCUMENTS),
        ("what is in my documents", DOCUMENTS),
        ("what is this program?", PROGRAM),
        ("when does this program start", DOCUMENTS),
        ("who can see my files", PROGRAM),
        ("who can delete files", DOCUMENTS),
        ("你好 мир", DOCUMENTS),
        ("hello " * 20, DOCUMENTS),
        ("hello " * 1000, DOCUMENTS),
    ],
)
def test_words_are_known_in_any_spelling_and_only_beside_what_they_need(question: str, name: str) -> None:
    assert route(question).name == name


@pytest.mark.parametrize(
    ("question", "part"),
    [
        ("do you send my files anywhere", "Everything stays"),
        ("can kotaemon open epub files", "Drop files"),
        ("how do i remove a document i uploaded", "All of that is in the window"),
        ("which model are you running on", "The panel at the bottom right"),
        ("who built you", "I am Kotaemon Desktop"),
        ("hi, and thanks, bye", "Goodbye"),
    ],
)
def test_what_is_answered_goes_with_what_is_asked(question: str, part: str) -> None:
    assert route(question).answer.startswith(part)


def test_the_answer_is_in_the_language_of_the_question() -> None:
    assert "文档" in route("你好").answer
    assert route("hello").answer.isascii()


@pytest.mark.parametrize("name", _SETS)
def test_the_labelled_set_takes_its_ways(name: str) -> None:
    labelled = [line.split("\t") for line in Path(__file__).with_name(name).read_text("utf-8").splitlines()]
    wrong = [(way, question) for way, question in labelled if route(question).name != way]
    assert len(wrong) <= 0.03 * len(labelled), wrong
    assert [question for way, question in wrong if way == DOCUMENTS] == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what is 12 * 7?", "12 × 7 = 84"),
        ("0.1 + 0.2", "0.1 + 0.2 = 0.3"),
        ("What's 15% of 240?", "15 ÷ 100 × 240 = 36"),
        ("240的15%是多少？", "15 ÷ 100 × 240 = 36"),
        ("（100－35）×2", "(100 − 35) × 2 = 130"),
        ("1,250 + 3,400", "1250 + 3400 = 4,650"),
        ("2的10次方是多少？", "2^10 = 1,024"),
        ("1/3 =", "1 ÷ 3 = 0.333333333333"),
        ("10 - 5", "10 − 5 = 5"),
    ],
)
def test_a_sum_is_worked_out(question: str, answer: str) -> None:
    assert calculate(question) == answer


@pytest.mark.parametrize(
    "question",
    [
        "1/0",
        "9**9**9**9",
        "((((",
        "5",
        "2019 - 2020",
        "24/7",
        "1e999*10",
        "3 4 +",
        "1+" * 150 + "1",
        "sqrt(-1)",
        "f(1)+2",
    ],
)
def test_what_is_no_sum_is_left_to_the_documents(question: str) -> None:
    assert calculate(question) is None


def test_ten_thousand_phrases_are_small() -> None:
    known = [_vocabulary(talk) for talk in (CHATTER, ABOUT_PROGRAM)]
    assert sum(len(each._hashes) for each in known) > 10_000
    assert sum(sys.getsizeof(part) for each in known for part in vars(each).values()) < 150_000
