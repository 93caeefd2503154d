"""The rows of the library as one list model, which keeps selection and scroll while a few of them change."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from operator import is_
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt

from kotaemon_desktop.core.records import Document, DocumentState
from kotaemon_desktop.qt.tips import plain
from kotaemon_desktop.qt.viewmodels.entry import Entry, Phase, Work
from kotaemon_desktop.qt.viewmodels.order import Order, as_they_came, in_order

ENTRY = int(Qt.ItemDataRole.UserRole)
DOCUMENTS = "application/x-kotaemon-documents"  # what is dragged: a JSON list of document ids
_RUNS = 20  # of rows that come or go one by one; more are told as a new list, which views and filters read once


class DocumentList(QAbstractListModel):
    """The library's rows in a chosen order; ``ENTRY`` gives a row's :class:`Entry`. Lives in the GUI thread.

    A row is known by its path: a file that is imported again keeps its row.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._counted: tuple[dict[str, int], dict[int, str]] | None = None  # None: rows have moved since
        self._order = Order.ADDED

    # --- as Qt asks ------------------------------------------------------------------------------------------------

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        """Return the number of rows."""
        return 0 if parent.isValid() else len(self._entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        entry = self._entries[index.row()]
        if role == ENTRY:
            return entry
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{entry.name}, {entry.line()[0]}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain(f"{entry.path}\n{entry.line()[0]}")
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Return what can be done with a row: select it, and drag it onto a collection."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    def mimeTypes(self) -> list[str]:  # noqa: N802
        """Return what dragged rows are."""
        return [DOCUMENTS]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:  # noqa: N802
        """Return the ids of the documents of dragged rows, as JSON."""
        ids = [number for index in indexes for number in self._entries[index.row()].ids]
        data = QMimeData()
        data.setData(DOCUMENTS, json.dumps(ids).encode())
        return data

    # --- as the view-model says ------------------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    @property
    def _rows(self) -> dict[str, int]:
        """The row of each path."""
        return self._count_rows()[0]

    @property
    def _paths(self) -> dict[int, str]:
        """The path of each document, by its id."""
        return self._count_rows()[1]

    def entry(self, path: str) -> Entry | None:
        """Return the row of ``path``, if there is one."""
        row = self._rows.get(path)
        return None if row is None else self._entries[row]

    def path(self, document_id: int) -> str | None:
        """Return the path of a document's row, if it has one."""
        return self._paths.get(document_id)

    def sort_by(self, order: Order) -> None:
        """Put the rows in ``order`` now and whenever the library is read again; rows on their way come first."""
        self._order = order
        self._arrange()

    def queue(self, paths: Iterable[str]) -> None:
        """Show ``paths`` as waiting; those without a row get one at the top."""
        waiting = Work(Phase.WAITING)
        fresh: list[Entry] = []
        for path in dict.fromkeys(paths):
            if path in self._rows:
                self.change(path, work=waiting, failure=None)
            else:
                fresh.append(Entry(path, work=waiting))
        self.insert(0, fresh)

    def change(self, path: str, **changes: Any) -> None:
        """Replace fields of the row of ``path``; a path without a row gets one at the top."""
        row = self._rows.get(path)
        if row is None:
            self.insert(0, [replace(Entry(path), **changes)])
            return
        entry = self._entries[row] = replace(self._entries[row], **changes)
        if entry.document is not None:
            self._paths[entry.document.id] = path
        index = self.index(row)
        self.dataChanged.emit(index, index)

    def insert(self, row: int, entries: Sequence[Entry]) -> None:
        """Put ``entries`` before ``row``."""
        if entries:
            self.beginInsertRows(QModelIndex(), row, row + len(entries) - 1)
            self._entries[row:row] = entries
            self._counted = None
            self.endInsertRows()

    def remove(self, paths: Iterable[str]) -> list[tuple[int, Entry]]:
        """Take the rows of ``paths`` away and return them with the places where they were, first one first."""
        known = self._rows
        rows = sorted({known[path] for path in paths if path in known})
        taken = [(row, self._entries[row]) for row in rows]
        runs = _runs(rows)
        if len(runs) > _RUNS:
            gone = set(rows)
            self._replace([entry for row, entry in enumerate(self._entries) if row not in gone])
            return taken
        for first, last in reversed(runs):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._entries[first : last + 1]
            self._counted = None
            self.endRemoveRows()
        return taken

    def put_back(self, taken: Sequence[tuple[int, Entry]]) -> None:
        """Show rows again that :meth:`remove` took away, at their places; those that came back meanwhile stay."""
        known = self._rows
        missing = {row: entry for row, entry in taken if entry.path not in known}
        runs = _runs(list(missing))
        if len(runs) > _RUNS:
            entries = list(self._entries)
            for row, entry in missing.items():
                entries.insert(row, entry)
            self._replace(entries)
            return
        for first, last in runs:
            self.insert(min(first, len(self._entries)), [missing[row] for row in range(first, last + 1)])

    def merge(self, documents: Sequence[Document], *, keep_work: bool) -> None:
        """Make the list agree with ``documents`` (newest first).

        Rows keep their places, so selection and scroll stay, unless rows go in more than ``_RUNS`` runs: then the list
        is told as a new one. With ``keep_work`` files on their way stay as they are (an import runs); else nothing is
        on its way any more.
        """
        readable = {d.path: d for d in documents if d.state is not DocumentState.FAILED}
        failed = {d.path: d for d in documents if d.state is DocumentState.FAILED}
        known = readable.keys() | failed.keys()
        self.remove(
            [e.path for e in self._entries if e.path not in known and not e.failure and not (keep_work and e.work)]
        )
        changed: list[int] = []
        for row, entry in enumerate(self._entries):
            path, work = entry.path, entry.work if keep_work else None
            document, failure = readable.get(path), failed.get(path)
            if document != entry.document or failure != entry.failed or work is not entry.work:
                self._entries[row] = Entry(path, document, failure, work, entry.failure)
                changed.append(row)
        if changed:
            self._counted = None
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first), self.index(last))
        shown = self._rows
        fresh = dict.fromkeys(d.path for d in as_they_came(documents) if d.path not in shown)
        self.insert(0, [Entry(path, readable.get(path), failed.get(path)) for path in fresh])
        if self._order is not Order.ADDED:  # there a file that came again keeps its place
            self._arrange()

    def show_removed(self, removed: Sequence[tuple[Document, float]]) -> None:
        """Make this the list of what was removed, with the times of that."""
        self._replace([Entry(document.path, document, removed_at=at) for document, at in removed])

    def _arrange(self) -> None:
        arranged = in_order(self._entries, self._order)
        if all(map(is_, arranged, self._entries)):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        paths = [self._entries[index.row()].path for index in before]
        self._entries = arranged
        self._counted = None
        self.changePersistentIndexList(before, [self.index(self._rows[path]) for path in paths])
        self.layoutChanged.emit()

    def _replace(self, entries: list[Entry]) -> None:
        """Make these all rows there are."""
        self.beginResetModel()
        self._entries = entries
        self._counted = None
        self.endResetModel()

    def _count_rows(self) -> tuple[dict[str, int], dict[int, str]]:
        """Return the row of each path and the path of each document, counted anew when rows have moved."""
        if self._counted is None:
            rows = {entry.path: row for row, entry in enumerate(self._entries)}
            self._counted = rows, {entry.document.id: entry.path for entry in self._entries if entry.document}
        return self._counted


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return ascending ``rows`` as (first, last) of each run without a hole."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
