"""How strong a result is called, from what is known of its hits."""

from __future__ import annotations

from kotaemon_desktop.core.records import Strength
from kotaemon_desktop.core.retrieval.calibration import answers, strengths

STRONG, FAIR, WEAK = Strength.STRONG, Strength.FAIR, Strength.WEAK


def test_a_clear_winner_that_holds_the_words_is_strong_and_the_rest_is_not() -> None:
    assert strengths([0.95, 0.2, 0.2], [0.75, 0.2, 0.2], [1.0, 0.2, 0.2], [0.75, 0.2, 0.2]) == [STRONG, WEAK, WEAK]
    assert strengths([0.95, 0.2, 0.2], [None] * 3, [1.0, 0.2, 0.2], [])[0] is STRONG


def test_five_alike_are_none_of_them_strong() -> None:
    found = strengths([0.9] * 5, [0.75] * 5, [1.0, 0.99, 0.98, 0.97, 0.96], [0.75] * 20)
    assert set(found) == {FAIR}


def test_the_first_hit_of_an_answer_is_never_called_weak() -> None:
    assert strengths([0.25] * 5, [None] * 5, [1.0] * 5, [])[0] is FAIR


def test_a_result_without_an_answer_is_weak_through_and_through() -> None:
    assert strengths([0.1, 0.1], [0.2, 0.1], [1.0, 0.1], [0.2, 0.1]) == [WEAK, WEAK]
    assert strengths([0.1], [None], [1.0], []) == [WEAK]
    assert strengths([], [], [], []) == []


def test_meaning_answers_where_words_alone_would_not() -> None:
    assert answers(0.1, [0.7] + [0.5] * 19)
    assert not answers(0.1, [])
    assert answers(0.3, [])
    assert not answers(0.3, [0.2] * 20)


def test_one_that_stands_out_answers_sooner_than_twenty_of_a_kind() -> None:
    assert not answers(0.3, [0.55] * 20)
    assert answers(0.3, [0.55] + [0.3] * 19)


def test_the_only_hit_is_not_strong_for_being_alone() -> None:
    assert strengths([0.2], [None], [1.0], []) == [FAIR]
