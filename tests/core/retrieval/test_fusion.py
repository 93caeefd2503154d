"""Relative score fusion, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.retrieval.fusion import beside_neighbours, relative_score_fusion


def test_scores_are_scaled_weighted_and_added() -> None:
    fused = relative_score_fusion([(1.0, {1: 10.0, 2: 9.0}), (0.5, {2: 0.8, 3: 0.4})])
    assert [each for each, _ in fused] == [2, 1, 3]
    assert dict(fused) == pytest.approx({2: 1.4 / 1.5, 1: 1 / 1.5, 3: 0.25 / 1.5})


def test_best_everywhere_is_one() -> None:
    assert relative_score_fusion([(2.0, {7: 5.0, 8: 1.0}), (1.0, {7: 0.3})])[0] == (7, pytest.approx(1.0))


def test_an_empty_list_takes_nothing_away() -> None:
    assert relative_score_fusion([(1.0, {1: 3.0}), (0.5, {})]) == [(1, 1.0)]
    assert relative_score_fusion([(1.0, {}), (0.5, {})]) == []


def test_what_points_away_counts_for_nothing() -> None:
    assert dict(relative_score_fusion([(1.0, {1: 2.0, 2: -1.0}), (1.0, {3: -0.5})])) == {1: 1.0, 2: 0.0}


def test_a_passage_shares_in_what_is_next_to_it() -> None:
    documents = {1: 7, 2: 7, 3: 7, 4: 8}
    beside = beside_neighbours({1: 0.5, 3: 0.4, 4: 0.9}, documents)
    assert beside[1] == pytest.approx(0.5 + 0.2 * (0.5 + 0.4))  # itself before it, 2 at most like the last one known
    assert beside[3] == pytest.approx(0.4 + 0.2 * (0.4 + 0.4))  # 4 is of another document
    assert beside[4] == pytest.approx(0.9 * 1.4)
    assert beside_neighbours({}, {}) == {}


def test_among_equals_the_one_in_good_company_comes_first() -> None:
    documents = dict.fromkeys(range(1, 12), 7)
    beside = beside_neighbours({2: 0.6, 3: 0.5, 9: 0.6, 6: 0.1}, documents)
    assert max(beside, key=beside.__getitem__) == 2
