"""The work of an embedding host: vectors for an import, apart from the host that questions use."""

from __future__ import annotations

from collections.abc import Sequence

from kotaemon_desktop.core.models.encoder import Encoder


class EmbeddingService:
    """Owns an embedder for bulk work; lives in a host at low priority, so that a question never waits behind it."""

    def __init__(self, embedder_folder: str) -> None:
        self._encoder = Encoder(embedder_folder)

    def embed(self, texts: Sequence[str]) -> list[bytes]:
        """Return a float16 little-endian vector for each passage text."""
        return [vector.astype("<f2").tobytes() for vector in self._encoder.embed(texts, "passage")]
