"""The self-test of a model: whether it loads and computes, and how fast it is on this machine."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from tokenizers import Tokenizer

from kotaemon_desktop.core.errors import ModelNotFound, UnsupportedModel
from kotaemon_desktop.core.footprint import Footprint
from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.models import manifest, providers
from kotaemon_desktop.core.models.samples import SAMPLE
from kotaemon_desktop.core.records import Hardware, ModelSpeed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from kotaemon_desktop.core.models.decoder import Decoder, Logits

_PROMPT, _ANSWER = 256, 32  # tokens
_WARM = 16  # tokens read first: the first run touches every page of the weights
_PASSAGES = 24
_QUESTION = "annual leave"
_SECONDS = 12.0  # after which a slow model is believed


class TrialService:
    """Owns one model while it is tried; lives in a host of its own, so that nothing else is in its way."""

    def __init__(self, folder: str, hardware: Hardware = providers.ANY) -> None:
        """Load the model in ``folder``, a folder of the model store, as it would run.

        Raises ModelNotFound, UnsupportedModel.
        """
        self._folder = Path(folder)
        found = manifest.read(self._folder)
        if found is None:
            raise ModelNotFound(model=self._folder.name)
        self._found = found
        started = time.perf_counter()
        self._model = _load(self._folder, found, hardware)
        self._load_seconds = time.perf_counter() - started

    def measure(self, texts: Sequence[str]) -> ModelSpeed:
        """Let the model work for some seconds; ``texts`` are passages as they come, for an embedder.

        Raises UnsupportedModel when what it computes are no numbers.
        """
        if self._found.task == "generation":
            speeds = self._write()
        else:
            speeds = {"passages": self._embed(list(texts) or [*SAMPLE])}
        size = Footprint().bytes()
        return ModelSpeed(self._folder.name, self._found.task, load_seconds=self._load_seconds, bytes=size, **speeds)

    def _write(self) -> dict[str, float]:
        """Return the tokens a second that a language model reads and writes, without drafts."""
        decoder: Decoder = self._model
        tokenizer: Any = Tokenizer.from_file(str(self._folder / "tokenizer.json"))
        ids: list[int] = tokenizer.encode(" ".join(SAMPLE) * 8).ids
        length = max(2, min(_PROMPT, len(ids), self._found.max_tokens - _ANSWER - 1))
        for _ in decoder.read(ids[:_WARM]):
            pass
        decoder.cut(0)
        started = time.perf_counter()
        last: Logits | None = None
        for last in decoder.read(ids[:length]):  # noqa: B007 - the last one counts
            if time.perf_counter() - started > _SECONDS:
                break
        reads = len(decoder.ids) / (time.perf_counter() - started)
        logits = decoder.append(ids[0]) if last is None else last  # None: too slow to read all of it
        started = time.perf_counter()
        written = 0
        while written < _ANSWER and time.perf_counter() - started < _SECONDS:
            self._check(logits)
            logits = decoder.append(int(logits.argmax()))
            written += 1
        return {"reads": reads, "writes": written / (time.perf_counter() - started)}

    def _embed(self, texts: list[str]) -> float:
        """Return the passages a second that an embedder or a reranker gets through."""
        passages = [texts[number % len(texts)] for number in range(_PASSAGES)]
        self._check(self._work(passages[:1]))
        started, done = time.perf_counter(), 0
        while done < len(passages) and time.perf_counter() - started < _SECONDS:
            self._check(self._work(passages[done : done + 8]))
            done += 8
        return min(done, len(passages)) / (time.perf_counter() - started)

    def _work(self, passages: list[str]) -> NDArray[np.float32]:
        if self._found.task == "reranking":
            return np.array(self._model.scores(_QUESTION, passages, _SECONDS), np.float32)
        return self._model.embed(passages, "passage")

    def _check(self, numbers: NDArray[np.float32]) -> None:
        if not np.isfinite(numbers).all():
            raise UnsupportedModel(model=self._found.id, detail=Phrase(N_("what it computes are no numbers")))


def _load(folder: Path, found: manifest.Manifest, hardware: Hardware) -> Any:
    if found.task == "generation":
        from kotaemon_desktop.core.models.decoder import Decoder

        chosen = providers.provider(hardware).name
        return Decoder(folder, found, min(found.max_tokens, 2 * _PROMPT), chosen, hardware)
    if found.task == "reranking":
        from kotaemon_desktop.core.models.reranker import Reranker

        return Reranker(str(folder))
    from kotaemon_desktop.core.models.encoder import Encoder

    return Encoder(str(folder))
