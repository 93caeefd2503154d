"""Which side a conversation is on, and when a candidate has failed often enough. Arithmetic only."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import takewhile

import msgspec

from kotaemon_desktop.core.canary.records import Ending, Outcome, Side, Way

_SPAN = 1 << 64
_MIXERS = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))  # of SplitMix64, Steele et al., OOPSLA 2014


def side_of(conversation_id: int, candidate: Way, share: float) -> Side:
    """Return the side of a conversation: always the same for a candidate, whatever else happens.

    A larger share only takes conversations over to the candidate, none back.
    """
    named = zlib.crc32(f"{candidate.model}\n{candidate.pipeline}".encode())
    return Side.CANDIDATE if _mixed(named << 32 | conversation_id) / _SPAN < share else Side.PROVEN


def _mixed(number: int) -> int:
    """Return 64 bits that look drawn by lot, the same for a number each time. hashlib would take 5 MB of the window."""
    for shift, factor in _MIXERS:
        number = (number ^ number >> shift) * factor % _SPAN
    return number ^ number >> 31


class Rules(msgspec.Struct, frozen=True):
    """How many ``errors`` or ``thumbs`` down in a row send everything back to the proven way."""

    errors: int = 3
    thumbs: int = 3

    def judge(self, outcomes: Sequence[Outcome]) -> tuple[Ending, int] | None:
        """Return why the candidate has to go and the length of the streak, or None; ``outcomes`` are its last ones."""
        failed = sum(1 for _each in takewhile(lambda each: each.failed, reversed(outcomes)))
        if failed >= self.errors:
            return Ending.ERRORS, failed
        rated = [each for each in outcomes if each.thumb]
        down = sum(1 for _each in takewhile(lambda each: each.thumb < 0, reversed(rated)))
        return (Ending.THUMBS, down) if down >= self.thumbs else None
