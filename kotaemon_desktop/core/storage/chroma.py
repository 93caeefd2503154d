"""Chroma over ids and vectors only: the vector engine that comes along."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np

from kotaemon_desktop.core.storage.chroma_check import Doubt, check
from kotaemon_desktop.core.storage.chroma_quiet import without_exporter

if TYPE_CHECKING:
    import numpy.typing as npt
    from chromadb.api.client import Client

    from kotaemon_desktop.core.storage.vector_engines import Ids

_COLLECTION: Final = "passages"
# Finds 99.9 % of the ten nearest among 20,000 vectors (40 latent dimensions) where Chroma's own 100 finds 96.8 %, for
# 1.3 ms more of processor time a query.
_EF_SEARCH: Final = 400


class Chroma:
    """A collection of one embedder's vectors, wherever its client keeps it; the base of the two ways to Chroma.

    Chroma writes its graph every 1,000 rows; batches of half of that keep a step under 0.3 s.
    """

    rebuilt: str | None = None

    def __init__(self, client: Client, collection: str, model: str) -> None:
        self._client = client
        self._collection = client.get_or_create_collection(
            collection,
            metadata={"model": model},
            # Without this Chroma would fetch a model of its own from the network.
            embedding_function=None,
            configuration={"hnsw": {"space": "cosine", "ef_search": _EF_SEARCH}},
        )

    def ids(self) -> Ids:
        """Return the passages that have a vector, sorted."""
        listed = self._collection.get(include=[])["ids"]
        return np.sort(np.fromiter(map(int, listed), np.int64, len(listed)))

    def add(self, ids: Ids, vectors: npt.NDArray[np.float32]) -> None:
        """Add a row of ``vectors`` for each of ``ids``, none of which is there."""
        self._collection.add(ids=[str(each) for each in ids], embeddings=cast("Any", vectors))

    def remove(self, ids: Ids) -> None:
        """Take ``ids`` out."""
        self._collection.delete(ids=[str(each) for each in ids])

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first."""
        found = self._collection.query(
            query_embeddings=cast("Any", vector.reshape(1, -1)), n_results=limit, include=["distances"]
        )
        distances = found["distances"] or [[]]
        return [(int(each), 1.0 - distance) for each, distance in zip(found["ids"][0], distances[0], strict=True)]

    def keep(self) -> None:
        """Nothing to do: Chroma has written what it was given."""

    def close(self) -> None:
        """Close the client."""
        self._client.close()


class LocalChroma(Chroma):
    """Owns a Chroma folder, which is checked before it is opened and made again when it is in doubt.

    Memory: Chroma gives little back before its process ends, and less with many malloc arenas; the host sets two.
    """

    def __init__(self, folder: Path, model: str, dimension: int) -> None:
        """Open ``folder``, or start an empty one where it is missing, damaged or another model's."""
        try:
            check(folder, _COLLECTION, model, dimension)
            super().__init__(_client(folder), _COLLECTION, model)
            return
        except Doubt as doubt:
            self.rebuilt = str(doubt)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - panics of Chroma's Rust part are no Exceptions
            self.rebuilt = f"{type(error).__name__}: {error}"
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        super().__init__(_client(folder), _COLLECTION, model)


def _client(folder: Path) -> Client:
    # Chroma takes settings from a ".env" file in the current folder, when it is imported as well: what lies where the
    # program was started must not reach it (chromadb 1.5.9, config.py).
    without_exporter()
    with contextlib.chdir(folder):
        import chromadb
        from chromadb.config import Settings

        return cast("Client", chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False)))
