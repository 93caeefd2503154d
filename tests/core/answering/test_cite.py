"""Statements are bound to the sentences they rest on, and what nothing supports is named."""

from __future__ import annotations

from passages import hit

from kotaemon_desktop.core.answering.cite import cite

HITS = [
    hit(1, "Annual leave is twenty days. It must be taken before March.").passage,
    hit(2, "The office in Leeds opens at eight.").passage,
]


def test_each_supported_statement_gets_its_number_and_place() -> None:
    cited = cite("You have twenty days of annual leave. The Leeds office opens at eight.", HITS)
    assert cited.answer == "You have twenty days of annual leave. [1] The Leeds office opens at eight. [2]"
    assert [(c.number, c.passage_id, c.quote) for c in cited.citations] == [
        (1, 1, "Annual leave is twenty days."),
        (2, 2, "The office in Leeds opens at eight."),
    ]
    assert cited.unsupported == ()


def test_a_second_statement_on_the_same_sentence_shares_its_number() -> None:
    cited = cite("Annual leave is twenty days. So twenty days annual leave.", HITS)
    assert cited.answer.count("[1]") == 2
    assert len(cited.citations) == 1


def test_inventions_are_named_and_the_models_own_marks_are_not_believed() -> None:
    cited = cite("Whales sing beneath polar ice [1].", HITS)
    assert cited.citations == ()
    assert cited.unsupported == ("Whales sing beneath polar ice.",)


def test_layout_is_kept() -> None:
    answer = "- twenty days of annual leave\n- the office opens at eight in Leeds\n"
    cited = cite(answer, HITS)
    assert cited.answer == "- twenty days of annual leave [1]\n- the office opens at eight in Leeds [2]\n"


def test_chinese() -> None:
    cited = cite("年休假为五天。", [hit(3, "职工的年休假为五天。国庆放假。").passage])
    assert cited.answer == "年休假为五天。 [1]"
    assert cited.citations[0].quote == "职工的年休假为五天。"


def test_nothing_to_cite() -> None:
    assert cite("", HITS).answer == ""
    assert cite("Yes.", []).citations == ()
