"""The work of the retrieval host: finds the vectors nearest to a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from kotaemon_desktop.core.models import opening
from kotaemon_desktop.core.plugins import contract
from kotaemon_desktop.core.records import RemoteModel
from kotaemon_desktop.core.storage.vector_index import VectorIndex

_PATIENCE: Final = 2.0  # seconds that a question waits for an embedder elsewhere that is busy: words alone find, too


class RetrievalService:
    """Owns the embedder, the reranker and the vector index; lives in the retrieval host.

    The index and the reranker open with the first request that needs them.
    """

    def __init__(
        self,
        embedder_folder: str,
        database_file: str,
        index_folder: str,
        engine: str,
        remote: RemoteModel | None = None,
    ) -> None:
        """``remote`` is the embedder that another program serves; else it is in ``embedder_folder``."""
        self._encoder = opening.encoder(embedder_folder, remote, _PATIENCE)
        self._files = (database_file, index_folder)
        self._engine = engine
        self._index: VectorIndex | None = None
        self._reranker: tuple[str, contract.Reranker] | None = None  # with the folder that it is from

    def search(self, query: str, limit: int, within: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first; removed passages may be among them.

        ``within`` are the ids of the documents to search; None: all.
        """
        vector = self._encoder.embed([query], "query")[0]
        if within is None:
            return self._opened().search(vector, limit)
        return self._opened().search_within(vector, limit, within)

    def similarities(self, query: str, texts: Sequence[str]) -> list[float]:
        """Return the cosine similarity of ``query`` with each of ``texts``."""
        vectors = self._encoder.embed(texts, "passage")
        return [float(s) for s in np.dot(vectors, self._encoder.embed([query], "query")[0])]

    def rerank(self, folder: str, query: str, texts: Sequence[str], seconds: float) -> list[float]:
        """Return how likely each of ``texts`` answers ``query``, by the reranker in ``folder``; see :class:`Reranker`.

        It is loaded with the first request, which takes longer than ``seconds`` by that.
        """
        if self._reranker is None or self._reranker[0] != folder:
            self._reranker = None  # two at once would need the memory of both
            self._reranker = folder, opening.reranker(folder)
        return list(self._reranker[1].scores(query, texts, seconds))

    def sync(self) -> Iterator[tuple[int, int]]:
        """Bring the index in step with the library, yielding (done, total) rows."""
        yield from self._opened().sync()

    def behind(self) -> int:
        """Return how many vectors of the library the index lacks or has too many."""
        return self._opened().behind()

    def close(self) -> None:
        if self._index is not None:
            self._index.close()

    def _opened(self) -> VectorIndex:
        if self._index is None:
            self._index = VectorIndex(*self._files, self._encoder.name, self._encoder.dimension, self._engine)
        return self._index
