"""Quotes what tools gave: whole, each as one source, tables as tables."""

from __future__ import annotations

from collections.abc import Callable

from kotaemon_desktop.core.answering import table
from kotaemon_desktop.core.records import Citation, Passage

_MOST_ROWS = 12
_LONGEST = 600  # characters of a text that is no table


def quote(number: int, result: Passage) -> Citation:
    """Return the citation of ``result`` as ``number``: its first rows, or how its text begins."""
    lines = result.text.split("\n")
    rows = sum(line.startswith("|") for line in lines)
    text = "\n".join(lines[: min(rows, _MOST_ROWS + 1)]) if rows else result.text[:_LONGEST].rstrip()
    return Citation(
        number=number,
        passage_id=result.id,
        document_id=result.document_id,
        document=result.document,
        name=result.name,
        page=None,
        start=0,
        end=len(text),
        quote=text,
    )


def as_markdown(citation: Citation, escape: Callable[[str], str]) -> str:
    """Return a quoted result as an answer; what it holds is text, never Markdown."""
    if citation.quote.startswith("|"):
        heading, *rows = (table.cells(line) for line in citation.quote.split("\n"))
        return table.as_markdown(heading, [(citation.number, row) for row in rows], escape)
    return f"> {escape(' '.join(citation.quote.split()))} [{citation.number}]"
