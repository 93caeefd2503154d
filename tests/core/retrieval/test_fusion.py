"""Reciprocal rank fusion, against numbers worked out by hand."""

from __future__ import annotations

import pytest

from kotaemon_desktop.core.retrieval.fusion import reciprocal_rank_fusion


def test_agreement_beats_a_single_first_place() -> None:
    fused = reciprocal_rank_fusion([(1.0, [1, 2, 3]), (1.0, [4, 2, 5])])
    assert next(each for each, _ in fused) == 2
    assert dict(fused)[2] == pytest.approx((2 / 62) / (2 / 61))


def test_first_everywhere_is_one() -> None:
    assert reciprocal_rank_fusion([(2.0, [7, 8]), (1.0, [7])])[0] == (7, pytest.approx(1.0))


def test_weights_and_empty_lists() -> None:
    fused = reciprocal_rank_fusion([(3.0, [1]), (1.0, [2]), (0.0, [])])
    assert [each for each, _ in fused] == [1, 2]
    assert reciprocal_rank_fusion([(1.0, []), (0.0, [])]) == []
