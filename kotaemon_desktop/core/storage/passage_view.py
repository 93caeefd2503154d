"""The library's passages for a plugin in another process, which knows nothing of its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from kotaemon_desktop.core.records import Passage
from kotaemon_desktop.core.storage.library import PASSAGE, passage

_BATCH = 500
# Ids are never used twice, and recognised text comes as new passages.
_VERSION = """
SELECT (SELECT coalesce(max(id), 0) FROM passages), count(*), coalesce(sum(id), 0), coalesce(sum(passages), 0)
FROM documents WHERE removed_at IS NULL
"""
_NEXT = f"""
{PASSAGE} FROM passages JOIN documents ON documents.id = passages.document_id
WHERE documents.removed_at IS NULL AND passages.id > ? ORDER BY passages.id LIMIT ?
"""


@dataclass(frozen=True, slots=True)
class PassageView:
    """What :class:`contract.Library` promises, read from ``file``; crosses to a host as nothing but its path."""

    file: str

    def version(self) -> str:
        """Return another text when passages have come or gone."""
        with self._opened() as library:
            return " ".join(map(str, library.execute(_VERSION).fetchone()))

    def passages(self) -> Iterator[Passage]:
        """Yield every visible passage, in short reads: a long one would keep the write-ahead log from being emptied."""
        last = 0
        with self._opened() as library:
            while rows := library.execute(_NEXT, (last, _BATCH)).fetchall():
                yield from map(passage, rows)
                last = rows[-1][0]

    @contextmanager
    def _opened(self) -> Generator[sqlite3.Connection]:
        address = f"{Path(self.file).absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=15, isolation_level=None)) as library:
            yield library
