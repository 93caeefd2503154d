"""Lays out the cells of a spreadsheet as text: lone cells as paragraphs, the rest as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kotaemon_desktop.core.documents.flow import Flow, has_heading_row, plain

_HEADING_WITHIN = 3  # rows of a table among which its heading row is looked for; above it stand titles and units
_MOST_CELLS = 20_000_000  # of one table, empty ones counted: no document holds the bars between more


class SheetText:
    """Takes the rows of one sheet in order and adds them to a flow. Owns the table under way."""

    def __init__(self, flow: Flow, name: str = "") -> None:
        """``name`` is the heading of the sheet; a sheet without cells gets none."""
        self._flow = flow
        self._name = name
        self._table: list[dict[int, str]] = []  # in each row column -> text: cells that are empty cost nothing

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Add all ``rows``; an empty one ends a table."""
        for row in rows:
            self.row({column: cell for column, cell in enumerate(row) if cell})
        self.end()

    def row(self, cells: Mapping[int, str]) -> None:
        """Add a row: the texts of its cells by the number of the column, in any order."""
        if any(any(map(str.isalnum, cell)) for cell in cells.values()):
            self._table.append({column: text for column, cell in cells.items() if (text := plain(cell))})
        else:
            self.end()

    def end(self) -> None:
        """Add the table under way; what stands alone in its row above it is a text about it."""
        rows, self._table = self._table, []
        if rows and self._name:
            self._flow.block(self._name, 1)
            self._name = ""
        first = _texts_above(rows)
        for row in rows[:first]:
            self._flow.block(next(iter(row.values())))
        table = _without_empty_columns(rows[first:])
        del rows  # the text that is put together now takes as much memory again
        if table and all(len(row) == 1 for row in table):
            self._flow.block("\n".join(row[0] for row in table))
            return
        for before in range(1, min(_HEADING_WITHIN, len(table) - 1)):
            if not has_heading_row(table) and has_heading_row(table[before:]):
                self._flow.rows(table[:before])
                table = table[before:]
                break
        self._flow.rows(table)


def _texts_above(rows: Sequence[Mapping[int, str]]) -> int:
    """Return how many rows from the first on hold one cell, unless all do: a column is a list that belongs together."""
    lone = 0
    for row in rows:
        if len(row) != 1:
            return lone
        lone += 1
    return lone if lone == 1 else 0


def _without_empty_columns(rows: Sequence[Mapping[int, str]]) -> list[list[str]]:
    """Return the rows, all of one length; without any empty cell when there are too many of these to write."""
    used = sorted({column for row in rows for column in row})
    if len(used) * len(rows) > _MOST_CELLS:
        return [[row[column] for column in sorted(row)] for row in rows]
    return [[row.get(column, "") for column in used] for row in rows]
