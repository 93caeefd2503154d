"""Models that plugins bring, as hosts use them: what they do wrong is told as theirs."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.models.manifest import MULTILINGUAL
from kotaemon_desktop.core.plugins import contract
from kotaemon_desktop.core.plugins.found import PREFIX, Plugin, broken
from kotaemon_desktop.core.plugins.loading import blamed, load
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, GeneratorFacts, ProviderChoice

if TYPE_CHECKING:
    from kotaemon_desktop.core.models.encoder import Vectors
    from kotaemon_desktop.core.models.template import Message


class PluggedReranker:
    """A plugin's reranker; lives in the retrieval host."""

    def __init__(self, plugin: Plugin) -> None:
        """Build ``plugin``. Raises PluginBroken."""
        self._plugin = plugin
        self._reranker: contract.Reranker = load(plugin)

    def scores(self, question: str, texts: Sequence[str], seconds: float) -> list[float]:
        """Return its scores, as many as it gives, in 0..1. Raises PluginBroken."""
        with blamed(self._plugin):
            scores = [float(each) for each in self._reranker.scores(question, texts, seconds)]
        if len(scores) > len(texts) or not all(0 <= each <= 1 for each in scores):
            raise broken(self._plugin, "its scores are not one in 0..1 for each text")
        return scores


class PluggedEncoder:
    """A plugin's embedder; lives in a host. See Encoder, which it stands for."""

    languages = (MULTILINGUAL,)

    def __init__(self, plugin: Plugin) -> None:
        """Build ``plugin``. Raises PluginBroken."""
        self._plugin = plugin
        self._embedder: contract.Embedder = load(plugin)
        self.name = f"{PREFIX}{plugin.name}"
        with blamed(plugin):
            self.dimension = int(self._embedder.dimension)

    def embed(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> Vectors:
        """Return float32 [len(texts), dimension], each row of length 1, in their order. Raises PluginBroken."""
        with blamed(self._plugin):
            vectors = np.asarray(self._embedder.embed(texts, kind), np.float32).reshape(-1, self.dimension)
        if len(vectors) != len(texts) or not np.isfinite(vectors).all():
            raise broken(self._plugin, "its vectors are not one of its dimension for each text")
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


class PluggedConversation:
    """A plugin's generator; lives in the generator host. See ConversationService, which it stands for."""

    def __init__(self, plugin: Plugin) -> None:
        """Build ``plugin``. Raises PluginBroken."""
        self._plugin = plugin
        self._generator: contract.Generator = load(plugin)

    def about(self) -> GeneratorFacts:
        """Return what a prompt for it has to know."""
        with blamed(self._plugin):
            choice = ProviderChoice(self._plugin.label, N_("A plugin answers."))
            return GeneratorFacts(context=int(self._generator.context), provider=choice)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many tokens each text has. Raises PluginBroken."""
        with blamed(self._plugin):
            return [int(each) for each in self._generator.count_tokens(texts)]

    def answer(self, messages: Sequence[Message], wish: GenerationWish) -> Iterator[str | GenerationStats]:
        """Yield its pieces, at last one GenerationStats. Raises PluginBroken.

        What a host has said before it died is said again and left out: another run may word it differently.
        """
        prompt = sum(self.count_tokens([each["content"] for each in messages]))
        began, first, said = time.perf_counter(), 0.0, ""
        left_out = len(wish.begun)
        with blamed(self._plugin):
            for piece in self._generator.answer(list(messages), wish.max_tokens, wish.temperature):
                first = first or time.perf_counter()
                said += piece
                yield piece[max(0, len(piece) - max(0, len(said) - left_out)) :]
        ended = time.perf_counter()
        yield GenerationStats(
            prompt_tokens=prompt,
            reused_tokens=0,
            generated_tokens=self.count_tokens([said])[0],
            prefill_seconds=(first or ended) - began,
            decode_seconds=ended - (first or ended),
            stop_reason="stop",
        )

    def rest(self) -> None:
        """Nothing to put away."""
