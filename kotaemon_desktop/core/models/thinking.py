"""Tells what a reasoning model thinks from what it answers, while the text is still coming."""

from __future__ import annotations

from collections.abc import Iterator

# How models mark their thinking: Qwen 3, DeepSeek R1, Phi-4-reasoning, GLM and many more; EXAONE Deep; Seed-OSS; Kimi;
# Magistral; Granite.
MARKS = (
    ("<think>", "</think>"),
    ("<thought>", "</thought>"),
    ("<seed:think>", "</seed:think>"),
    ("◁think▷", "◁/think▷"),
    ("[THINK]", "[/THINK]"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
)


class Thoughts:
    """Owns the part of one answer whose meaning is still open; lives in the generator host.

    An answer thinks at its beginning or not at all: a mark further on is a word like any other.
    """

    def __init__(self, prompt: str = "") -> None:
        """``prompt`` is what the model goes on from: some templates open the thinking themselves."""
        end = prompt.rstrip()
        self._close = next((close for mark, close in MARKS if end.endswith(mark)), "")
        self._open = not self._close  # the beginning of the answer is still to come
        self._held = ""
        self._fresh = True  # nothing of this part was given out yet: white space before it is dropped

    @property
    def thinking(self) -> bool:
        """Whether the model thinks now."""
        return bool(self._close)

    @property
    def close(self) -> str:
        """The mark that ends the thinking; empty where the model does not think."""
        return self._close

    def push(self, text: str) -> Iterator[tuple[bool, str]]:
        """Take more text and yield (is it thought, text) for what is now certain."""
        self._held += text
        if self._open:
            self._begin()
        if self._close and self._close in self._held:
            thought, _, self._held = self._held.partition(self._close)
            yield from self._give(True, thought)
            self._close, self._fresh = "", True
        if not self._open:
            keep = _overlap(self._held, self._close) if self._close else 0
            certain, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
            yield from self._give(self.thinking, certain)

    def finish(self) -> Iterator[tuple[bool, str]]:
        """Yield what is left at the end of the text."""
        left, self._held = self._held, ""
        yield from self._give(self.thinking, left)

    def _begin(self) -> None:
        """Decide, once enough has come, whether the answer begins with thinking."""
        start = self._held.lstrip()
        for mark, close in MARKS:
            if start.startswith(mark):
                self._held, self._close, self._open = start[len(mark) :], close, False
                return
        if start and not any(mark.startswith(start) for mark, _ in MARKS):
            self._open = self._fresh = False  # the answer's own white space is its own affair

    def _give(self, thought: bool, text: str) -> Iterator[tuple[bool, str]]:
        if self._fresh:
            text = text.lstrip()
            self._fresh = not text
        if text:
            yield thought, text


def _overlap(text: str, mark: str) -> int:
    """Return the length of the longest end of ``text`` that is a beginning of ``mark``."""
    return next((size for size in range(min(len(text), len(mark) - 1), 0, -1) if text.endswith(mark[:size])), 0)
