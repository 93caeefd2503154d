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


def test_pairs_of_one_chinese_word_are_no_two_reasons() -> None:
    texts = {1: "马拉松赛在北京。", 2: "马拉松赛在上海。", 3: "冠军来自北京。", 4: "马拉松赛的冠军。"}
    weights = dict.fromkeys(query_tokens("马拉松赛冠军"), 2.0)
    candidates = [Candidate(number, number, " ".join(index_tokens(text))) for number, text in texts.items()]
    scores = dict(rank("马拉松赛冠军", weights, candidates))
    assert scores[3] > scores[1] / 2  # one word of two, though it is one pair of four
    assert max(scores, key=scores.__getitem__) == 4


def test_a_document_that_begins_with_the_words_outranks_one_that_mentions_them() -> None:
    texts = {1: "The terms of the lease run on for years.", 2: "The terms of the lease run on for years."}
    candidates = [Candidate(number, number, " ".join(index_tokens(text))) for number, text in texts.items()]
    weights = dict.fromkeys(query_tokens("terms of the lease of Acme"), 2.0)
    assert rank("terms of the lease of Acme", weights, candidates, {2: {"acm", "acme"}})[0][0] == 2


def test_what_a_page_ends_with_profits_from_where_it_goes_on() -> None:
    tokens = " ".join(index_tokens("annual leave is granted"))
    weights = dict.fromkeys(query_tokens("annual leave"), 2.0)
    pages = {1: 1, 2: 2, 5: 3, 6: 3}  # the page of each passage
    scores = dict(rank("annual leave", weights, [Candidate(key, 7, tokens, page) for key, page in pages.items()]))
    assert scores[1] > scores[2] == scores[5] == scores[6]


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
