"""Shows quoted rows of a table as a table: below the heading row that says what their cells are."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kotaemon_desktop.core.records import Citation, Passage

_JOINT = " › "  # between the headings of a passage


def row_of(citation: Citation, passage: Passage) -> tuple[list[str], list[str]] | None:
    """Return (heading cells, cells) of a quoted table row, or None: it is none, or nothing tells what its cells are.

    The heading row stands further up in the passage, or, where a long table was cut, last among its headings.
    """
    if not citation.quote.startswith("|"):
        return None
    row, heading = cells(citation.quote), _heading(passage, citation.start - passage.start)
    return (heading, row) if len(heading) == len(row) > 1 else None


def is_heading(passage: Passage, start: int) -> bool:
    """Tell whether the heading row of a table begins at ``start`` in the passage: it names cells and says nothing."""
    text = passage.text
    is_row = text.startswith("|", start)
    opens = start == 0 or not text[: start - 1].rpartition("\n")[2].startswith("|")
    continued = start == 0 and "|" in passage.heading.rpartition(_JOINT)[2]
    return is_row and opens and text[start:].partition("\n")[2].startswith("|") and not continued


def as_markdown(heading: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]], escape: Callable[[str], str]) -> str:
    """Return a Markdown table of (citation number, cells), the number in a column of its own."""
    lines = [[*map(escape, heading), ""], ["---"] * (len(heading) + 1)]
    lines += ([*map(escape, cells), f"[{number}]"] for number, cells in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _heading(passage: Passage, before: int) -> list[str]:
    heading = ""
    for line in reversed(passage.text[:before].rstrip("\n").split("\n")):
        if not line.startswith("|"):
            break
        heading = line
    return cells(heading or passage.heading.rpartition(_JOINT)[2])


def cells(row: str) -> list[str]:
    """Return the cells of a row."""
    return [cell.strip() for cell in row.strip().strip("|").split("|")]
