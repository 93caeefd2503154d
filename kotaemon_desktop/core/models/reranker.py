"""Tells how well passages answer a question with an ONNX cross-encoder, which reads both together."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from kotaemon_desktop.core.errors import ModelNotFound, UnsupportedModel
from kotaemon_desktop.core.models import manifest
from kotaemon_desktop.core.models.session import open_session

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOGETHER = 4  # pairs a run: a padded batch of more is no faster on a processor
_LONGEST = 512  # tokens of a pair; what rerankers were trained on
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}


class Reranker:
    """Owns one cross-encoder's session and tokenizer; lives in the retrieval host, in one thread."""

    def __init__(self, folder: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Load the model in ``folder``, a folder of the model store. Raises ModelNotFound, UnsupportedModel."""
        path = Path(folder)
        found = manifest.read(path)
        if found is None:
            raise ModelNotFound(model=path.name)
        self.folder = folder
        self._clock = clock
        self._session: Any = open_session(path / found.graph, arena=False)
        self._inputs = {each.name: each.type for each in self._session.get_inputs()}
        if unknown := self._inputs.keys() - _INPUTS:
            raise UnsupportedModel(model=found.id, detail=", ".join(sorted(unknown)))
        self._tokenizer: Any = Tokenizer.from_file(str(path / "tokenizer.json"))
        padding = int(json.loads((path / "config.json").read_text("utf-8")).get("pad_token_id") or 0)
        self._tokenizer.enable_padding(pad_id=padding)
        self._tokenizer.enable_truncation(min(found.max_tokens, _LONGEST), strategy="only_second")
        self._seconds_per_token = 0.0  # of the slowest run so far: what the next one is taken to need

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> list[float]:
        """Return how likely each of ``texts`` answers ``question``, in 0..1, as many as can be read in ``seconds``.

        The first ones are read first. Nothing more is begun that would, at the pace seen so far, take too long; a
        model that has not run yet reads at least a few.
        """
        started = self._clock()
        likely: list[float] = []
        for first in range(0, len(texts), _TOGETHER):
            pairs = [(question, text) for text in texts[first : first + _TOGETHER]]
            encodings = self._tokenizer.encode_batch(pairs)
            tokens = sum(len(each.ids) for each in encodings)
            begun = self._clock()
            if begun - started + tokens * self._seconds_per_token > seconds:
                break
            likely += self._run(encodings)
            self._seconds_per_token = max(self._seconds_per_token, (self._clock() - begun) / tokens)
        return likely

    def _run(self, encodings: Sequence[Any]) -> list[float]:
        values = {
            "input_ids": [each.ids for each in encodings],
            "attention_mask": [each.attention_mask for each in encodings],
            "token_type_ids": [each.type_ids for each in encodings],
        }
        types = {"tensor(int32)": np.int32}
        feed = {name: np.array(values[name], types.get(kind, np.int64)) for name, kind in self._inputs.items()}
        logits: NDArray[np.float32] = self._session.run(None, feed)[0].astype(np.float32)
        odds = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
        return [float(each) for each in 1 / (1 + np.exp(-odds))]
