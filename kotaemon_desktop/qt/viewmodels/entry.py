"""One row of the library: a stored document or a file on its way, and the line of words that says where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import PurePath

import msgspec

from kotaemon_desktop.core.documents.selection import PICTURES
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.core.records import Document
from kotaemon_desktop.core.storage.library import UNDO_SECONDS

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
    **dict.fromkeys(PICTURES, "image"),
}


class Phase(StrEnum):
    """What is being done with a file just now."""

    WAITING = "waiting"
    READING = "reading"
    STORING = "storing"
    RECOGNISING = "recognising"
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


class Entry(msgspec.Struct, frozen=True):
    """One row: a document of the library, a file on its way, a file that could not be read, or several of these.

    A Struct as the library's records: ten thousand are made in a tenth of the time that dataclasses take.
    """

    path: str
    document: Document | None = None  # the readable version
    failed: Document | None = None  # what the library remembers of a version that could not be read
    work: Work | None = None
    failure: Exception | None = None  # why the running import gave the file up
    removed_at: float | None = None  # wall clock; the row is one of those that can be brought back

    @property
    def name(self) -> str:
        return self.document.name if self.document else PurePath(self.path).name

    @property
    def kind(self) -> str:
        """The family of formats, which is also the name of the row's icon."""
        return self.document.kind if self.document else _KINDS.get(PurePath(self.path).suffix.lower(), "text")

    @property
    def is_stored(self) -> bool:
        """Whether the library knows the file."""
        return self.document is not None or self.failed is not None

    @property
    def ids(self) -> tuple[int, ...]:
        """What the library has to remove when this row goes."""
        if self.failed is None:
            return (self.document.id,) if self.document is not None else ()
        return (self.document.id, self.failed.id) if self.document is not None else (self.failed.id,)

    def line(self) -> tuple[str, Tone]:
        """Return the one line that says where the file stands, and its tone."""
        if self.removed_at is not None:
            return _removed_line(self.removed_at), Tone.PLAIN
        if self.work is not None:
            return _work_line(self.work), Tone.PLAIN
        reason = str(self.failure) if self.failure else self.failed.reason if self.failed else ""
        reason = reason.removeprefix(f"“{self.name}”").lstrip()  # the name stands above
        if self.document is None:
            return reason or _("not read"), Tone.DANGER
        if reason:
            return _("the older version is kept: {reason}").format(reason=reason), Tone.WARNING
        return _document_line(self.document), Tone.WARNING if self.document.unread_pages else Tone.PLAIN


def _removed_line(removed_at: float) -> str:
    removed = date.fromtimestamp(removed_at)  # noqa: DTZ012 - days are those of this machine
    last = removed + timedelta(seconds=UNDO_SECONDS)
    return _("removed on {day} · kept until {last}").format(day=removed.isoformat(), last=last.isoformat())


def _document_line(document: Document) -> str:
    if not document.passages and document.unread_pages:
        return count(document.unread_pages, N_("no text yet · {n} scanned page"), N_("no text yet · {n} scanned pages"))
    ready = document.embedded >= document.passages
    parts = [_("ready") if ready else _("searchable by words")]
    if document.unread_pages:
        parts.append(count(document.unread_pages, N_("{n} page without text"), N_("{n} pages without text")))
    if document.page_count and ready:
        parts.append(count(document.page_count, N_("{n} page"), N_("{n} pages")))
    parts.append(count(document.passages, N_("{n} passage"), N_("{n} passages")))
    return " · ".join(parts)


def _work_line(work: Work) -> str:
    if work.phase is Phase.WAITING:
        return _("waiting")
    if work.phase is Phase.STORING:
        return _("storing {n} passages").format(n=f"{work.done:,}")
    if work.phase is Phase.RECOGNISING:
        total = f"{work.total or 0:,}"
        return _("recognising text · scanned page {done} of {total}").format(done=f"{work.done:,}", total=total)
    if work.phase is Phase.EMBEDDING:
        return _("searchable · embedding {done} of {total}").format(done=f"{work.done:,}", total=f"{work.total or 0:,}")
    if work.total:
        return _("reading page {done} of {total}").format(done=f"{work.done:,}", total=f"{work.total:,}")
    return _("reading")
