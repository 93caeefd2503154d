"""The rows of the library: stored documents and files on their way in, as one list model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.records import Document, DocumentState
from kotaemon_desktop.qt.numbers import count

_KINDS = {  # which icon a file has before it is read; then its content says it
    **dict.fromkeys((".docx", ".odt", ".rtf"), "docx"),
    **dict.fromkeys((".pptx", ".odp"), "pptx"),
    **dict.fromkeys((".xlsx", ".xls", ".xlsb", ".ods", ".csv", ".tsv"), "xlsx"),
    **dict.fromkeys((".md", ".markdown"), "markdown"),
    **dict.fromkeys((".htm", ".html", ".mhtml"), "html"),
    ".pdf": "pdf",
    ".eml": "eml",
    ".epub": "epub",
    ".zip": "zip",
}


class Phase(StrEnum):
    """What is being done with a file just now."""

    WAITING = "waiting"
    READING = "reading"
    STORING = "storing"
    EMBEDDING = "embedding"


class Tone(StrEnum):
    """The colour of a line, by its name in the theme."""

    PLAIN = "text_muted"
    WARNING = "warning"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Work:
    """A file on its way: ``done`` of ``total`` pages or passages (``total`` is None where nobody knows)."""

    phase: Phase
    done: int = 0
    total: int | None = None

    @property
    def fraction(self) -> float | None:
        """How far the phase is, 0..1, or None where nobody knows."""
        return min(1.0, self.done / self.total) if self.total else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a document of the library, a file on its way, a file that could not be read, or several of these."""

    path: str
    document: Document | None = None  # the readable version
    failed: Document | None = None  # what the library remembers of a version that could not be read
    work: Work | None = None
    failure: str = ""  # why the running import gave the file up

    @property
    def name(self) -> str:
        return self.document.name if self.document else PurePath(self.path).name

    @property
    def kind(self) -> str:
        """The family of formats, which is also the name of the row's icon."""
        return self.document.kind if self.document else _KINDS.get(PurePath(self.path).suffix.lower(), "text")

    @property
    def ids(self) -> tuple[int, ...]:
        """What the library has to remove when this row goes."""
        return tuple(document.id for document in (self.document, self.failed) if document is not None)

    def line(self) -> tuple[str, Tone]:
        """Return the one line that says where the file stands, and its tone."""
        if self.work is not None:
            return _work_line(self.work), Tone.PLAIN
        reason = self.failure or (self.failed.reason if self.failed else "")
        reason = reason.removeprefix(f"“{self.name}”").lstrip()  # the name stands above
        if self.document is None:
            return reason or _("not read"), Tone.DANGER
        if reason:
            return _("the older version is kept: {reason}").format(reason=reason), Tone.WARNING
        return _document_line(self.document), Tone.WARNING if self.document.unread_pages else Tone.PLAIN


def _document_line(document: Document) -> str:
    ready = document.embedded >= document.passages
    parts = [_("ready") if ready else _("searchable by words")]
    if document.page_count and ready:
        parts.append(count(document.page_count, N_("{n} page"), N_("{n} pages")))
    parts.append(count(document.passages, N_("{n} passage"), N_("{n} passages")))
    if document.unread_pages:
        parts.append(count(document.unread_pages, N_("{n} page without text"), N_("{n} pages without text")))
    return " · ".join(parts)


def _work_line(work: Work) -> str:
    if work.phase is Phase.WAITING:
        return _("waiting")
    if work.phase is Phase.STORING:
        return _("storing {n} passages").format(n=f"{work.done:,}")
    if work.phase is Phase.EMBEDDING:
        return _("searchable · embedding {done} of {total}").format(done=f"{work.done:,}", total=f"{work.total or 0:,}")
    if work.total:
        return _("reading page {done} of {total}").format(done=f"{work.done:,}", total=f"{work.total:,}")
    return _("reading")


_SAME_IMPORT_SECONDS = 60  # between two files that came together
ENTRY = int(Qt.ItemDataRole.UserRole)


class DocumentList(QAbstractListModel):
    """The library's rows, newest first; ``ENTRY`` gives a row's :class:`Entry`. Lives in the GUI thread.

    A row is known by its path: a file that is imported again keeps its row.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self._rows: dict[str, int] = {}
        self._paths: dict[int, str] = {}  # by document id

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
            return f"{entry.path}\n{entry.line()[0]}"
        return None

    # --- as the view-model says ------------------------------------------------------------------------------------

    @property
    def entries(self) -> Sequence[Entry]:
        return self._entries

    def entry(self, path: str) -> Entry | None:
        """Return the row of ``path``, if there is one."""
        row = self._rows.get(path)
        return None if row is None else self._entries[row]

    def path(self, document_id: int) -> str | None:
        """Return the path of a document's row, if it has one."""
        return self._paths.get(document_id)

    def queue(self, paths: Iterable[str]) -> None:
        """Show ``paths`` as waiting; those without a row get one at the top."""
        waiting = Work(Phase.WAITING)
        fresh: list[Entry] = []
        for path in dict.fromkeys(paths):
            if path in self._rows:
                self.change(path, work=waiting, failure="")
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
            self._count_rows()
            self.endInsertRows()

    def remove(self, paths: Iterable[str]) -> list[tuple[int, Entry]]:
        """Take the rows of ``paths`` away and return them with the places where they were, first one first."""
        rows = sorted({self._rows[path] for path in paths if path in self._rows})
        taken = [(row, self._entries[row]) for row in rows]
        for first, last in reversed(_runs(rows)):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._entries[first : last + 1]
            self._count_rows()
            self.endRemoveRows()
        return taken

    def merge(self, documents: Sequence[Document], *, keep_work: bool) -> None:
        """Make the list agree with ``documents`` (newest first); rows keep their places, so selection and scroll stay.

        With ``keep_work`` files on their way stay as they are (an import runs); else nothing is on its way any more.
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
        for first, last in _runs(changed):
            self.dataChanged.emit(self.index(first), self.index(last))
        fresh = dict.fromkeys(d.path for d in _as_they_came(documents) if d.path not in self._rows)
        self.insert(0, [Entry(path, readable.get(path), failed.get(path)) for path in fresh])
        self._count_rows()

    def _count_rows(self) -> None:
        self._rows = {entry.path: row for row, entry in enumerate(self._entries)}
        self._paths = {entry.document.id: entry.path for entry in self._entries if entry.document}


def _as_they_came(documents: Sequence[Document]) -> list[Document]:
    """Return ``documents`` with the newest import first, but the files of one import in the order of their reading."""
    imports: list[list[Document]] = []
    for document in documents:
        if imports and imports[-1][-1].imported_at - document.imported_at < _SAME_IMPORT_SECONDS:
            imports[-1].append(document)
        else:
            imports.append([document])
    return [document for batch in imports for document in reversed(batch)]


def _runs(rows: Sequence[int]) -> list[tuple[int, int]]:
    """Return ascending ``rows`` as (first, last) of each run without a hole."""
    runs: list[tuple[int, int]] = []
    for row in rows:
        if runs and row == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], row)
        else:
            runs.append((row, row))
    return runs
