"""What a talk that needs no documents is made of: rules with their words, and what is answered.

Lists are divided by commas, ``(a|b)`` stands for either; apostrophes are left out and Chinese needs no blanks.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What people may be after. ``alone``: phrases that show it by themselves; ``topics``: only beside an anchor."""

    name: str
    english: str
    chinese: str
    alone: str
    topics: str = ""


@dataclass(frozen=True, slots=True)
class Talk:
    """A way that needs no documents. Its rules stand in the order in which they win when a question holds several.

    ``anchors`` are phrases that show who or what is meant, ``fillers`` say nothing; a filler that holds an anchor
    ("how do you", meaning anyone) hides it, for the fewest phrases win. ``longest`` counts Han characters, a Latin
    word as two.
    """

    route: str
    longest: int
    rules: tuple[Rule, ...]
    anchors: str
    fillers: str
