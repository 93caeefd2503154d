"""Finds the passages nearest to a vector: an engine's index, kept in step with the vectors in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from kotaemon_desktop.core.storage.vector_engines import Ids, open_engine

_BATCH: Final = 500  # rows a step, so that a question need not wait; see the engines
_NEVER: Final = -1  # no data_version
_COMPARED: Final = 20_000  # passages of a part of the library that are compared one by one
_DEEPER: Final = 20  # how much further down the list is looked at for those of a larger part

_OF_DOCUMENTS: Final = """
SELECT passages.id FROM json_each(?) AS wanted CROSS JOIN passages ON passages.document_id = wanted.value LIMIT ?
"""


class VectorIndex:
    """Owns the index of one library for one embedder; lives in the retrieval host.

    A vector that is stored again for the same passage is not noticed: the same text and model give the same vector.
    """

    def __init__(self, database_file: str, folder: str, model: str, dimension: int, engine: str = "chroma") -> None:
        """Open the index of ``engine`` (see :func:`open_engine`) in ``folder``, empty where it cannot be used.

        ``rebuilt`` then says why; :meth:`sync` fills it from ``database_file``, which is only read.
        """
        self._model = model
        self._dimension = dimension
        self._missing = self._surplus = np.empty(0, np.int64)
        self._compared_at = _NEVER
        self._engine = open_engine(engine, Path(folder).absolute(), model, dimension)
        with ExitStack() as unless_ready:
            unless_ready.callback(self._engine.close)
            self._ids: Ids = self._engine.ids()
            uri = f"{Path(database_file).absolute().as_uri()}?mode=ro"
            self._library = sqlite3.connect(uri, uri=True, timeout=15, isolation_level=None, check_same_thread=False)
            unless_ready.pop_all()

    @property
    def rebuilt(self) -> str | None:
        """Why the index was started afresh when it was opened, if it was."""
        return self._engine.rebuilt

    def search(self, vector: bytes | npt.NDArray[np.floating[Any]], limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first; removed passages may be among them.

        ``vector`` is one embedding: an array, or its bytes as float16 little-endian. What the library has and the
        engine does not have yet (another engine was chosen, an import goes on) is compared one by one, up to a limit.
        """
        if limit < 1:
            return []
        self._compare()
        read = np.frombuffer(vector, "<f2") if isinstance(vector, bytes) else vector
        numbers = read.reshape(-1).astype(np.float32)
        found = self._engine.nearest(numbers, min(limit, len(self._ids))) if len(self._ids) else []
        if not len(self._missing):
            return found
        return _best([*found, *self._compared(numbers, self._missing[-_COMPARED:].tolist())], limit)

    def search_within(
        self, vector: npt.NDArray[np.floating[Any]], limit: int, documents: Sequence[int]
    ) -> list[tuple[int, float]]:
        """Return the same for the passages of ``documents`` only.

        An engine's own filters are slow (Chroma: 35 to 180 ms at 100,000 vectors), and the nearest of all need not
        have one of a small part among them. So a part is compared wholly, with the library's own vectors, and of a very
        large part the nearest of all are taken that are in it.
        """
        ids = self._library.execute(_OF_DOCUMENTS, (json.dumps(list(documents)), _COMPARED + 1)).fetchall()
        if len(ids) > _COMPARED:
            return self._filtered(self.search(vector, limit * _DEEPER), limit, documents)
        return _best(self._compared(vector.astype(np.float32), [row[0] for row in ids]), limit)

    def _compared(self, vector: npt.NDArray[np.float32], passages: Sequence[int]) -> Iterator[tuple[int, float]]:
        """Yield (passage id, cosine similarity) of those of ``passages`` that have a vector in the library."""
        for start in range(0, len(passages), _BATCH):
            batch, vectors = self._vectors(passages[start : start + _BATCH])
            if batch:
                similar = vectors @ vector / np.linalg.norm(vectors, axis=1)
                yield from zip(batch, map(float, similar / np.linalg.norm(vector)), strict=True)

    def _filtered(
        self, found: Sequence[tuple[int, float]], limit: int, documents: Sequence[int]
    ) -> list[tuple[int, float]]:
        rows = self._library.execute(
            "SELECT id FROM passages WHERE id IN (SELECT value FROM json_each(?))"
            " AND document_id IN (SELECT value FROM json_each(?))",
            (json.dumps([each for each, _ in found]), json.dumps(list(documents))),
        )
        inside = {row[0] for row in rows}
        return [pair for pair in found if pair[0] in inside][:limit]

    def count(self) -> int:
        """Return how many vectors can be found."""
        return len(self._ids)

    def behind(self) -> int:
        """Return how many vectors the index lacks or has too many. Costs nothing while the library is unchanged."""
        self._compare()
        return len(self._missing) + len(self._surplus)

    def sync(self) -> Iterator[tuple[int, int]]:
        """Make the index equal to the library's vectors of the model, those of removed documents included.

        Yields (rows done, rows in all) after each step of under half a second; (0, 0) when there is nothing to do. May
        be given up at any point.
        """
        self._compare()
        missing, surplus = self._missing, self._surplus
        done, total = 0, len(missing) + len(surplus)
        yield done, total
        try:
            for start in range(0, len(surplus), _BATCH):
                batch = surplus[start : start + _BATCH]
                self._engine.remove(batch)
                self._now_holds(np.setdiff1d(self._ids, batch, assume_unique=True))
                done += len(batch)
                yield done, total
            for start in range(0, len(missing), _BATCH):
                batch = missing[start : start + _BATCH]
                self._add(batch)
                done += len(batch)
                yield done, total
        finally:
            self._engine.keep()

    def close(self) -> None:
        """Close the engine's files and the library. The index cannot be used afterwards."""
        self._engine.close()
        self._library.close()

    def _compare(self) -> None:
        """Find out what the index lacks and what it has too many, unless the library is unchanged since."""
        version = self._library.execute("PRAGMA data_version").fetchone()[0]
        if version == self._compared_at:
            return
        rows = self._library.execute(
            "SELECT passage_id FROM vectors WHERE length(vector) > 0"  # empty: a language that the model does not know
            " AND embedder_id = (SELECT id FROM embedders WHERE name = ? AND dimension = ?)",
            (self._model, self._dimension),
        ).fetchall()
        wanted: Ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
        self._missing = np.setdiff1d(wanted, self._ids)
        self._surplus = np.setdiff1d(self._ids, wanted)
        self._compared_at = version

    def _add(self, batch: Ids) -> None:
        ids, vectors = self._vectors(batch.tolist())
        if not ids:  # purged since
            return
        added = np.asarray(ids, np.int64)
        self._engine.add(added, vectors)
        self._now_holds(np.union1d(self._ids, added))

    def _vectors(self, passages: Sequence[int]) -> tuple[list[int], npt.NDArray[np.float32]]:
        """Return the ids of those of ``passages`` that have a vector in the library, and the vectors, a row each.

        A short read: a long one would keep SQLite from ever emptying its write-ahead log during an import.
        """
        rows = self._library.execute(
            "SELECT passage_id, vector FROM vectors WHERE searchable = 1"
            " AND passage_id IN (SELECT value FROM json_each(?))"
            " AND embedder_id = (SELECT id FROM embedders WHERE name = ?)",
            (json.dumps(list(passages)), self._model),
        ).fetchall()
        vectors = np.frombuffer(b"".join(row[1] for row in rows), "<f2").reshape(len(rows), self._dimension)
        return [row[0] for row in rows], vectors.astype(np.float32)

    def _now_holds(self, ids: Ids) -> None:
        self._ids = ids
        self._compared_at = _NEVER


def _best(found: Iterable[tuple[int, float]], limit: int) -> list[tuple[int, float]]:
    return sorted(found, key=lambda pair: -pair[1])[:limit]
