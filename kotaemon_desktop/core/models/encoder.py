"""Turns texts into vectors with an ONNX encoder and the model's own tokenizer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from tokenizers import Tokenizer

from kotaemon_desktop.core.errors import ModelNotFound, UnsupportedModel
from kotaemon_desktop.core.models import manifest
from kotaemon_desktop.core.models.manifest import Manifest
from kotaemon_desktop.core.models.session import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

# Long texts go one at a time and short ones together: faster than large batches, and in a fifth of their memory.
_BATCH_TEXTS = 8
_BATCH_TOKENS = 512
_KNOWN_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class Encoder:
    """Owns one embedding model's session and tokenizer; lives in the retrieval host, in one thread."""

    def __init__(self, folder: str) -> None:
        """Load the model in ``folder``, a folder of the model store. Raises ModelNotFound, UnsupportedModel."""
        path = Path(folder)
        self.name = path.name
        found = manifest.read(path)
        if found is None:
            raise ModelNotFound(model=path.name)
        self._model: Manifest = found
        self._session: Any = open_session(path / found.graph, arena=False)
        self._inputs = {each.name: _whole_number(each.type) for each in self._session.get_inputs()}
        if unknown := self._inputs.keys() - _KNOWN_INPUTS:
            raise UnsupportedModel(model=found.id, detail=", ".join(sorted(unknown)))
        self._outputs = [each.name for each in self._session.get_outputs()]
        self._padding = int(json.loads((path / "config.json").read_text("utf-8")).get("pad_token_id") or 0)
        self._tokenizer: Any = Tokenizer.from_file(str(path / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(found.max_tokens)
        self.dimension: int = self._run([[self._padding]]).shape[1]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that the model declares; "multilingual" stands for every one."""
        return self._model.languages

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Return float32 [len(texts), dimension], each row of length 1, in the order of ``texts``.

        Texts longer than the model reads are cut at its ``max_tokens``.
        """
        prefix = self._model.query_prefix if kind == "query" else self._model.passage_prefix
        encodings = self._tokenizer.encode_batch([prefix + text for text in texts])
        ids: list[list[int]] = [encoding.ids for encoding in encodings]
        vectors = np.empty((len(ids), self.dimension), np.float32)
        for batch in _batches([len(each) for each in ids]):
            vectors[batch] = self._run([ids[index] for index in batch])
        return vectors

    def _run(self, ids: list[list[int]]) -> Vectors:
        """Return the normalised vectors of one batch of token ids."""
        longest = max(map(len, ids))
        tokens = np.full((len(ids), longest), self._padding, np.int64)
        mask = np.zeros_like(tokens)
        for row, each in enumerate(ids):
            tokens[row, : len(each)] = each
            mask[row, : len(each)] = 1
        values = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        feed = {name: values[name].astype(dtype, copy=False) for name, dtype in self._inputs.items()}
        if "sentence_embedding" in self._outputs:
            (pooled,) = self._session.run(["sentence_embedding"], feed)
        else:
            (hidden,) = self._session.run(self._outputs[:1], feed)
            pooled = self._pool(hidden.astype(np.float32, copy=False), mask)
        pooled = pooled.astype(np.float32, copy=False)
        return pooled / np.maximum(np.linalg.norm(pooled, axis=1, keepdims=True), 1e-12)

    def _pool(self, hidden: Vectors, mask: NDArray[np.int64]) -> Vectors:
        """Return one vector per text from ``hidden`` [texts, tokens, dimension], as the model was trained to."""
        if self._model.pooling == "cls":
            return hidden[:, 0]
        if self._model.pooling == "last":
            return hidden[np.arange(len(hidden)), mask.sum(axis=1) - 1]
        weights = mask[..., None].astype(np.float32)
        return (hidden * weights).sum(axis=1) / weights.sum(axis=1)


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Yield the indices of texts to run together: of like length, few, and within the limit of tokens."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if batch and (len(batch) == _BATCH_TEXTS or (len(batch) + 1) * lengths[index] > _BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _whole_number(name: str) -> type[np.int32 | np.int64]:
    return np.int32 if name == "tensor(int32)" else np.int64
