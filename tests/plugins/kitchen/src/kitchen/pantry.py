"""Keeps vectors in one file of NumPy and compares them all: exact, and quick enough for a cookbook."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class Pantry:
    """A vector store."""

    def open(self, folder: Path, dimension: int) -> None:
        self._file = folder / "pantry.npz"
        self._ids = np.empty(0, np.int64)
        self._vectors = np.empty((0, dimension), np.float32)
        if self._file.exists():
            with np.load(self._file) as kept:
                self._ids, self._vectors = kept["ids"], kept["vectors"]

    def ids(self) -> Collection[int]:
        return self._ids.tolist()

    def add(self, ids: NDArray[np.int64], vectors: NDArray[np.float32]) -> None:
        self._ids = np.concatenate([self._ids, ids])
        self._vectors = np.concatenate([self._vectors, vectors / np.linalg.norm(vectors, axis=1, keepdims=True)])

    def remove(self, ids: NDArray[np.int64]) -> None:
        kept = ~np.isin(self._ids, ids)
        self._ids, self._vectors = self._ids[kept], self._vectors[kept]

    def nearest(self, vector: NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        similar = self._vectors @ vector / np.linalg.norm(vector)
        best = np.argsort(-similar, kind="stable")[:limit]
        return [(int(self._ids[each]), float(similar[each])) for each in best]

    def keep(self) -> None:
        unfinished = self._file.with_suffix(".part.npz")
        np.savez(unfinished, ids=self._ids, vectors=self._vectors)
        unfinished.replace(self._file)

    def close(self) -> None:
        self.keep()
