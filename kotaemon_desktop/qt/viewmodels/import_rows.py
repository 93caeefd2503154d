"""What each event of an import changes in the list of documents."""

from __future__ import annotations

from typing import Any

from kotaemon_desktop.core.events import (
    Embedding,
    ImportEvent,
    ImportFailed,
    Moved,
    Queued,
    Reading,
    Ready,
    Recognised,
    Recognising,
    Skipped,
    Split,
    Stored,
)
from kotaemon_desktop.core.records import Document
from kotaemon_desktop.qt.viewmodels.documents import DocumentList
from kotaemon_desktop.qt.viewmodels.entry import Phase, Work


def show_row(rows: DocumentList, event: ImportEvent, document: Document | None) -> None:
    """Show ``event`` in the row that it is about; ``document`` is what the library knows of it, where that counts."""
    if isinstance(event, Queued):
        rows.queue(event.paths)
    elif isinstance(event, ImportFailed):
        _show_failed(rows, event)
    elif isinstance(event, Skipped | Moved):
        _show_known(rows, event, document)
    elif isinstance(event, Embedding | Ready):
        if event.document_id is not None and (path := rows.path(event.document_id)):
            rows.change(path, **_changes(event, document))
    elif isinstance(event, Reading | Split | Stored | Recognising | Recognised):
        rows.change(event.path, **_changes(event, document))


def _show_failed(rows: DocumentList, event: ImportFailed) -> None:
    entry = rows.entry(event.path)
    kept = entry.document if entry and entry.document and entry.document.passages else None
    rows.change(event.path, document=kept, failure=event.error, work=None)


def _show_known(rows: DocumentList, event: Skipped | Moved, document: Document | None) -> None:
    entry = rows.entry(event.path)
    if isinstance(event, Moved):
        rows.remove([event.before])
        rows.change(event.path, document=document, failed=None, failure=None, work=None)
    elif entry is not None and entry.document is None:
        rows.remove([event.path])  # the same content is there under another name
    elif entry is not None:
        rows.change(event.path, work=None)


def _changes(event: ImportEvent, document: Document | None) -> dict[str, Any]:
    """Return what ``event`` changes in the row of its file."""
    match event:
        case Reading():
            return {"work": Work(Phase.READING, event.page, event.pages)}
        case Split():
            return {"work": Work(Phase.STORING, event.passages)}
        case Stored():
            return {"document": document, "failed": None, "failure": None, "work": None}
        case Recognising():
            return {"work": Work(Phase.RECOGNISING, event.document_done, event.document_total)}
        case Embedding():
            return {"work": Work(Phase.EMBEDDING, event.document_done, event.document_total)}
        case _:  # Recognised, Ready
            return {"document": document, "work": None}
