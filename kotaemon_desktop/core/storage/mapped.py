"""Vectors in one file that is mapped, not read: for large libraries on small machines (usearch, an HNSW graph)."""

from __future__ import annotations

import os
import re
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from kotaemon_desktop.core.storage.vector_engines import Ids

_NAME: Final = re.compile(r"vectors-[0-9a-f]{8}\.usearch")
_CHUNK: Final = 1 << 20
_EXPANSION: Final = 256  # candidates while adding and searching: as exact as Chroma is set to be here
# Several threads that add at once lose links of each other's: of 2,300 vectors a handful was not found by itself.
_THREADS: Final = 1


class MappedVectors:
    """Owns one file. Searching maps it; adding holds it in memory until :meth:`keep`. Lives in the retrieval host.

    A file's name holds its checksum: one that is torn or was changed is not opened, for usearch would believe it.
    """

    rebuilt: str | None = None

    def __init__(self, folder: Path, dimension: int) -> None:
        """Map the file in ``folder``, or begin with an empty index where there is none that fits."""
        self._folder = folder
        self._dimension = dimension
        self._changed = False
        folder.mkdir(parents=True, exist_ok=True)
        try:
            self._index = self._mapped()
        except (OSError, ValueError, RuntimeError) as error:  # what usearch raises for files that are not its own
            self.rebuilt = str(error)
            self._index = self._empty()
            for file in self._files():
                file.unlink()

    def ids(self) -> Ids:
        """Return the passages that have a vector, sorted."""
        return np.sort(np.asarray(self._index.keys, np.int64))

    def add(self, ids: Ids, vectors: npt.NDArray[np.float32]) -> None:
        """Add a row of ``vectors`` for each of ``ids``, none of which is there."""
        self._change().add(ids.astype(np.uint64), vectors, threads=_THREADS)

    def remove(self, ids: Ids) -> None:
        """Take ``ids`` out; later ones take their places."""
        self._change().remove(ids.astype(np.uint64))

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first."""
        found = self._index.search(vector, limit)
        return [(int(key), 1.0 - float(far)) for key, far in zip(found.keys, found.distances, strict=True)]

    def keep(self) -> None:
        """Write the file anew and map it, if anything changed."""
        if not self._changed:
            return
        unfinished = self._folder / "vectors.part"
        self._index.save(str(unfinished))
        with unfinished.open("rb+") as file:
            os.fsync(file.fileno())
        self._index.reset()
        unfinished.replace(self._folder / f"vectors-{_checksum(unfinished):08x}.usearch")
        self._index = self._mapped()
        self._changed = False

    def close(self) -> None:
        """Keep what changed, and unmap the file."""
        self.keep()
        self._index.reset()

    def _files(self) -> list[Path]:
        """Return the index's files, the newest last: a kill can leave two."""
        files = [file for file in self._folder.iterdir() if _NAME.fullmatch(file.name)]
        return sorted(files, key=lambda file: file.stat().st_mtime_ns)

    def _change(self) -> Any:
        """Return the index with all of it in memory, where it can be changed."""
        if not self._changed:
            self._changed = True
            for file in self._files():
                self._index.reset()
                self._index.load(str(file))
        return self._index

    def _mapped(self) -> Any:
        """Return the index over the newest file. Raises OSError or ValueError where there is none, or a wrong one."""
        files = self._files()
        if not files:
            raise FileNotFoundError("there is no index")
        *older, newest = files
        if newest.name != f"vectors-{_checksum(newest):08x}.usearch":
            raise ValueError(f"{newest.name} is damaged")
        index = self._empty()
        index.view(str(newest))
        if index.ndim != self._dimension:
            raise ValueError(f"vectors of {index.ndim} numbers instead of {self._dimension}")
        for file in older:
            file.unlink()
        return index

    def _empty(self) -> Any:
        from usearch.index import Index  # pyright: ignore[reportMissingTypeStubs]

        return Index(
            ndim=self._dimension, metric="cos", dtype="f16", expansion_add=_EXPANSION, expansion_search=_EXPANSION
        )


def _checksum(file: Path) -> int:
    """Return the CRC-32 of ``file``: 0.1 s for 100,000 vectors that are in the file cache."""
    found = 0
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            found = zlib.crc32(chunk, found)
    return found
