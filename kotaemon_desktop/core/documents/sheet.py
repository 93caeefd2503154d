"""Lays out the cells of a spreadsheet as text: lone cells as paragraphs, the rest as tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kotaemon_desktop.core.documents.flow import Flow, has_heading_row, plain

_HEADING_WITHIN = 3  # rows of a table among which its heading row is looked for; above it stand titles and units
_MOST_CELLS = 20_000_000  # of one table, empty ones counted: no document holds the bars between more


class SheetText:
    """Takes the rows of one sheet in order and adds them to a flow. Owns the table under way."""

    def __init__(self, flow: Flow, name: str = "") -> None:
        """``name`` is the heading of the sheet; a sheet without cells gets none."""
        self._flow = flow
        self._name = name
        self._table: list[list[str]] = []

    def rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Add all ``rows``; an empty one ends a table."""
        for row in rows:
            self.row(row)
        self.end()

    def row(self, cells: Sequence[str]) -> None:
        """Add a row of cells, "" for an empty one."""
        if any(any(map(str.isalnum, cell)) for cell in cells):
            self._table.append([plain(cell) for cell in cells])
        else:
            self.end()

    def end(self) -> None:
        """Add the table under way; what stands alone in its row above it is a text about it."""
        table, self._table = self._table, []
        if table and self._name:
            self._flow.block(self._name, 1)
            self._name = ""
        first = _texts_above(table)
        for row in table[:first]:
            self._flow.block(next(filter(None, row)))
        table = _without_empty_columns(table[first:])
        if table and all(len(row) == 1 for row in table):
            self._flow.block("\n".join(row[0] for row in table))
            return
        for before in range(1, min(_HEADING_WITHIN, len(table) - 1)):
            if not has_heading_row(table) and has_heading_row(table[before:]):
                self._flow.rows(table[:before])
                table = table[before:]
                break
        self._flow.rows(table)


def _texts_above(table: Sequence[Sequence[str]]) -> int:
    """Return how many rows from the first on hold one cell, unless all do: a column is a list that belongs together."""
    lone = 0
    for row in table:
        if sum(map(bool, row)) != 1:
            return lone
        lone += 1
    return lone if lone == 1 else 0


def _without_empty_columns(table: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the rows, all of one length; without any empty cell when there are too many of these to write."""
    used = sorted({column for row in table for column, cell in enumerate(row) if cell})
    if len(used) * len(table) > _MOST_CELLS:
        return [list(filter(None, row)) for row in table]
    return [[row[column] if column < len(row) else "" for column in used] for row in table]
