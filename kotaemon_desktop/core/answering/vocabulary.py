"""Reads a short text as a row of known words: one word too many, and it is about something else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
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
    """Owns words and phrases with what each means; a long word may lack a letter, any may drag its last one."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        """Take phrases whose atoms are joined by blanks."""
        self._meanings: Final = meanings
        self._longest: Final = max(phrase.count(" ") + 1 for phrase in meanings)
        words = {word for phrase in meanings for word in phrase.split(" ")}
        self._words: Final = {
            word[:at] + word[at + 1 :]: word
            for word in words
            if len(word) >= _LETTERS_TO_MISS
            for at in range(1, len(word))
        } | {word: word for word in words}

    def read(self, text: list[str]) -> list[Meaning]:
        """Return the meanings of the fewest phrases that make up all of ``text`` (atoms); none where none do."""
        words: list[str] = []
        for atom in text:
            word = self._words.get(atom) or self._words.get(_DOUBLED_END.sub(r"\1", atom))
            if word is None:
                return []
            words.append(word)
        reached: list[list[Meaning] | None] = [[], *(None for _ in words)]
        for end in range(1, len(reached)):
            for start in range(max(0, end - self._longest), end):
                before, best = reached[start], reached[end]
                if before is None or (best is not None and len(best) <= len(before) + 1):
                    continue
                phrase = " ".join(words[start:end])
                if phrase in self._meanings:
                    reached[end] = [*before, self._meanings[phrase]]
        return reached[-1] or []
