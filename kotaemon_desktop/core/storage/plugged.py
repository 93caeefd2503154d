"""A vector store that a plugin brings, as the retrieval host uses it: what it does wrong is told as its fault."""

from __future__ import annotations

import math
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from kotaemon_desktop.core.errors import PluginBroken
from kotaemon_desktop.core.plugins import contract
from kotaemon_desktop.core.plugins.found import Plugin, broken
from kotaemon_desktop.core.plugins.loading import blamed, load

if TYPE_CHECKING:
    import numpy.typing as npt

    from kotaemon_desktop.core.storage.vector_engines import Ids


class PluggedVectors:
    """Owns the plugin's store over one folder. Everything here raises PluginBroken."""

    rebuilt: str | None = None

    def __init__(self, plugin: Plugin, folder: Path, dimension: int) -> None:
        """Build ``plugin`` and open ``folder`` with it, emptied where the plugin does not take what is there."""
        self._plugin = plugin
        self._store: contract.VectorStore = load(plugin)
        with blamed(plugin):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                self._open(folder, dimension)
            except PluginBroken as error:
                if not any(folder.iterdir()):
                    raise
                self.rebuilt = str(error.facts["detail"])
                shutil.rmtree(folder)
                folder.mkdir()
                self._open(folder, dimension)

    def ids(self) -> Ids:
        """Return the passages that have a vector, sorted."""
        with blamed(self._plugin):
            ids = np.sort(np.fromiter(self._store.ids(), np.int64))
        if len(np.unique(ids)) != len(ids):
            raise broken(self._plugin, "it holds an id twice")
        return ids

    def add(self, ids: Ids, vectors: npt.NDArray[np.float32]) -> None:
        """Add a row of ``vectors`` for each of ``ids``, none of which is there."""
        with blamed(self._plugin):
            self._store.add(ids, vectors)

    def remove(self, ids: Ids) -> None:
        """Take ``ids`` out."""
        with blamed(self._plugin):
            self._store.remove(ids)

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first."""
        with blamed(self._plugin):
            found = [(int(each), float(similarity)) for each, similarity in self._store.nearest(vector, limit)]
        if not all(math.isfinite(similarity) for _, similarity in found):
            raise broken(self._plugin, "a similarity is no number")
        return sorted(found, key=lambda pair: -pair[1])[:limit]

    def keep(self) -> None:
        """Make what was added and removed outlive the process."""
        with blamed(self._plugin):
            self._store.keep()

    def close(self) -> None:
        """Close the plugin's files and connections."""
        with blamed(self._plugin):
            self._store.close()

    def _open(self, folder: Path, dimension: int) -> None:
        try:
            with blamed(self._plugin):
                self._store.open(folder, dimension)
        except PluginBroken:
            with suppress(PluginBroken):  # it may hold files of a folder that is emptied now
                self.close()
            raise
