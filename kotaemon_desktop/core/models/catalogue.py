"""The models that the program offers to download: ``resources/models/catalogue.json``."""

from __future__ import annotations

import re

import msgspec

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.models.manifest import Manifest, Pooling, Task


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One offered model: where it is, and the facts that its own files do not tell.

    ``folder`` is the part of the repository that holds it (empty: all), ``graph`` the ONNX file below that;
    ``bytes`` is roughly what a download takes.
    """

    id: str
    name: str
    task: Task | None = None
    languages: tuple[str, ...] = ()
    licence: str = ""
    repository: str
    folder: str = ""
    graph: str = ""
    bytes: int = 0
    pooling: Pooling | None = None
    max_tokens: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""

    def complete(self, found: Manifest) -> Manifest:
        """Return ``found``, as detected from a folder, with this entry's facts over it."""
        known = {
            "languages": self.languages,
            "licence": self.licence,
            "source": self.repository,
            "pooling": self.pooling,
            "max_tokens": self.max_tokens,
            "query_prefix": self.query_prefix,
            "passage_prefix": self.passage_prefix,
        }
        return msgspec.structs.replace(found, id=self.id, **{name: value for name, value in known.items() if value})


def load() -> tuple[Entry, ...]:
    """Return the offered models, embedders first."""
    return msgspec.json.decode(resource("models/catalogue.json").read_bytes(), type=tuple[Entry, ...])


def find(id: str) -> Entry | None:  # noqa: A002 - it is what it is
    """Return the entry with that id or repository, in any letter case; one made for another ``owner/name``; or None."""
    for entry in load():
        if id.lower() in (entry.id.lower(), entry.repository.lower()):
            return entry
    if re.fullmatch(r"[\w.-]+/[\w.-]+", id):
        return Entry(id=id.rpartition("/")[2], name=id, repository=id)
    return None
