"""The engines that can hold the vector index, and how the settings name them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from kotaemon_desktop.core.plugins import found

Ids = npt.NDArray[np.int64]

CHROMA, MAPPED = "chroma", "mapped"


class VectorEngine(Protocol):
    """Holds ids with their vectors and finds the nearest. ``rebuilt``: why it had to begin empty, if it had to.

    Derived: it may lose anything, but never hold two vectors for an id, and never open on damaged files.
    """

    @property
    def rebuilt(self) -> str | None: ...

    def ids(self) -> Ids:
        """Return the passages that have a vector, sorted."""
        ...

    def add(self, ids: Ids, vectors: npt.NDArray[np.float32]) -> None:
        """Add a row of ``vectors`` [ids, dimension] for each of ``ids``, none of which is there."""
        ...

    def remove(self, ids: Ids) -> None:
        """Take ``ids`` out."""
        ...

    def nearest(self, vector: npt.NDArray[np.float32], limit: int) -> list[tuple[int, float]]:
        """Return up to ``limit`` (passage id, cosine similarity), best first."""
        ...

    def keep(self) -> None:
        """Make what was added and removed outlive the process."""
        ...

    def close(self) -> None:
        """Close all files and connections."""
        ...


def open_engine(name: str, folder: Path, model: str, dimension: int) -> VectorEngine:
    """Open the index of ``model``'s vectors in ``folder``.

    ``name`` is ``chroma``, ``mapped``, a Chroma server's address, or that of a plugin, see :func:`found.at`.
    """
    if plugin := found.at(name):
        from kotaemon_desktop.core.storage.plugged import PluggedVectors

        return PluggedVectors(plugin, folder, dimension)
    if name == MAPPED:
        from kotaemon_desktop.core.storage.mapped import MappedVectors

        return MappedVectors(folder, dimension)
    if name == CHROMA:
        from kotaemon_desktop.core.storage.chroma import LocalChroma

        return LocalChroma(folder, model, dimension)
    from kotaemon_desktop.core.storage.chroma_server import ServedChroma

    return ServedChroma(name, folder, model, dimension)
