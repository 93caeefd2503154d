"""Sentence borders in English and Chinese."""

import random
from itertools import pairwise

import pytest

from kotaemon_desktop.core.text.sentences import opens_item, sentences


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   \n ", []),
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith paid 3.50 dollars. He left.", ["Dr. Smith paid 3.50 dollars.", "He left."]),
        ("Drinks, e.g. tea, i.e. Earl Grey. More.", ["Drinks, e.g. tea, i.e. Earl Grey.", "More."]),
        ("See Fig. 3 and Sec. 4. Then stop.", ["See Fig. 3 and Sec. 4.", "Then stop."]),
        ("J. Smith wrote it. So did K. Jones.", ["J. Smith wrote it.", "So did K. Jones."]),
        ("It ends at 5 p.m. The office closes.", ["It ends at 5 p.m.", "The office closes."]),
        ("The U.S. Government pays.", ["The U.S. Government pays."]),
        ("He said “Stop.” Then he left.", ["He said “Stop.”", "Then he left."]),
        ("Wait... what? Yes.", ["Wait... what?", "Yes."]),
        ("Version 1.2.3 is out. Get it at a.b.com.", ["Version 1.2.3 is out.", "Get it at a.b.com."]),
        ("今天下雨。明天呢？好！", ["今天下雨。", "明天呢？", "好！"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("第一项；第二项；完", ["第一项；", "第二项；", "完"]),
        ("真的吗?是的", ["真的吗?", "是的"]),
        ("他走了……没有回来。", ["他走了……", "没有回来。"]),
    ],
)
def test_cuts_where_a_person_would(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_a_wrapped_line_does_not_end_a_sentence_but_a_heading_does() -> None:
    text = (
        "Overview\n"
        "The benefits program is designed to support the health and wellness of\n"
        "Employees and their families. It pays back what was spent on sports and\n"
        "covers activities."
    )
    assert cut(text) == [
        "Overview",
        "The benefits program is designed to support the health and wellness of\nEmployees and their families.",
        "It pays back what was spent on sports and\ncovers activities.",
    ]


def test_list_items_and_clauses_are_apart() -> None:
    assert cut("We offer\n• free tea\n• free cake\n1. One\n2. Two") == [
        "We offer", "• free tea", "• free cake", "1. One", "2. Two",
    ]  # fmt: skip
    assert cut("第一条 目的\n第二条 范围\n（一）全体员工") == ["第一条 目的", "第二条 范围", "（一）全体员工"]
    assert opens_item("abc\n(a) first", 4)
    assert not opens_item("abc\nplain", 4)


def test_table_rows_stay_whole() -> None:
    assert cut("| Name. First | Dr. No! Yes |\n| b | c |") == ["| Name. First | Dr. No! Yes |", "| b | c |"]


def test_spans_hold_every_visible_character_in_order() -> None:
    random.seed(7)
    alphabet = "ab C1.!?。，；…”“ \n\t|-•第条"
    for _ in range(500):
        text = "".join(random.choices(alphabet, k=random.randrange(60)))
        spans = sentences(text)
        assert all(start < end for start, end in spans)
        assert all(first[1] <= second[0] for first, second in pairwise(spans))
        assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
