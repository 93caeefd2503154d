"""The work of an embedding host: vectors for an import, apart from the host that questions use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Final

from kotaemon_desktop.core.models import opening
from kotaemon_desktop.core.records import RemoteModel

_PATIENCE: Final = 60.0  # seconds that an import waits for an embedder elsewhere that is busy


class EmbeddingService:
    """Owns an embedder for bulk work; lives in a host at low priority, so that a question never waits behind it."""

    def __init__(
        self,
        embedder_folder: str,
        database_file: str,
        index_folder: str,
        engine: str,
        remote: RemoteModel | None = None,
    ) -> None:
        """``remote`` is the embedder that another program serves; else it is in ``embedder_folder``."""
        self._files = (database_file, index_folder)
        self._engine = engine
        self._encoder = opening.encoder(embedder_folder, remote, _PATIENCE)

    def embedder(self) -> str:
        """Return the id of the model whose vectors these are."""
        return self._encoder.name

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a float16 little-endian vector for each passage text."""
        return [vector.astype("<f2").tobytes() for vector in self._encoder.embed(texts, "passage")]

    def index(self) -> Iterator[tuple[int, int]]:
        """Bring an index that nobody searches yet in step with the library, yielding (done, total) rows."""
        from kotaemon_desktop.core.storage.vector_index import VectorIndex  # 100 MB, and seldom needed here

        with closing(VectorIndex(*self._files, self._encoder.name, self._encoder.dimension, self._engine)) as index:
            yield from index.sync()
