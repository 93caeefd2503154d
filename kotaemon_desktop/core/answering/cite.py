"""Binds each statement of a written answer to the words it rests on, without asking the model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kotaemon_desktop.core.records import Citation, Passage
from kotaemon_desktop.core.text.sentences import sentences
from kotaemon_desktop.core.text.words import index_tokens, telling_tokens

# A statement rests on a sentence that holds this share of its telling words; half is what a paraphrase keeps.
_SUPPORTED = 0.5
_MODELS_OWN_MARK = re.compile(r"\s?\[\d{1,2}\]")


@dataclass(frozen=True, slots=True)
class CitedAnswer:
    """An answer with [n] after each supported statement, its citations, and the statements that nothing supports."""

    answer: str
    citations: tuple[Citation, ...]
    unsupported: tuple[str, ...]


def cite(answer: str, passages: Sequence[Passage]) -> CitedAnswer:
    """Return ``answer`` with citations into ``passages``, the first one where several say the same.

    Marks that the model wrote itself are dropped: it may err.
    """
    text = _MODELS_OWN_MARK.sub("", answer)
    sources = [(passage, span) for passage in passages for span in sentences(passage.text)]
    words = [frozenset(index_tokens(passage.text[start:end])) for passage, (start, end) in sources]
    citations: list[Citation] = []
    unsupported: list[str] = []
    pieces: list[str] = []
    position = 0
    for start, end in sentences(text):
        statement = text[start:end]
        pieces.append(text[position:end])
        position = end
        telling = set(telling_tokens(statement))
        if len(telling) < 2:  # "Yes." or a heading states nothing that a source could support
            continue
        share, best = max(
            ((len(telling & each) / len(telling), -index) for index, each in enumerate(words)), default=(0.0, 0)
        )
        if share < _SUPPORTED:
            unsupported.append(statement)
            continue
        passage, span = sources[-best]
        pieces.append(f" [{_number(citations, passage, span)}]")
    pieces.append(text[position:])
    return CitedAnswer("".join(pieces), tuple(citations), tuple(unsupported))


def _number(citations: list[Citation], passage: Passage, span: tuple[int, int]) -> int:
    """Return the number of the citation of ``span``, adding it when it is new."""
    start, end = span
    for citation in citations:
        if (citation.passage_id, citation.start) == (passage.id, passage.start + start):
            return citation.number
    citations.append(
        Citation(
            number=len(citations) + 1,
            passage_id=passage.id,
            document_id=passage.document_id,
            document=passage.document,
            name=passage.name,
            page=passage.page,
            start=passage.start + start,
            end=passage.start + end,
            quote=passage.text[start:end],
            recognised=passage.recognised,
        )
    )
    return len(citations)
