"""The nouns of a trial: the two ways, what each of their answers took, and how it ended."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Side(StrEnum):
    """Which of the two ways answered."""

    PROVEN = "proven"
    CANDIDATE = "candidate"


class Ending(StrEnum):
    """Why a trial is over."""

    ERRORS = "errors"  # the candidate failed several times in a row
    THUMBS = "thumbs"  # people turned its answers down several times in a row
    PROMOTED = "promoted"  # it is the proven way now
    STOPPED = "stopped"  # by hand, or something else is tried now

    @property
    def sent_back(self) -> bool:
        """Whether a rule ended it and not a person."""
        return self in {Ending.ERRORS, Ending.THUMBS}


class Way(msgspec.Struct, frozen=True):
    """Who answers: a ``model`` (an id, or ``none`` for quotes) through a ``pipeline`` (empty: the one by rule)."""

    model: str
    pipeline: str = ""


class Trial(msgspec.Struct, frozen=True):
    """A candidate beside the proven way, from ``began_at`` on (wall clock). ``ending`` is None while it answers.

    ``streak`` is how many answers in a row ended it. One that a rule has sent back lasts, without answering anything,
    as long as the settings still give it a share: then ``ended_at`` is None.
    """

    id: int
    proven: Way
    candidate: Way
    began_at: float
    ended_at: float | None = None
    ending: Ending | None = None
    streak: int = 0


class Outcome(msgspec.Struct, frozen=True):
    """What one answer took. Seconds are without those that a model needed to wake; None: not known of it.

    ``thumb`` is 1 or -1 where a person has said so, else 0.
    """

    side: Side
    failed: bool
    answered: bool = False
    seconds: float | None = None
    first_piece: float | None = None
    tokens_per_second: float | None = None
    citations: int = 0
    thumb: int = 0
