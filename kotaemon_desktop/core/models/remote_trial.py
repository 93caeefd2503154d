"""The test of a model that another program serves: whether it answers at all, and how fast from here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

from kotaemon_desktop.core.footprint import Footprint
from kotaemon_desktop.core.models.remote_encoder import RemoteEncoder
from kotaemon_desktop.core.models.remote_writer import RemoteConversation
from kotaemon_desktop.core.models.samples import SAMPLE
from kotaemon_desktop.core.records import GenerationStats, GenerationWish, ModelSpeed, RemoteModel

_QUESTION: Final = "Count from one to thirty, in words."
_ANSWER: Final = 64  # tokens
_PASSAGES: Final = 24
_PATIENCE: Final = 10.0  # seconds that the test waits for an embedder that is busy


class RemoteTrial:
    """Asks one model elsewhere once, of nothing that is anybody's; lives in a host of its own. See TrialService."""

    def __init__(self, remote: RemoteModel) -> None:
        self._remote = remote

    def measure(self, texts: Sequence[str]) -> ModelSpeed:  # noqa: ARG002 - nobody's passages are sent for a test
        """Return how fast it is; loading is the time to its first word or vector. Raises RemoteError."""
        if self._remote.task == "embedding":
            return self._embed()
        stats = GenerationStats(0, 0, 0, 0.0, 0.0, "stop")
        with closing(RemoteConversation(self._remote)) as service:
            for part in service.answer([{"role": "user", "content": _QUESTION}], GenerationWish(max_tokens=_ANSWER)):
                stats = part if isinstance(part, GenerationStats) else stats
        writes = stats.generated_tokens / stats.decode_seconds if stats.decode_seconds else 0.0
        return self._speed(stats.prefill_seconds, writes=writes)

    def _embed(self) -> ModelSpeed:
        asked = time.perf_counter()
        with closing(RemoteEncoder(self._remote, _PATIENCE)) as encoder:
            encoder.embed(SAMPLE[:1], "passage")
            begun = time.perf_counter()
            encoder.embed([SAMPLE[each % len(SAMPLE)] for each in range(_PASSAGES)], "passage")
        return self._speed(begun - asked, passages=_PASSAGES / (time.perf_counter() - begun))

    def _speed(self, seconds: float, **rates: float) -> ModelSpeed:
        return ModelSpeed(self._remote.id, self._remote.task, load_seconds=seconds, bytes=Footprint().bytes(), **rates)
