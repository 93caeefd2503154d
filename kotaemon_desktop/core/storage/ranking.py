"""Ranks what keyword search has found: BM25 over words, and what words alone do not say of a question.

Six things are added to the words' own scores. Numbers are hit@1 on the tune halves of tests/benchmarks/retrieval.py.
*Neighbours*: two words side by side in the question ("health plus") count once more where they stand side by side in
the passage (azure-contoso .585 to .623; Metzler and Croft, "A Markov random field model for term dependencies", SIGIR
2005). *Characters*: Chinese is searched by pairs, and 领导 is half of 领导者; single characters make up for that
(cmrc2018 .961 to .981 and drcd .945 to .968, with asides at half their weight). *Context*: what a passage lacks may
stand close by, like the company that a whole report is about (dragonball .922 to .942). *Lead*: what a document says
first, its name and title above all, is what all of it is about (dragonball .950 to .955, xquad-en .956 to .962).
*Page breaks*: what a page ends with goes on where the next one begins (azure-contoso .651 to .679). *Phrases* in
quotation marks: passages that hold them come first.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Final, TypeVar

from kotaemon_desktop.core.text.words import function_words, index_tokens, telling_tokens

_K1: Final = 1.2  # Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009: 1.2 to 2
_B: Final = 0.75
_ASIDE: Final = 0.5  # of a pair of Chinese characters that asks ("是什", "几天") or straddles two words
_REPEATED: Final = 0.5  # 超级 and 级碗 are one word, and no two reasons (xquad-zh .930 to .937, cmrc2018 .979 to .986)
_NEIGHBOURS: Final = 0.8
_CHARACTERS: Final = 0.3
_CONTEXT: Final = 0.4
_CONTEXT_REACH: Final = 8  # passages on either side
_LEAD: Final = 0.2
_PAGE_BREAK: Final = 0.1
_QUOTED: Final = re.compile(r'"([^"]+)"|“([^”]+)”|「([^」]+)」|『([^』]+)』')
_HAN_PAIR: Final = re.compile(r"[㐀-鿿豈-﫿]{2}")

Pair = tuple[str, str]
_Term = TypeVar("_Term", str, Pair)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that holds some word of the question; ids of one document's passages follow its text."""

    id: int
    document_id: int
    tokens: str
    """Its index tokens, space-joined."""
    page: int | None = None


def phrases(question: str) -> list[str]:
    """Return what stands in quotation marks in ``question``, as space-joined index tokens; single words are none."""
    quoted = (match[match.lastindex or 0] for match in _QUOTED.finditer(question))
    return [" ".join(tokens) for tokens in map(index_tokens, quoted) if len(tokens) > 1]


def rank(
    question: str,
    rarity: Mapping[str, float],
    candidates: Sequence[Candidate],
    leads: Mapping[int, Collection[str]] = MappingProxyType({}),
) -> list[tuple[int, float]]:
    """Return (id, score) of all ``candidates``, best first.

    ``rarity`` is the inverse document frequency of the question's words, in their order; others do not count.
    ``leads`` are the words that a document begins with, by its id.
    """
    telling = set(telling_tokens(question))
    held = {each.id: each.tokens.split(" ") for each in candidates}
    words = {key: _counted(tokens, rarity) for key, tokens in held.items()}
    weights = _told_once(
        question, {word: idf if word in telling else idf * _ASIDE for word, idf in rarity.items()}, words
    )
    pairs = _neighbours(question, weights)
    characters = _characters(telling, candidates)
    usual = sum(map(len, held.values())) / max(1, len(held))

    scores: dict[int, float] = {}
    for each in candidates:
        tokens = held[each.id]
        damping = _K1 * (1 - _B + _B * len(tokens) / usual)
        scores[each.id] = (
            _bm25(words[each.id], weights, damping)
            + _NEIGHBOURS * _bm25(_side_by_side(tokens, pairs, words[each.id]), pairs, damping)
            + _CHARACTERS * _bm25(_times_held(characters, each), characters, damping)
        )
    _add_what_follows(scores, candidates)
    _add_context(scores, weights, words, candidates)
    for each in candidates:
        scores[each.id] += _LEAD * sum(weights[word] for word in weights.keys() & leads.get(each.document_id, ()))
    _put_first(scores, phrases(question), candidates)
    return sorted(scores.items(), key=lambda pair: -pair[1])


def _counted(tokens: Iterable[str], words: Collection[str]) -> dict[str, int]:
    """Return how often each of ``words`` is among ``tokens``, in the order of ``words``."""
    times = Counter(tokens)
    return {word: times[word] for word in words if word in times}


def _told_once(question: str, weights: Mapping[str, float], words: Mapping[int, Collection[str]]) -> dict[str, float]:
    """Return ``weights`` lowered for pairs of Chinese characters that overlap and stand in the same candidates."""
    overlapping = [
        (one, other)
        for one, other in pairwise(index_tokens(question))
        if one in weights and other in weights and _HAN_PAIR.fullmatch(one) and one[1] == other[0]
    ]
    repeated = defaultdict[str, float](float)
    for pair in overlapping:
        one, other = ({key for key, held in words.items() if word in held} for word in pair)
        for word in pair:
            repeated[word] += len(one & other) / max(1, len(one | other))
    return {word: weight / (1 + _REPEATED * repeated[word]) for word, weight in weights.items()}


def _bm25(counts: Mapping[_Term, float], weights: Mapping[_Term, float], damping: float) -> float:
    return sum(weights[term] * times * (_K1 + 1) / (times + damping) for term, times in counts.items())


def _neighbours(question: str, weights: Mapping[str, float]) -> dict[Pair, float]:
    """Return the words side by side in ``question``, function words aside, with the weight of the more usual one.

    Chinese pairs overlap, so there it would only count three characters in a row: that costs .02 to .04 of hit@1.
    """
    words = [word for word in index_tokens(question) if word not in function_words()]
    return {
        (one, other): min(weights[one], weights[other])
        for one, other in pairwise(words)
        if one in weights and other in weights and not _HAN_PAIR.fullmatch(one)
    }


def _side_by_side(tokens: Iterable[str], pairs: Collection[Pair], held: Collection[str]) -> Mapping[Pair, float]:
    """Count those of ``pairs`` that stand side by side in ``tokens``, of which ``held`` are words of the question."""
    possible = {pair for pair in pairs if pair[0] in held and pair[1] in held}
    if not possible:
        return {}
    stops = function_words()
    return Counter(pair for pair in pairwise(token for token in tokens if token not in stops) if pair in possible)


def _characters(words: Iterable[str], candidates: Collection[Candidate]) -> dict[str, float]:
    """Return the Chinese characters of ``words`` with their rarity among the candidates: the index does not know it."""
    distinct = dict.fromkeys(character for word in words if _HAN_PAIR.fullmatch(word) for character in word)
    total = len(candidates)
    holding = {each: sum(each in candidate.tokens for candidate in candidates) for each in distinct}
    return {each: math.log(1 + (total - count + 0.5) / (count + 0.5)) for each, count in holding.items()}


def _times_held(characters: Iterable[str], candidate: Candidate) -> dict[str, float]:
    """Count ``characters`` in a passage; most of them stand in two pairs."""
    return {each: candidate.tokens.count(each) / 2 for each in characters if each in candidate.tokens}


def _add_what_follows(scores: dict[int, float], candidates: Iterable[Candidate]) -> None:
    """Give the last passage of a page a share of the first one of the next page."""
    alone = dict(scores)
    by_id = {each.id: each for each in candidates}
    for each in by_id.values():
        following = by_id.get(each.id + 1)
        if following and following.document_id == each.document_id and following.page != each.page:
            scores[each.id] += _PAGE_BREAK * alone[following.id]


def _add_context(
    scores: dict[int, float],
    weights: Mapping[str, float],
    words: Mapping[int, Collection[str]],
    candidates: Iterable[Candidate],
) -> None:
    """Give each passage a share of the weight of what it lacks and other candidates around it hold."""
    document = {each.id: each.document_id for each in candidates}
    for key in scores:
        around = range(key - _CONTEXT_REACH, key + _CONTEXT_REACH + 1)
        near = {word for each in around if document.get(each) == document[key] for word in words[each]}
        scores[key] += _CONTEXT * sum(weights[word] for word in near.difference(words[key]))


def _put_first(scores: dict[int, float], quoted: Sequence[str], candidates: Iterable[Candidate]) -> None:
    """Lift the passages that hold a quoted phrase above all that do not."""
    best = max(scores.values(), default=0.0)
    for each in candidates:
        scores[each.id] += best * sum(f" {phrase} " in f" {each.tokens} " for phrase in quoted)
