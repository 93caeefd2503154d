"""Opens documents that are ZIP packages of parts, safely: sizes are added up before anything is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import dirname, join, normpath
from typing import Any, Self

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage] - lxml has no public name for it

from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import Encrypted, TooLarge

_LARGEST_TEXT = 256_000_000  # bytes of unpacked XML; the longest honest document that we know has 40 MB
_CONTENT_TYPES = "[Content_Types].xml"
_LOCKED = 1  # the flag of an encrypted ZIP entry


@dataclass(frozen=True, slots=True)
class Relation:
    """A line of a part's relations: ``kind`` is the last word of its type, ``target`` the name of a part."""

    kind: str
    target: str


class Package:
    """Owns the open ZIP file of one document. Used as a context manager, in a reader host."""

    def __init__(self, source: Source) -> None:
        """Raise Encrypted for a locked ZIP file, and what ZIP files raise: see ``archive.damage_named``."""
        self.source = source
        self._file = source.open("rb")
        try:
            self._zip = zipfile.ZipFile(self._file)
        except BaseException:
            self._file.close()
            raise
        self._names = {name.lower(): name for name in self._zip.namelist()}
        if any(entry.flag_bits & _LOCKED for entry in self._zip.infolist()):
            self.__exit__()
            raise Encrypted(name=source.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def find(self, name: str) -> str | None:
        """Return the name of a part as the package spells it, or None when it is not there."""
        return self._names.get(normpath(name.lstrip("/")).lower())

    def names(self) -> Iterable[str]:
        """Return the names of all parts."""
        return self._names.values()

    def check_size(self, names: Iterable[str]) -> None:
        """Raise TooLarge when the parts ``names`` unpack to more than is read; pictures and films do not count.

        Python's ZIP reader gives no more of a part than its entry says, so that these sizes can be trusted.
        """
        if sum(self._zip.getinfo(name).file_size for name in names) > _LARGEST_TEXT:
            raise TooLarge(name=self.source.name, limit=f"{_LARGEST_TEXT // 1_000_000} MB")

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the unpacked content of a part piece by piece."""
        with self._zip.open(name) as part:
            while block := part.read(1 << 16):
                yield block

    def read(self, name: str) -> bytes:
        """Return the unpacked content of a part. Raises KeyError, and TooLarge as :meth:`check_size`."""
        self.check_size([name])
        return self._zip.read(name)

    def xml(self, name: str) -> Element:
        """Return the tree of a small part. Raises XMLSyntaxError, KeyError or TooLarge."""
        return etree.fromstring(self.read(name), etree.XMLParser(resolve_entities=False, no_network=True))

    def feed(self, name: str, target: Any) -> None:
        """Parse a part of any size piece by piece into ``target``, an lxml parser target. Raises XMLSyntaxError."""
        parser = etree.XMLParser(target=target, resolve_entities=False, no_network=True, huge_tree=True)
        for block in self.blocks(name):
            parser.feed(block)
        parser.close()

    def content_types(self) -> Iterator[tuple[str, str]]:
        """Yield (content type in lower case, name) of the parts that an Office package declares and holds."""
        for override in self.xml(_CONTENT_TYPES).iterfind("{*}Override"):
            name = self.find(override.get("PartName", ""))
            if name:
                yield override.get("ContentType", "").lower(), name

    def relations(self, name: str) -> dict[str, Relation]:
        """Return what a part of an Office package refers to inside the package, by relation id."""
        folder = dirname(name)
        listing = self.find(join(folder, "_rels", f"{name.rpartition('/')[2]}.rels"))
        found: dict[str, Relation] = {}
        for item in self.xml(listing).iterfind("{*}Relationship") if listing else ():
            target = self.find(join("/", folder, item.get("Target", "")))
            if target and item.get("TargetMode") != "External":
                found[item.get("Id", "")] = Relation(item.get("Type", "").rpartition("/")[2], target)
        return found

    def related(self, name: str, kind: str) -> list[str]:
        """Return the names of the parts of a kind that part ``name`` refers to, sorted."""
        return sorted({relation.target for relation in self.relations(name).values() if relation.kind == kind})
