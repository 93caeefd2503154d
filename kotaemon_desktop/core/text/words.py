"""Turns text into the words that keyword search stores and looks up, English and Chinese alike."""

from __future__ import annotations

import functools
import itertools
import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import Protocol, cast

CONNECTORS = "-._"
"""The characters besides letters and digits that a token may hold inside: what FTS5 must be told to keep."""

# Scripts written without spaces: Han, Kana, Hangul, Thai, Lao, Khmer.
_UNSPACED = (
    "\u0e00-\u0eff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_LETTER = rf"[^\W_{_UNSPACED}]"
_TOKEN = re.compile(
    rf"""
      (?P<unspaced> [{_UNSPACED}]+ )
    | (?P<grouped>  \d{{1,3}} (?:,\d{{3}})+ (?:\.\d+)? (?![\d,]) )
    | (?P<word>     {_LETTER}+ (?: (?: [-._'’‐‑] | __ ) {_LETTER}+ )* )
    """,
    re.VERBOSE,
)
_JOINT = re.compile(r"[-._]+")
_LETTERS_DIGITS = re.compile(r"([a-z]{2,})(\d{1,4})")
_LAST_OF_GREEK_AND_CYRILLIC = "\u052f"

_ENGLISH_STOPS = frozenset(
    "a about am an and any are as at be been being but by can could did do does for from had has have he her his how i "
    "if in into is it its many may me might much must my of on or our shall she should so some than that the their "
    "them then there these they this those to was we were what when where which while who whom whose why will with "
    "would you your please tell".split()
)
_CHINESE_STOPS = frozenset(
    "什么 怎么 么样 怎样 如何 多少 哪些 哪个 哪里 哪种 为什 是什 有什 么是 么时 是否 能否 可否 是多 有多 有哪 有几 "
    "请问 请告 告诉 诉我 我想 想知 知道 我们 你们 他们 以及 或者 如果 那么 因为 所以 但是 而且 并且 这个 那个 这些 "
    "那些 这种 那种 一个 一些 一下 介绍 关于 对于 是不 不是 有没 没有 可不 能不".split()
)
_PARTICLES = frozenset("的了吗呢吧啊呀么")
_WORDS_WITH_PARTICLES = frozenset("目的 标的 的士 的确 了解 了结 为了 除了 什么".split())


class _Stemmer(Protocol):
    def stemWords(self, words: list[str]) -> list[str]: ...  # noqa: N802 - PyStemmer's name


class _PerThread(threading.local):
    """One stemmer for each thread: an instance of PyStemmer keeps state while it works."""

    stemmer: _Stemmer | None = None


_per_thread = _PerThread()


def index_tokens(text: str) -> list[str]:
    """Return the search words of ``text`` in order, repeats kept.

    Text is NFKC-normalised and lower-cased. English words are stemmed; numbers and identifiers ("12345", "gpt-4",
    "3.2") stay whole and compounds add their parts; runs of Chinese give their overlapping pairs, or the one character.
    Tokens hold letters, digits and, inside, ``CONNECTORS``; never white space.
    """
    plain: list[str] = []  # English words wait here, so that all are stemmed in one call
    tokens: list[str] = []
    waiting: list[int] = []
    for token in _raw_tokens(text):
        if token.isascii() and token.isalpha() and len(token) > 2:  # shorter ones have no ending
            waiting.append(len(tokens))
            plain.append(token)
        tokens.append(token)
    if plain:
        for position, stem in zip(waiting, _stem(plain), strict=True):
            tokens[position] = stem
    return tokens


def query_tokens(text: str) -> list[str]:
    """Return the distinct search words of a question, in order, without English function words.

    Chinese ones stay: as pairs they also hold half of a word that tells, and rare pairs outweigh them anyway (page
    hit@1 on zh-policy .81 with them, .78 without). All stay when nothing else is left.
    """
    words = list(dict.fromkeys(index_tokens(text)))
    stops = _stemmed_stops()
    return [word for word in words if word not in stops] or words


def telling_tokens(text: str) -> list[str]:
    """Return the :func:`query_tokens` of a question that name what it is about, without Chinese function words."""
    words = query_tokens(text)
    return [word for word in words if not _is_chinese_filler(word)] or words


def _raw_tokens(text: str) -> Iterator[str]:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    for match in _TOKEN.finditer(text.lower()):
        token = match[0]
        if match.lastgroup == "word":
            if token.isascii() and token.isalpha():
                yield token
            else:
                yield from _compound(token)
        elif match.lastgroup == "unspaced":
            if len(token) == 1:
                yield token
            else:
                yield from map("".join, itertools.pairwise(token))
        else:
            yield token.replace(",", "")


def _compound(token: str) -> Iterator[str]:
    """Yield the search words of one word that is more than plain letters: marks, accents, digits or joints inside."""
    token = token.replace("’", "'").replace("‐", "-").replace("‑", "-")
    token = token.removesuffix("'s").replace("'", "")
    if not token.isascii() and token[0] <= _LAST_OF_GREEK_AND_CYRILLIC:
        token = "".join(c for c in unicodedata.normalize("NFKD", token) if not unicodedata.combining(c))
    parts = _JOINT.split(token)
    if len(parts) == 1:
        yield token
        if pair := _LETTERS_DIGITS.fullmatch(token):
            yield from pair.groups()
    elif all(part.isdigit() for part in parts):
        yield token
        if "-" in token or len(parts) > 2:  # a date or a version, not a decimal
            yield from parts
    elif any(c.isdigit() or c == "_" for c in token):
        yield token
        yield from parts
    else:
        yield "".join(parts)  # "e-mail" is found by "email", "U.S." by "US"
        yield from (part for part in parts if len(part) > 1)


def _stem(words: list[str]) -> list[str]:
    if _per_thread.stemmer is None:
        import Stemmer  # 3 ms; only what searches or reads pays for it

        _per_thread.stemmer = cast("_Stemmer", Stemmer.Stemmer("english"))  # pyright: ignore[reportUnknownMemberType]
    return _per_thread.stemmer.stemWords(words)


@functools.cache
def _stemmed_stops() -> frozenset[str]:
    return _ENGLISH_STOPS | frozenset(_stem(sorted(_ENGLISH_STOPS)))


def _is_chinese_filler(word: str) -> bool:
    if word in _CHINESE_STOPS or word in _PARTICLES:
        return True
    return len(word) == 2 and word not in _WORDS_WITH_PARTICLES and not _PARTICLES.isdisjoint(word)
