"""Decides which embedder makes the vectors of an import, and which one searches until those are complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kotaemon_desktop.core.models.remote import RemoteModels
from kotaemon_desktop.core.models.store import ModelStore
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.records import ModelInfo

if TYPE_CHECKING:
    from kotaemon_desktop.core.plugins.registry import Plugins


class Embedders:
    """The choice of an embedder; keeps no state of its own: any thread may ask.

    A change of embedder never leaves search without one: the one that is *chosen* embeds the library anew, and
    meanwhile the one whose index was complete last goes on *searching*. Both are the same most of the time.
    """

    def __init__(
        self,
        store: ModelStore,
        remote: RemoteModels,
        plugins: Callable[[], Plugins],
        wish: Callable[[], str],
        complete: Callable[[], Sequence[str]],
    ) -> None:
        """``wish`` is the setting (an id, or empty); ``complete``: those with a whole index, the latest first."""
        self._store = store
        self._remote = remote
        self._plugins = plugins
        self._wish = wish
        self._complete = complete

    def chosen(self) -> ModelInfo | None:
        """Return the embedder that new vectors come from: the one wished for, else the one that searches already."""
        installed = self._installed()
        return installed.get(self._wish()) or self._latest(installed) or self._store.embedder()

    def searching(self) -> ModelInfo | None:
        """Return the embedder that questions are compared by: the chosen one, unless only another one is complete."""
        chosen = self.chosen()
        if chosen is None or chosen.id in self._complete():
            return chosen
        return self._latest(self._installed()) or chosen

    def _installed(self) -> dict[str, ModelInfo]:
        named = [name for name in (self._wish(), *self._complete()) if name.startswith(PREFIX)]
        brought = filter(None, (self._plugins().model("embedders", name) for name in named))
        known = (*self._store.models(), *self._remote.models(), *brought)
        return {model.id: model for model in known if model.task == "embedding"}

    def _latest(self, installed: dict[str, ModelInfo]) -> ModelInfo | None:
        return next((installed[name] for name in self._complete() if name in installed), None)
