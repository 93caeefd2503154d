"""Collections: documents put together under names, and which documents a scope means."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, Final

import msgspec

from kotaemon_desktop.core import scope as scopes
from kotaemon_desktop.core.errors import NameTaken, NoSuchCollection
from kotaemon_desktop.core.records import Collection
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.core.storage.database import Database

_LISTED: Final = """
SELECT collections.id, collections.name, count(documents.id)
FROM collections
LEFT JOIN memberships ON memberships.collection_id = collections.id
LEFT JOIN documents ON documents.id = memberships.document_id AND documents.removed_at IS NULL
    AND documents.state != 'failed'
GROUP BY collections.id
ORDER BY collections.name COLLATE NOCASE
"""

_IN_COLLECTION: Final = """
id IN (SELECT document_id FROM memberships JOIN collections ON collections.id = memberships.collection_id
       WHERE collections.name IN (SELECT value FROM json_each(?)))
"""


class Collections:
    """Owns what the collections and memberships tables mean. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database, *, now: Callable[[], float] = time.time) -> None:
        """``now`` gives wall-clock seconds."""
        self._database = database
        self._now = now

    def all(self) -> list[Collection]:
        """Return the collections by name, each with the number of its documents that can be searched."""
        return [Collection(*row) for row in self._database.fetch(_LISTED)]

    def find(self, name: str) -> Collection:
        """Return the collection ``name``, in any case. Raises NoSuchCollection."""
        wanted = _cleaned(name).casefold()
        for collection in self.all():
            if collection.name.casefold() == wanted:
                return collection
        raise NoSuchCollection(name=name)

    def create(self, name: str) -> int:
        """Make an empty collection and return its id. Raises NameTaken, or ValueError for an empty name."""
        with _one_of_a_name(name), self._database.transaction() as connection:
            row = connection.execute(
                "INSERT INTO collections (name, created_at) VALUES (?, ?) RETURNING id", (_cleaned(name), self._now())
            ).fetchone()
        return row[0]

    def rename(self, collection_id: int, name: str) -> None:
        """Give a collection another name; conversations that ask within it follow. Raises as :meth:`create`."""
        with _one_of_a_name(name), self._database.transaction() as connection:
            row = connection.execute("SELECT name FROM collections WHERE id = ?", (collection_id,)).fetchone()
            if row is not None:
                connection.execute("UPDATE collections SET name = ? WHERE id = ?", (_cleaned(name), collection_id))
                _rename_in_scopes(connection, row[0], _cleaned(name))

    def delete(self, collection_id: int) -> None:
        """Delete a collection; its documents stay in the library."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM collections WHERE id = ?", (collection_id,))

    def add(self, collection_id: int, documents: Iterable[int]) -> None:
        """Put documents into a collection; those that are in it already stay."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT OR IGNORE INTO memberships (collection_id, document_id)"
                " SELECT collections.id, documents.id FROM collections, documents"
                " WHERE collections.id = ? AND documents.id IN (SELECT value FROM json_each(?))",
                (collection_id, json.dumps(list(documents))),
            )

    def take_out(self, collection_id: int, documents: Iterable[int]) -> None:
        """Take documents out of a collection; they stay in the library."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM memberships WHERE collection_id = ? AND document_id IN (SELECT value FROM json_each(?))",
                (collection_id, json.dumps(list(documents))),
            )

    def members(self, collection_id: int) -> frozenset[int]:
        """Return the ids of the visible documents of a collection, those that could not be read included."""
        rows = self._database.fetch(
            "SELECT document_id FROM memberships JOIN documents ON documents.id = document_id"
            " WHERE collection_id = ? AND removed_at IS NULL",
            (collection_id,),
        )
        return frozenset(row[0] for row in rows)

    def documents(self, scope: Scope) -> list[int]:
        """Return the ids of the documents that ``scope`` means: visible ones with text. Raises NoSuchCollection."""
        scope = msgspec.structs.replace(scope, collections=tuple(self.find(each).name for each in scope.collections))
        conditions, values = zip(*_conditions(scope), strict=True)
        given = [value for each in values for value in each]
        sql = f"SELECT id FROM documents WHERE {' AND '.join(conditions)} ORDER BY id"  # noqa: S608 - from this module
        rows = self._database.fetch(sql, given)
        return [row[0] for row in rows]


def inherit(connection: sqlite3.Connection, path: str) -> list[int]:
    """Return the collections that the visible document at ``path`` is in, for the version that takes its place."""
    rows = connection.execute(
        "SELECT DISTINCT collection_id FROM memberships JOIN documents ON documents.id = document_id"
        " WHERE path = ? AND removed_at IS NULL",
        (path,),
    )
    return [row[0] for row in rows]


def join(connection: sqlite3.Connection, document_id: int, collections: Iterable[int]) -> None:
    """Put a new document into ``collections``, within the caller's transaction."""
    connection.executemany(
        "INSERT INTO memberships (collection_id, document_id) VALUES (?, ?)",
        ((collection_id, document_id) for collection_id in collections),
    )


def _conditions(scope: Scope) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield (SQL, parameters) of each condition that a document has to fulfil."""
    yield "removed_at IS NULL AND state != 'failed'", ()
    if scope.collections:
        yield _IN_COLLECTION, (json.dumps(scope.collections),)
    if scope.paths:
        yield "path IN (SELECT value FROM json_each(?))", (json.dumps(scope.paths),)
    if scope.names:
        yield _any_of("lower(name) GLOB ?", len(scope.names)), tuple(map(_pattern, scope.names))
    if scope.kinds:
        values = [value for kind in scope.kinds for value in (kind, f"*.{_literally(kind)}")]
        yield _any_of("kind = ? OR lower(name) GLOB ?", len(scope.kinds)), tuple(values)
    if scope.after:
        yield "coalesce(modified_at, imported_at) >= ?", (_midnight(scope.after),)
    if scope.before:
        yield "coalesce(modified_at, imported_at) < ?", (_midnight(scope.before),)


def _any_of(condition: str, times: int) -> str:
    return f"({' OR '.join([condition] * times)})"


def _pattern(name: str) -> str:
    """Return what GLOB takes for a part of a name, or for a pattern with ``*`` and ``?``."""
    literal = _literally(name.lower())
    return literal if {"*", "?"} & set(name) else f"*{literal}*"


def _literally(text: str) -> str:
    return text.replace("[", "[[]")


def _midnight(day: str) -> float:
    return datetime.combine(date.fromisoformat(day), datetime.min.time()).timestamp()


def _cleaned(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise ValueError("a collection needs a name")
    return cleaned


@contextmanager
def _one_of_a_name(name: str) -> Generator[None]:
    """Turn what SQLite says of a second collection of the same name into NameTaken."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise NameTaken(name=_cleaned(name)) from error


def _rename_in_scopes(connection: sqlite3.Connection, before: str, after: str) -> None:
    for conversation_id, stored in connection.execute("SELECT id, scope FROM conversations WHERE scope != ''"):
        scope = scopes.from_json(stored)
        if before in scope.collections:
            names = tuple(after if name == before else name for name in scope.collections)
            renamed = scopes.to_json(msgspec.structs.replace(scope, collections=names))
            connection.execute("UPDATE conversations SET scope = ? WHERE id = ?", (renamed, conversation_id))
