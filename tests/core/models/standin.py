"""A language model on a GPU that breaks: the table and the session layer are stand-ins, all else is real.

Built in a host by the tests of providers.
"""

from __future__ import annotations

import os
import sys
from typing import Any

from kotaemon_desktop.core.models import decoder, providers, session
from kotaemon_desktop.core.models.conversing import ConversationService

GPU = "StandInExecutionProvider"


class BreakingGpu(ConversationService):
    """Fails after ``runs`` runs with an error, or with its whole process if ``dies``; -1 refuses to open a model."""

    def __init__(self, runs: int, dies: bool = False, **arguments: Any) -> None:
        providers.TABLE = (providers.Provider("cuda", GPU, {sys.platform: ""}),)
        session.offered = lambda: [GPU]
        session.computes = lambda chosen: chosen[0][0] == GPU
        real = session.open_session

        def open_session(graph: Any, chosen: Any, **options: Any) -> Any:
            if chosen[0][0] != GPU:
                return real(graph, chosen, **options)
            if runs < 0:
                raise decoder.UnsupportedModel(model="m", detail="out of memory")
            return _Breaking(real(graph, session.ON_CPU, **options), runs, dies)

        decoder.open_session = open_session
        super().__init__(**arguments)


class _Breaking:
    def __init__(self, opened: Any, runs: int, dies: bool) -> None:
        self._opened, self._left, self._dies = opened, runs, dies

    def __getattr__(self, name: str) -> Any:
        return getattr(self._opened, name)

    def run_with_iobinding(self, binding: Any) -> None:
        if not self._left:
            if self._dies:
                os._exit(134)
            raise RuntimeError("CUDA failure 700: an illegal memory access was encountered")
        self._left -= 1
        self._opened.run_with_iobinding(binding)
