"""Relative score fusion, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.retrieval.fusion import relative_score_fusion


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
