"""The words of keyword search."""

import pytest

from kotaemon_desktop.core.text.words import CONNECTORS, index_tokens, query_tokens, telling_tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running companies' policies", ["run", "compani", "polici"]),
        ("The company's ＡＢＣ", ["the", "compani", "abc"]),
        ("12345 and 12,345.50", ["12345", "and", "12345.50"]),
        ("gpt-4", ["gpt-4", "gpt", "4"]),
        ("3.2", ["3.2"]),
        ("2023-01-15", ["2023-01-15", "2023", "01", "15"]),
        ("snake_case", ["snake_case", "snake", "case"]),
        ("e-mail", ["email", "mail"]),
        ("U.S.", ["us"]),
        ("covid19", ["covid19", "covid", "19"]),
        ("café Über", ["cafe", "uber"]),
        ("don't", ["dont"]),
        ("年休假", ["年休", "休假"]),
        ("年 abc假", ["年", "abc", "假"]),
        ("  \n.,;!", []),
    ],
)
def test_index_tokens(text: str, expected: list[str]) -> None:
    assert index_tokens(text) == expected


def test_word_forms_meet() -> None:
    assert index_tokens("reimbursed reimburses reimbursing") == ["reimburs"] * 3
    assert index_tokens("e‑mail") == index_tokens("e-mail")


def test_query_leaves_out_function_words_only_while_others_remain() -> None:
    assert query_tokens("What is the vacation policy of the company?") == ["vacat", "polici", "compani"]
    assert query_tokens("who are you") == ["who", "are", "you"]
    assert query_tokens("什么是目的") == ["什么", "么是", "是目", "目的"]


@pytest.mark.parametrize(
    ("question", "telling"),
    [
        ("年休假是多少天？", ["年休", "休假"]),
        ("试用期多长？", ["试用", "用期"]),
        ("公司在宁波的地址在哪里？", ["公司", "宁波", "地址"]),
        ("安全员是谁？", ["安全", "全员"]),
        ("工作满12年有几天年休假", ["工作", "作满", "12", "年休", "休假"]),
        ("什么", ["什么"]),
        ("試用期是多長時間？", ["試用", "用期"]),
        ("公司的地址在哪裡？", ["公司", "地址"]),
        ("安全員是誰？", ["安全", "全員"]),
        ("為什麼要繳稅？", ["要繳", "繳稅"]),
        ("《馬關條約》是何年簽署的？", ["馬關", "關條", "條約", "簽署"]),
        ("任何人的申请", ["任何", "何人", "申请"]),
        ("什麼", ["什麼"]),
        ("What is the vacation policy of the company?", ["vacat", "polici", "compani"]),
        ("vitamin c dose", ["vitamin", "c", "dose"]),
    ],
)
def test_telling_words_are_what_the_question_is_about(question: str, telling: list[str]) -> None:
    assert telling_tokens(question) == telling


def test_query_words_are_distinct_and_in_order() -> None:
    assert query_tokens("tax vat tax VAT taxes") == ["tax", "vat"]


def test_tokens_hold_nothing_that_would_break_them_apart_again() -> None:
    text = (
        "a'b c’s “x” http://e.com/p?q=1&r=2 user@host.org C:\\dir\\f.txt 50% $3.20 第1条 (b)-(c) --x-- ._. カタカナ ไทย"
    )
    for token in index_tokens(text):
        assert token
        assert all(c.isalnum() or c in CONNECTORS or "\u0e00" <= c <= "\u0eff" for c in token), token
        assert token[0] not in CONNECTORS
        assert token[-1] not in CONNECTORS
