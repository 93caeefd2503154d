"""Hits for the tests of answering."""

from __future__ import annotations

from kotaemon_desktop.core.records import Hit, Passage, Strength
from kotaemon_desktop.core.text.words import telling_tokens


def hit(number: int, text: str, *, strength: Strength = Strength.STRONG, score: float = 1.0, heading: str = "") -> Hit:
    passage = Passage(
        id=number,
        document_id=number * 10,
        document=f"/docs/{number}.pdf",
        name=f"{number}.pdf",
        kind="pdf",
        page=number,
        start=100,
        end=100 + len(text),
        heading=heading,
        text=text,
    )
    return Hit(passage, score, strength)


def weights_of(question: str) -> dict[str, float]:
    words = telling_tokens(question)
    return dict.fromkeys(words, 1 / len(words))
