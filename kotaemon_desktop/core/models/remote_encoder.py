"""Turns texts into vectors with an embedder that another program serves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np

from kotaemon_desktop.core.errors import RemoteFailed
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.models.remote_client import RemoteClient
from kotaemon_desktop.core.records import RemoteModel

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.encoder import Vectors

_BATCH: Final = 32  # texts a request


class _Embedding(msgspec.Struct):
    embedding: list[float]
    index: int


class _Embeddings(msgspec.Struct):
    data: list[_Embedding]


class RemoteEncoder:
    """Owns the way to one embedder elsewhere; lives in a host. See Encoder, which it stands for."""

    languages = (MULTILINGUAL,)

    def __init__(self, remote: RemoteModel, patience: float) -> None:
        """``patience`` is how many seconds a server that is busy is asked again. Nothing is sent before a text."""
        self.name = remote.id
        self._remote = remote
        self._client = RemoteClient(remote, patience)

    @cached_property
    def dimension(self) -> int:
        """How many numbers its vectors have: it is asked once."""
        return self.embed(["."], "query").shape[1]

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:  # noqa: ARG002 - as Encoder
        """Return float32 [len(texts), dimension], each row of length 1, in the order of ``texts``. Raises RemoteError.

        Texts longer than the model reads are cut or refused, as its server is set up.
        """
        if not texts:
            return np.empty((0, self.dimension), np.float32)
        rows = [each for first in range(0, len(texts), _BATCH) for each in self._asked(texts, first)]
        if len({len(each) for each in rows}) != 1 or not all(np.isfinite(each).all() for each in rows):
            raise self._failed()
        vectors = np.stack(rows)
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)

    def close(self) -> None:
        """End all connections."""
        self._client.close()

    def _asked(self, texts: Sequence[str], first: int) -> Sequence[Vectors]:
        batch = [text or " " for text in texts[first : first + _BATCH]]  # nothing at all is refused by most
        body = {"model": self._remote.model, "input": batch, "encoding_format": "float"}
        rows = self._client.post("/embeddings", body, _Embeddings).data
        if [row.index for row in sorted(rows, key=lambda row: row.index)] != list(range(len(batch))):
            raise self._failed()
        return [np.array(row.embedding, np.float32) for row in sorted(rows, key=lambda row: row.index)]

    def _failed(self) -> RemoteFailed:
        detail = Phrase(N_("it sent no vector for each text"))
        return RemoteFailed(model=self._remote.id, address=self._remote.address, detail=detail)
