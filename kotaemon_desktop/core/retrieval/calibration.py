"""What a result is worth, as a person is told it: strong, fair or weak; and whether it holds an answer at all.

The numbers are logistic regressions on the tune halves of the public sets, made by tests/benchmarks/calibration.py
(--sample 250); tests/benchmarks/retrieval.py tells how they do on the check halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kotaemon_desktop.core.records import Strength

EMBEDDER: Final = "all-MiniLM-L6-v2"
"""The embedder whose similarities were measured; those of another one lie elsewhere and do not count here."""

_FIRST: Final = 5  # a hit's share is of the scores of so many
_LARGEST_SHARE: Final = 0.5  # that the only hit has all of it says nothing
_AROUND: Final = 20  # nearest passages: what answers stands out among them, what is only of the same kind does not


@dataclass(frozen=True, slots=True)
class _Weights:
    """The log odds of being right are the weighted sum of what is known, plus ``constant``."""

    coverage: float  # of the hit: share of the question's telling words, by weight
    similarity: float  # of the hit, as a cosine; 0 when unknown
    ahead: float  # of the others: see :func:`share` (hits) and :func:`standing` (answers)
    constant: float
    least: float = 0.0  # log odds from which on the answer is yes

    def odds(self, coverage: float, similarity: float | None, ahead: float = 0.0) -> float:
        return self.coverage * coverage + self.similarity * (similarity or 0.0) + self.ahead * ahead + self.constant


# Does the best hit belong to an answer, or does the library hold none? The similarity is the largest of all.
# The least odds refuse a sixteenth of what is there in the worst tune half (mtrag-un), and by words a fiftieth.
_ANSWERS: Final = _Weights(3.23, 5.28, 4.61, -4.1, least=-0.1)
_ANSWERS_BY_WORDS: Final = _Weights(5.6, 0.0, 0.0, -0.64, least=0.19)
# Is this hit the right place?
_RIGHT: Final = _Weights(2.49, 0.8, 8.22, -4.6)
_RIGHT_BY_WORDS: Final = _Weights(4.44, 0.0, 8.11, -4.83)

_STRONG: Final = 0.85  # log odds of .7
_FAIR: Final = -2.2  # of .1


def strengths(
    coverages: Sequence[float], similarities: Sequence[float | None], scores: Sequence[float], nearest: Sequence[float]
) -> list[Strength]:
    """Return the strength of each hit of a result, given best first by what is known of each.

    ``nearest`` are the largest similarities in the library, largest first; none where no vectors were compared. When
    the library seems to hold no answer, all are weak; otherwise the first is at least fair.
    """
    if not scores or not answers(coverages[0], nearest):
        return [Strength.WEAK] * len(scores)
    weights = _RIGHT if nearest else _RIGHT_BY_WORDS
    first, *others = (
        _strength(weights.odds(coverage, similarity, min(share(score, scores), _LARGEST_SHARE)))
        for coverage, similarity, score in zip(coverages, similarities, scores, strict=True)
    )
    return [Strength.FAIR if first is Strength.WEAK else first, *others]


def answers(coverage: float, nearest: Sequence[float]) -> bool:
    """Tell whether a result seems to hold the answer, from the coverage of its first hit and the nearest vectors."""
    weights = _ANSWERS if nearest else _ANSWERS_BY_WORDS
    return weights.odds(coverage, max(nearest, default=None), standing(nearest)) >= weights.least


def share(score: float, scores: Sequence[float]) -> float:
    """Return a hit's share of the first hits' ``scores``: five alike have .2 each, a clear winner more."""
    return score / (sum(scores[:_FIRST]) or 1.0)


def standing(nearest: Sequence[float]) -> float:
    """Return by how much the largest of the similarities ``nearest``, largest first, exceeds what is usual there."""
    around = nearest[:_AROUND]
    return around[0] - sum(around) / len(around) if around else 0.0


def _strength(odds: float) -> Strength:
    if odds >= _STRONG:
        return Strength.STRONG
    return Strength.FAIR if odds >= _FAIR else Strength.WEAK
