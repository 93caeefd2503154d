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
    | (?P<grouped>  \d{{1,3}} (?:,\d{{3}}){{1,7}} (?:\.\d+)? (?![\d,]) )
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
# What a Chinese question asks with, rather than about, in simplified and traditional characters; the longer ones first.
_CHINESE_ASIDES = re.compile(
    "[请請][问問]|[请請]?告[诉訴]我?|我想知道|想知道|介[绍紹]一下|"
    "[为為][什甚][么麼]|是?[什甚][么麼](?:[样樣]|[时時]候)?|怎[么麼][样樣办辦]?|怎[样樣]|如何|[为為]何|(?<!任)何[年时時地人处處]|"
    "多少|多[长長](?:[时時][间間])?|多[久大高远遠]|"
    "有?哪些|哪一?[个個里裡儿兒种種位天年条條款项項]|是[谁誰]|是否|能否|可否|可不可以|能不能|是不是|有[没沒]有|"
    "[几幾][个個天年月倍次种種条條项項人元]?|[我你他][们們]|以及|或者|如果|那[么麼]|因[为為]|所以|但是|而且|[并並]且|"
    "[这這那][个個些种種]|一[个個些]|[关關][于於]|[对對][于於]|"
    "[的了吗嗎呢吧啊呀么麼是在有谁誰和与與或及哪]"
)


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
    stops = function_words()
    return [word for word in words if word not in stops] or words


def telling_tokens(text: str) -> list[str]:
    """Return the :func:`query_tokens` of a question that name what it is about.

    Chinese is cut at the words that ask and join before it is paired, so that no pair straddles them: "试用期多长" is
    about 试用 and 用期, and a passage need not hold 期多 to answer it.
    """
    words = query_tokens(_CHINESE_ASIDES.sub(" ", text))
    longer = [word for word in words if len(word) > 1 or word.isascii()]
    return longer or words or query_tokens(text)


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

        # Its cache of ten thousand words saves a tenth of the time, 20 µs a passage, and would stay: half a megabyte.
        _per_thread.stemmer = cast("_Stemmer", Stemmer.Stemmer("english", 0))  # pyright: ignore[reportUnknownMemberType]
    return _per_thread.stemmer.stemWords(words)


@functools.cache
def function_words() -> frozenset[str]:
    """Return the English words that say nothing by themselves ("the", "what", "would"), as index tokens."""
    return _ENGLISH_STOPS | frozenset(_stem(sorted(_ENGLISH_STOPS)))
