"""Small talk is answered by rule; anything that could be about the documents goes to the documents."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.answering.route import DOCUMENTS, PROGRAM, SMALL_TALK, route


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


def test_the_answer_is_in_the_language_of_the_question() -> None:
    assert "文档" in route("你好").answer
    assert route("hello").answer.isascii()
