"""Chroma on another machine, or in another process: for a team that outgrows one laptop. Off unless it is set."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from kotaemon_desktop.core.errors import VectorServerFailed
from kotaemon_desktop.core.storage.chroma import Chroma
from kotaemon_desktop.core.storage.chroma_quiet import without_exporter

if TYPE_CHECKING:
    from chromadb.api.client import Client


class ServedChroma(Chroma):
    """Owns one collection on a Chroma server: only ids and vectors go there, no text. Lives in the retrieval host.

    The collection is named after the data folder, because ids count within one library.
    """

    def __init__(self, address: str, folder: Path, model: str, dimension: int) -> None:
        """Connect to ``address`` (http://host:port). Raises VectorServerFailed when nobody answers there."""
        name = f"kotaemon-{hashlib.sha256(f'{folder} {model} {dimension}'.encode()).hexdigest()[:32]}"
        try:
            super().__init__(_client(address), name, model)
        except Exception as error:  # the client's errors have no common base
            raise VectorServerFailed(address=address, detail=str(error)) from error


def _client(address: str) -> Client:
    without_exporter()
    import chromadb
    from chromadb.config import Settings

    place = urlsplit(address)
    secure = place.scheme == "https"
    settings = Settings(anonymized_telemetry=False)
    host, port = place.hostname or "localhost", place.port or (443 if secure else 80)
    return cast("Client", chromadb.HttpClient(host, port, ssl=secure, settings=settings))
