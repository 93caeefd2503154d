"""Turns tokens into text as they come: never half a character, never the beginning of a stop string."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_UNFINISHED = "\ufffd"  # what a tokenizer writes for bytes that are not yet a character


class TextStream:
    """Owns the tail of one generation that is not yet shown; lives in the generator host."""

    def __init__(self, tokenizer: Any, stop: Sequence[str] = (), spelled: Mapping[int, str] | None = None) -> None:
        """Decode with ``tokenizer`` (a ``tokenizers.Tokenizer``) and end before the first of the strings ``stop``.

        ``spelled`` are tokens that read as given even where they are special, and so would not be read at all.
        """
        self._tokenizer = tokenizer
        self._spelled = spelled or {}
        self._stop = [text for text in stop if text]
        self._window: list[int] = []  # tokens whose text depends on each other
        self._decoded = 0  # of these, how many have their text in _held or beyond
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """Take one more token and return the text that is now certain; empty once ``stopped``."""
        if token in self._spelled:
            before = self._fresh(final=True)
            self._window, self._decoded = [], 0
            return self._release(before + self._spelled[token], final=False)
        self._window.append(token)
        return self._release(self._fresh(final=False), final=False)

    def finish(self) -> str:
        """Return what is left at the end of the tokens."""
        return self._release(self._fresh(final=True), final=True)

    def _fresh(self, *, final: bool) -> str:
        """Return the text that the tokens after ``_decoded`` add, or nothing while a character is unfinished."""
        before = self._decode(self._window[: self._decoded])
        now = self._decode(self._window)
        if now.endswith(_UNFINISHED) and not final:
            return ""
        # What a token reads as depends on the one before it (a leading space): keep the last piece as context.
        self._window = self._window[self._decoded :]
        self._decoded = len(self._window)
        return now[len(before) :]

    def _release(self, fresh: str, *, final: bool) -> str:
        if self.stopped:
            return ""
        text = self._held + fresh
        ends = [place for place in map(text.find, self._stop) if place >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)]
        keep = 0 if final else max((_overlap(text, stop) for stop in self._stop), default=0)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def _decode(self, tokens: list[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True)


def _overlap(text: str, stop: str) -> int:
    """Return the length of the longest end of ``text`` that is a beginning of ``stop``."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
