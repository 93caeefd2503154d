"""The models that the program offers to download: ``resources/models/catalogue.json``."""

from __future__ import annotations

import re

import msgspec

from kotaemon_desktop.core.i18n import resource
from kotaemon_desktop.core.models.manifest import Manifest, Pooling, Task


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One of the precisions in which a repository offers its model; ``bytes`` is roughly what a download takes."""

    name: str  # int8, int4, fp32
    graph: str  # the ONNX file, below the entry's folder
    bytes: int


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One offered model: where it is, and the facts that its own files do not tell.

    ``folder`` is the part of the repository that holds it (empty: all). The first of ``variants`` is the one to take
    where nobody says otherwise; without any the repository decides.
    """

    id: str
    name: str
    task: Task | None = None
    languages: tuple[str, ...] = ()
    licence: str = ""
    repository: str
    folder: str = ""
    parameters: int = 0
    variants: tuple[Variant, ...] = ()
    pooling: Pooling | None = None
    max_tokens: int = 0
    query_prefix: str = ""
    passage_prefix: str = ""

    def variant(self, name: str = "") -> Variant:
        """Return the variant called ``name``, the usual one if there is none of that name."""
        usual = self.variants[0] if self.variants else Variant("", "", 0)
        return next((each for each in self.variants if each.name == name), usual)

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
    """Return the offered models, by task; within one the smallest first."""
    return msgspec.json.decode(resource("models/catalogue.json").read_bytes(), type=tuple[Entry, ...])


def find(id: str) -> Entry | None:  # noqa: A002 - it is what it is
    """Return the entry with that id or repository, in any letter case; one made for another ``owner/name``; or None."""
    for entry in load():
        if id.lower() in (entry.id.lower(), entry.repository.lower()):
            return entry
    if re.fullmatch(r"[\w.-]+/[\w.-]+", id):
        return Entry(id=id.rpartition("/")[2], name=id, repository=id)
    return None
