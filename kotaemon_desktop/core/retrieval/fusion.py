"""Joins ranked lists whose scores cannot be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_K = 60  # Cormack, Clarke and Büttcher, SIGIR 2009: damps the first ranks; they found it to matter little


def reciprocal_rank_fusion(lists: Iterable[tuple[float, Sequence[int]]]) -> list[tuple[int, float]]:
    """Return (id, score) of every id in ``lists`` of (weight, ids best first), best first, scores in 0..1.

    An id that every list ranks first has the score 1.
    """
    scores: dict[int, float] = {}
    best = 0.0
    for weight, ids in lists:
        best += weight / (_K + 1)
        for rank, each in enumerate(ids, start=1):
            scores[each] = scores.get(each, 0.0) + weight / (_K + rank)
    return [(each, score / best) for each, score in sorted(scores.items(), key=lambda item: -item[1])]
