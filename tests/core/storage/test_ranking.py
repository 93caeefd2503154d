"""What the ranking of keyword hits adds to the words' own scores."""

from __future__ import annotations

from kotaemon_desktop.core.storage.ranking import Candidate, phrases, rank
from kotaemon_desktop.core.text.words import index_tokens, query_tokens


def ranked(question: str, texts: dict[int, str], documents: dict[int, int] | None = None) -> list[int]:
    """Return the ids of ``texts`` as ranked, every word of the question equally rare."""
    candidates = [
        Candidate(number, (documents or {}).get(number, number), " ".join(index_tokens(text)))
        for number, text in texts.items()
    ]
    return [number for number, _ in rank(question, dict.fromkeys(query_tokens(question), 2.0), candidates)]


def test_words_side_by_side_outrank_the_same_words_apart() -> None:
    texts = {1: "The health of all is a plus for each of us here.", 2: "Each of us here is in the Health Plus plan."}
    assert ranked("health plus", texts) == [2, 1]


def test_function_words_do_not_part_neighbours() -> None:
    texts = {1: "Service of food. Terms are long here and there.", 2: "Food here and there. Terms of the service long."}
    assert ranked("terms of service", texts) == [2, 1]


def test_a_chinese_word_cut_short_is_found_by_its_characters() -> None:
    texts = {1: "委员会成立，成员八人。", 2: "委员会成立，由他导领。"}
    assert ranked("委员会的领导者是谁", texts) == [2, 1]


def test_what_asks_in_chinese_weighs_less_than_what_it_is_about() -> None:
    texts = {1: "这是什么，是什么呢。", 2: "试用工资从优计算。"}
    assert ranked("试用工资是什么", texts) == [2, 1]


def test_a_passage_near_the_name_that_it_lacks_outranks_one_far_from_it() -> None:
    texts = {1: "Acme Corp annual report.", 2: "Revenue rose by ten.", 50: "Revenue rose by ten.", 90: "Acme again."}
    documents = {1: 7, 2: 7, 50: 8, 90: 8}
    order = ranked("revenue of acme", texts, documents)
    assert order.index(2) < order.index(50)


def test_passages_with_the_quoted_phrase_come_first() -> None:
    texts = {1: "Leave, leave, leave and annual, annual, annual.", 2: "All about the annual leave of many other staff."}
    assert ranked("annual leave", {1: texts[1], 2: "Nothing else but leave annual."})[0] == 1
    assert ranked('"annual leave"', texts) == [2, 1]
    assert ranked("“年休假” 天数", {1: "休假天数天数，年度天数。", 2: "年休假有很多天，按规定计算。"}) == [2, 1]


def test_phrases_are_what_stands_in_quotation_marks() -> None:
    assert phrases('the "annual leave" and "sick" days') == ["annual leav"]
    assert phrases("「年休假」和“工资”") == ["年休 休假"]


def test_nothing_found_is_nothing_ranked() -> None:
    assert rank("anything", {}, []) == []
