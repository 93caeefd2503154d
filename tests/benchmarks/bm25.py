"""Plain BM25, the yardstick of the retrieval benchmark: no stems, no stop words, nothing tuned."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

K1, B = 1.2, 0.75
_WORDS = re.compile(r"[a-z0-9]+|[㐀-鿿]+")


def terms(text: str) -> list[str]:
    """Return lower-cased words, and each run of Chinese characters as pairs (a single one as itself)."""
    found: list[str] = []
    for run in _WORDS.findall(text.lower()):
        if run[0] < "㐀" or len(run) == 1:
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return found


class BM25:
    """An inverted index over texts by id (Robertson's formula with the +1 that keeps the weight positive)."""

    def __init__(self, texts: Mapping[int, str]) -> None:
        counts = {key: Counter(terms(text)) for key, text in texts.items()}
        self._length = {key: sum(count.values()) for key, count in counts.items()}
        self._mean = sum(self._length.values()) / max(1, len(counts))
        self._postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for key, count in counts.items():
            for term, times in count.items():
                self._postings[term].append((key, times))

    def top(self, query: str, limit: int) -> list[int]:
        """Return the ids of the ``limit`` best texts, best first; equal scores by id."""
        scores: dict[int, float] = defaultdict(float)
        for term in set(terms(query)):
            postings = self._postings.get(term, [])
            weight = math.log(1 + (len(self._length) - len(postings) + 0.5) / (len(postings) + 0.5))
            for key, times in postings:
                norm = K1 * (1 - B + B * self._length[key] / self._mean)
                scores[key] += weight * times * (K1 + 1) / (times + norm)
        return sorted(scores, key=lambda key: (-scores[key], key))[:limit]
