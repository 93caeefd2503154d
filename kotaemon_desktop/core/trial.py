"""Lets an installed model show in a host of its own how fast it is on this machine."""

from __future__ import annotations

import threading

from kotaemon_desktop.core.components import Components
from kotaemon_desktop.core.records import ModelInfo, ModelSpeed
from kotaemon_desktop.core.residency.keeper import Keeper
from kotaemon_desktop.core.residency.names import TRIAL
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.model_speeds import ModelSpeeds

_PASSAGES = 24


class Trial:
    """Owns the right to the one trial at a time; lives in the main process, in any thread."""

    def __init__(self, components: Components, keeper: Keeper, library: Library, speeds: ModelSpeeds) -> None:
        self._components = components
        self._keeper = keeper
        self._library = library
        self._speeds = speeds
        self._running = threading.Lock()

    def run(self, model: ModelInfo) -> ModelSpeed:
        """Measure ``model``, keep what it did and return it. Blocks for some seconds.

        Raises ComponentError or ModelError.
        """
        with self._running:
            self._components.tried = model
            self._keeper.look_up_again(TRIAL)
            pending = self._library.pending(model.id, _PASSAGES) if model.task == "embedding" else []
            with self._keeper.lease(TRIAL) as lease:
                speed: ModelSpeed = lease.call("measure", [text for _id, _document, text in pending])
        self._speeds.keep(speed)
        return speed
