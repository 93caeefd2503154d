"""Guesses the next tokens from what was read and written already: an answer quotes its sources (prompt lookup).

A model can check several tokens in one run for little more than the price of one. What it would not have written
itself is thrown away, so that the text is the same with and without guesses (Saxena 2023, "Prompt Lookup Decoding").
"""

from __future__ import annotations

from typing import Protocol

_MATCHES = (3, 2)  # tokens that have to be the same before a guess is made; the longer match is the better one
# On a CPU each guessed token costs a fifth of a step: these bounds keep what wrong guesses cost below 3 %.
_SHORTEST, _LONGEST = 2, 12  # tokens of a guess
_FIRST_PAUSE, _LONGEST_PAUSE = 2, 32  # steps without a guess, after one and after many that were wrong


class DraftSource(Protocol):
    """Proposes tokens for one generation and learns what came of it; lives in the generator host."""

    def propose(self, room: int) -> list[int]:
        """Return up to ``room`` tokens that may come next, or none."""
        ...

    def learn(self, proposed: int, accepted: int) -> None:
        """Take note that of ``proposed`` tokens the first ``accepted`` were right."""
        ...


class NoDrafts:
    """Proposes nothing: each token by itself."""

    def propose(self, room: int) -> list[int]:  # noqa: ARG002 - as the protocol has it
        return []

    def learn(self, proposed: int, accepted: int) -> None:
        """Nothing to learn."""


class PromptLookup:
    """Owns where each pair and triple of tokens was last followed by something, and how well guesses went.

    Guesses grow while they are right, and after wrong ones pause ever longer: a text that quotes nothing pays for a
    handful of them.
    """

    def __init__(self, ids: list[int]) -> None:
        """Guess what follows ``ids``, the prompt and what is being written after it: the list may grow."""
        self._ids = ids
        self._followed: dict[tuple[int, ...], int] = {}
        self._known = 0  # of the tokens, those before which everything is noted
        self._size = _SHORTEST
        self._pause = 0
        self._next_pause = _FIRST_PAUSE

    def propose(self, room: int) -> list[int]:
        if self._pause:
            self._pause -= 1
            return []
        return self.follow(min(room, self._size))

    def learn(self, proposed: int, accepted: int) -> None:
        if accepted:
            self._size = min(2 * self._size, _LONGEST) if accepted == proposed else max(_SHORTEST, accepted)
            self._next_pause = _FIRST_PAUSE
        else:
            self._size = _SHORTEST
            self._pause = self._next_pause
            self._next_pause = min(2 * self._next_pause, _LONGEST_PAUSE)

    def follow(self, size: int) -> list[int]:
        """Return up to ``size`` tokens that followed when the last ones stood there before."""
        self._note()
        for length in _MATCHES:
            place = self._followed.get(tuple(self._ids[-length:]))
            if place is not None:
                return self._ids[place : place + size]
        return []

    def _note(self) -> None:
        """Take note of the tokens that came since the last time; what the last one of all is followed by is open."""
        ids = self._ids
        for place in range(max(self._known, min(_MATCHES)), len(ids)):
            for length in _MATCHES:
                if place >= length:
                    self._followed[tuple(ids[place - length : place])] = place
        self._known = len(ids)
