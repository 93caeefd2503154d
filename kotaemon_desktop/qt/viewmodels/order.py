"""The orders that the rows of the library can be in, and which of them are shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.records import Document
from kotaemon_desktop.qt.viewmodels.entry import Entry

_SAME_IMPORT_SECONDS = 60  # between two files that came together
_NUMBER = re.compile(r"\d+")
_DIGITS = 20  # that numbers in names have at most, or they are compared as words


class Order(StrEnum):
    """What the rows are sorted by."""

    ADDED = "added"
    NAME = "name"
    KIND = "kind"
    SIZE = "size"
    STATE = "state"


class Show(StrEnum):
    """Which rows are shown."""

    ALL = "all"
    READY = "ready"
    WORDS = "words"
    PARTLY = "partly"
    FAILED = "failed"


ORDER_WORDS = {
    Order.ADDED: N_("Last added first"),
    Order.NAME: N_("Name"),
    Order.KIND: N_("Kind of file"),
    Order.SIZE: N_("Largest first"),
    Order.STATE: N_("What needs attention first"),
}
SHOW_WORDS = {
    Show.ALL: N_("All documents"),
    Show.READY: N_("Ready"),
    Show.WORDS: N_("Searchable by words only"),
    Show.PARTLY: N_("With pages without text"),
    Show.FAILED: N_("Not read"),
}


def is_shown(entry: Entry, show: Show) -> bool:
    """Return whether a row is one of those that ``show`` names; one on its way always is."""
    document = entry.document
    if show is Show.ALL or entry.work is not None:
        return True
    if show is Show.FAILED:
        return bool(entry.failed or entry.failure)
    if document is None:
        return False
    if show is Show.PARTLY:
        return document.unread_pages > 0
    return (document.embedded >= document.passages) is (show is Show.READY)


def in_order(entries: Sequence[Entry], order: Order) -> list[Entry]:
    """Return ``entries`` sorted; equal ones by name. Rows on their way that were never stored stay on top."""
    if order is Order.ADDED:
        return _as_added(entries)
    key = _KEYS[order]
    # A tuple of plain values for each row, the row's number to tell equal ones apart: these compare fastest.
    keys = [(entry.is_stored, key(entry), _natural(entry.name), row) for row, entry in enumerate(entries)]
    keys.sort()
    return [entries[row] for *_key, row in keys]


def _natural(name: str) -> str:
    """Return a key that puts "page 9" before "page 10"."""
    return _NUMBER.sub(_padded, name.casefold())


def _padded(number: re.Match[str]) -> str:
    return number[0].zfill(_DIGITS)


def _attention(entry: Entry) -> int:
    """Return 0 for a row that failed or is on its way, 1 for pages without text, 2 for words only, 3 for the rest."""
    document = entry.document
    if entry.work or entry.failed or entry.failure:
        return 0
    if document is None:
        return 3
    if document.unread_pages:
        return 1
    return 2 if document.embedded < document.passages else 3


_KEYS: dict[Order, Callable[[Entry], Any]] = {
    Order.NAME: lambda _entry: 0,
    Order.KIND: lambda entry: entry.kind,
    Order.SIZE: lambda entry: -(entry.document.size if entry.document else 0),
    Order.STATE: _attention,
}


def _as_added(entries: Sequence[Entry]) -> list[Entry]:
    stored = {max(entry.ids): entry for entry in entries if entry.ids}
    documents = [entry.document or entry.failed for _number, entry in sorted(stored.items(), reverse=True)]
    rows = {entry.path: entry for entry in stored.values()}
    waiting = [entry for entry in entries if not entry.ids]
    return waiting + [rows[document.path] for document in as_they_came([d for d in documents if d])]


def as_they_came(documents: Sequence[Document]) -> list[Document]:
    """Return ``documents`` with the newest import first, but the files of one import in the order of their reading."""
    imports: list[list[Document]] = []
    for document in documents:
        if imports and imports[-1][-1].imported_at - document.imported_at < _SAME_IMPORT_SECONDS:
            imports[-1].append(document)
        else:
            imports.append([document])
    return [document for batch in imports for document in reversed(batch)]
