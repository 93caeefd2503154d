"""Reads a short text as a row of known words: one word too many, and it is about something else."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import product
from typing import Final, Generic, TypeVar

__all__ = ["Vocabulary", "atoms", "spelled"]

_ATOM = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]")
_APOSTROPHES = str.maketrans("", "", "'’‘`")
_SIGNS = frozenset('"“”«»「」『』《》/\\+=%#$€£¥@*&<>[]{}|')  # a text with one of these is no plain talk
_DRAWL = re.compile(r"([^\W\d])\1{2,}")
_DOUBLED_END = re.compile(r"([a-z])\1$")
_CHOICE = re.compile(r"\(([^)]*)\)")
_LETTERS_TO_MISS = 7  # shorter words become other words when they lose a letter: thanks, tanks

Meaning = TypeVar("Meaning")


def atoms(text: str) -> list[str]:
    """Return the Latin words and the single Han characters of ``text``, or nothing where it holds anything else.

    Case, apostrophes, pictures and the punctuation of sentences say nothing; a letter said thrice is said twice.
    """
    plain = _DRAWL.sub(r"\1\1", unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).lower())
    rest = _ATOM.sub("", plain)
    return [] if any(sign.isalnum() or sign in _SIGNS for sign in rest) else _ATOM.findall(plain)


def spelled(entries: str) -> Iterable[str]:
    """Yield what a list such as ``"bye, see (you|ya)"`` stands for: bye, see you, see ya. ``(|a)`` is nothing or a."""
    for entry in entries.split(","):
        parts = _CHOICE.split(entry)
        for chosen in product(*(part.split("|") if at % 2 else [part] for at, part in enumerate(parts))):
            if words := _ATOM.findall("".join(chosen)):
                yield " ".join(words)


class Vocabulary(Generic[Meaning]):
    """Owns words and phrases with what each means; a long word may lack a letter, any may drag its last one.

    There are ten thousand phrases, which as strings would take 1.4 MB for good. Kept are their hashes, sorted, each
    with the place of its meaning; two phrases of one 64-bit hash are not to be expected in a lifetime. The two
    thousand words are one string.
    """

    def __init__(self, entries: Sequence[tuple[str, Meaning]]) -> None:
        """Take lists of phrases, see :func:`spelled`, with the meaning of each list; a later list overrules."""
        self._meanings: Final = [meaning for _, meaning in entries]
        self._longest = 0
        words, places = set[str](), dict[int, int]()
        for place, (phrases, _) in enumerate(entries):
            for phrase in spelled(phrases):
                parts = phrase.split(" ")
                words.update(parts)
                self._longest = max(self._longest, len(parts))
                places[hash(phrase)] = place
        self._words: Final = f" {' '.join(sorted(words))} "
        self._hashes: Final = array("q", sorted(places))
        self._places: Final = bytes(places[each] for each in self._hashes)

    def read(self, text: list[str]) -> list[Meaning]:
        """Return the meanings of the fewest phrases that make up all of ``text`` (atoms); none where none do."""
        words: list[str] = []
        for atom in text:
            word = self._word(atom) or self._word(_DOUBLED_END.sub(r"\1", atom))
            if word is None:
                return []
            words.append(word)
        reached: list[list[Meaning] | None] = [[], *(None for _ in words)]
        for end in range(1, len(reached)):
            for start in range(max(0, end - self._longest), end):
                before, best = reached[start], reached[end]
                if before is None or (best is not None and len(best) <= len(before) + 1):
                    continue
                place = self._place(" ".join(words[start:end]))
                if place is not None:
                    reached[end] = [*before, self._meanings[place]]
        return reached[-1] or []

    def _place(self, phrase: str) -> int | None:
        """Return the place of the meaning of ``phrase``."""
        wanted = hash(phrase)
        at = bisect_left(self._hashes, wanted)
        return self._places[at] if at < len(self._hashes) and self._hashes[at] == wanted else None

    def _word(self, atom: str) -> str | None:
        """Return the word that ``atom`` is, or is but for one letter that is missing behind its first."""
        if f" {atom} " in self._words:
            return atom
        if len(atom) + 1 < _LETTERS_TO_MISS:
            return None
        alike = (word for word in self._words.split() if len(word) == len(atom) + 1 and word[0] == atom[0])
        return next((word for word in alike if _lacks_a_letter(atom, word)), None)


def _lacks_a_letter(atom: str, word: str) -> bool:
    """Return whether ``atom`` is ``word`` without one letter behind its first."""
    return any(atom == word[:at] + word[at + 1 :] for at in range(1, len(word)))
