"""Chooses the next token from a model's logits: the likeliest, or by chance within limits."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Logits = NDArray[np.float32]

_HEAD = 1024  # tokens sorted first: they nearly always hold the whole nucleus


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to choose. The limits apply in this order; each default leaves its limit out.

    ``repetition_penalty`` (Keskar et al. 2019) makes tokens less likely that came before, the prompt included.
    ``temperature`` 0 always takes the likeliest. ``top_k`` and ``top_p`` (Holtzman et al. 2020) keep the likeliest k,
    and of them the fewest that together have probability p. ``min_p`` drops what is less likely than that share of
    the likeliest. The same ``seed`` gives the same choices; None differs each time.
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0
    seed: int | None = None


class Sampler:
    """Owns the random numbers of one generation and what it has seen; lives in the generator host."""

    def __init__(self, sampling: Sampling, prompt: Iterable[int] = ()) -> None:
        self._how = sampling
        self._random = random.Random(sampling.seed)  # noqa: S311 - nothing secret
        self._seen = set(prompt)

    def pick(self, logits: Logits) -> int:
        """Return the next token for ``logits`` (float32 [vocabulary], left as they are)."""
        if self._how.repetition_penalty != 1.0:
            logits = self._penalised(logits)
        token = int(logits.argmax()) if self._how.temperature <= 0 else self._draw(logits)
        self._seen.add(token)
        return token

    def _penalised(self, logits: Logits) -> Logits:
        seen = np.fromiter(self._seen, np.int64, len(self._seen))
        penalty = self._how.repetition_penalty
        changed = logits.copy()
        changed[seen] = np.where(logits[seen] < 0, logits[seen] * penalty, logits[seen] / penalty)
        return changed

    def _draw(self, logits: Logits) -> int:
        tokens = np.arange(len(logits))
        if 0 < self._how.top_k < len(logits):
            tokens = np.argpartition(logits, -self._how.top_k)[-self._how.top_k :]
        scaled = logits[tokens].astype(np.float64) / self._how.temperature
        chances = np.exp(scaled - scaled.max())
        chances /= chances.sum()
        if self._how.top_p < 1.0:
            kept = _nucleus(chances, self._how.top_p)
            tokens, chances = tokens[kept], chances[kept]
        if self._how.min_p > 0.0:
            kept = np.flatnonzero(chances >= self._how.min_p * chances.max())
            tokens, chances = tokens[kept], chances[kept]
        sums = chances.cumsum()
        return int(tokens[np.searchsorted(sums, self._random.random() * sums[-1], side="right")])


def _nucleus(chances: NDArray[np.float64], share: float) -> NDArray[np.intp]:
    """Return the indices of the fewest ``chances`` that together reach ``share``, the largest first."""
    head = np.argpartition(chances, -_HEAD)[-_HEAD:] if len(chances) > _HEAD else np.arange(len(chances))
    if chances[head].sum() < share:
        head = np.arange(len(chances))
    ranked = head[np.argsort(-chances[head], kind="stable")]
    return ranked[: int(np.searchsorted(chances[ranked].cumsum(), share)) + 1]
