"""What happens while files are imported."""

from __future__ import annotations

from typing import Final

import msgspec

from kotaemon_desktop.core.events.answers import Waking
from kotaemon_desktop.core.i18n import _, listed

_KINDS: Final = 3  # of the files left out are named


class Queued(msgspec.Struct, frozen=True):
    """The files of this import, folders already opened out."""

    paths: tuple[str, ...]


class Reading(msgspec.Struct, frozen=True):
    """Page ``page`` of ``pages`` of a file was read (``pages`` is None where the format has none)."""

    path: str
    page: int
    pages: int | None


class Split(msgspec.Struct, frozen=True):
    """A file was cut into ``passages`` passages."""

    path: str
    passages: int


class Stored(msgspec.Struct, frozen=True):
    """A document is committed: keyword search finds it from here."""

    path: str
    document_id: int
    passages: int


class Skipped(msgspec.Struct, frozen=True):
    """The same content is in the library already, as document ``document_id``."""

    path: str
    document_id: int


class Moved(msgspec.Struct, frozen=True):
    """The file of document ``document_id`` is at ``path`` now, no longer at ``before``; nothing was read again."""

    path: str
    document_id: int
    before: str


class Embedding(msgspec.Struct, frozen=True):
    """Vectors: ``done`` of ``total`` passages of the whole import, passages a second, seconds left."""

    done: int
    total: int
    rate: float
    seconds_left: float | None
    document_id: int | None = None  # whose passages are under way, with its own counts
    document_done: int = 0
    document_total: int = 0


class Recognising(msgspec.Struct, frozen=True):
    """Text recognition has read ``page`` of a document: ``done`` of ``total`` in all, pages a second, seconds left.

    ``document_done`` and ``document_total`` count the scanned pages of this document. The page can be found from here.
    """

    path: str
    page: int
    done: int
    total: int
    rate: float
    seconds_left: float
    document_id: int
    document_done: int
    document_total: int


class Recognised(msgspec.Struct, frozen=True):
    """Text recognition is through with a document: ``pages`` have text now, in ``passages`` passages."""

    path: str
    document_id: int
    pages: int
    passages: int


class Ready(msgspec.Struct, frozen=True):
    """A document has all its vectors."""

    document_id: int


class ImportFailed(msgspec.Struct, frozen=True):
    """One file could not be imported; the file is untouched and the rest goes on."""

    path: str
    error: Exception


class ImportNote(msgspec.Struct, frozen=True):
    """Something about the whole import that a person should know (no embedder, embedding stopped, ...)."""

    error: Exception


class Imported(msgspec.Struct, frozen=True):
    """The end of an import."""

    documents: int
    passages: int
    failed: tuple[tuple[str, str], ...]  # (path, reason)
    skipped: int
    seconds: float
    recognised: int = 0  # pages that text recognition read
    left_out: tuple[tuple[str, int], ...] = ()  # endings and numbers of files in the folders that are not taken

    @property
    def kinds_left_out(self) -> str:
        """The most frequent endings of the files that were left out, for people."""
        names = [ending or _("without an ending") for ending, _number in self.left_out[:_KINDS]]
        return listed([*names, "…"] if len(self.left_out) > _KINDS else names)


ImportEvent = (
    Queued
    | Reading
    | Split
    | Stored
    | Skipped
    | Moved
    | Recognising
    | Recognised
    | Embedding
    | Ready
    | ImportFailed
    | ImportNote
    | Imported
    | Waking
)
