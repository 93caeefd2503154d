"""Passages: what a search finds, a citation rests on and a preview shows."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kotaemon_desktop.core.i18n import N_, _


class Strength(StrEnum):
    """How much a hit can be trusted, as shown to people."""

    STRONG = "strong"
    FAIR = "fair"
    WEAK = "weak"

    @property
    def word(self) -> str:
        """What people read."""
        return _(_STRENGTHS[self])


_STRENGTHS = {Strength.STRONG: N_("strong"), Strength.FAIR: N_("fair"), Strength.WEAK: N_("weak")}


TOOL = "tool"
"""The family of what is no document but a tool's result; its ids are negative."""


class Passage(msgspec.Struct, frozen=True):
    """A stored passage with enough of its document to cite it. ``page`` is 1-based or None."""

    id: int
    document_id: int
    document: str  # the path as imported
    name: str  # its last part
    kind: str
    page: int | None
    start: int
    end: int
    heading: str
    text: str
    recognised: bool = False  # read by text recognition, which may err


class Hit(msgspec.Struct, frozen=True):
    """A passage found for a query. ``score`` is in 0..1 and only comparable within one result list."""

    passage: Passage
    score: float
    strength: Strength
    keyword_rank: int | None = None
    vector_rank: int | None = None
    similarity: float | None = None  # cosine, when an embedder covers the query's language


class TracedHit(msgspec.Struct, frozen=True):
    """A hit as a trace keeps it; ``passage`` is None once its document was removed or has changed."""

    passage_id: int
    document_id: int
    score: float
    strength: Strength
    keyword_rank: int | None = None
    vector_rank: int | None = None
    similarity: float | None = None
    passage: Passage | None = None

    @property
    def known(self) -> Hit | None:
        """The hit with its passage, if that is still there."""
        if self.passage is None:
            return None
        return Hit(self.passage, self.score, self.strength, self.keyword_rank, self.vector_rank, self.similarity)


class Citation(msgspec.Struct, frozen=True):
    """A statement of an answer bound to the words it rests on: ``page_text[start:end]`` holds ``quote``."""

    number: int  # as in the answer's [n]
    passage_id: int
    document_id: int
    document: str
    name: str
    page: int | None
    start: int
    end: int
    quote: str
    recognised: bool = False  # read by text recognition, which may err


class PagePicture(msgspec.Struct, frozen=True):
    """A rendered page: ``pixels`` is height x stride bytes of 32-bit BGRX (QImage.Format_RGB32)."""

    width: int
    height: int
    stride: int
    pixels: bytes
