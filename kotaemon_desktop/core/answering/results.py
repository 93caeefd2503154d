"""Quotes what tools gave: whole, each as one source, tables as tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile

from kotaemon_desktop.core.answering import table
from kotaemon_desktop.core.records import Citation, Passage

_MOST_ROWS = 12
_LONGEST = 600  # characters of a text that is no table


def quote(number: int, result: Passage) -> Citation:
    """Return the citation of ``result`` as ``number``: how its text begins, up to the first rows of a table in it."""
    before, rows = _divided(result.text)
    words = "\n".join(before)
    if len(words) > _LONGEST or not rows:
        text = words[:_LONGEST].rstrip()
    else:
        text = "\n".join([*before, *rows[: _MOST_ROWS + 1]])
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
    before, rows = _divided(citation.quote)
    words = " ".join(" ".join(before).split())
    blocks = [f"> {escape(words)} [{citation.number}]"] if words else []
    if rows:
        heading, *further = map(table.cells, rows)
        blocks.append(table.as_markdown(heading, [(citation.number, row) for row in further], escape))
    return "\n\n".join(blocks)


def _divided(text: str) -> tuple[list[str], list[str]]:
    """Return the lines before the first table in ``text``, and its rows."""
    lines = text.split("\n")
    before = list(takewhile(lambda line: not line.startswith("|"), lines))
    return before, list(takewhile(lambda line: line.startswith("|"), lines[len(before) :]))
