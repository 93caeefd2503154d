"""Opens a Word file as a package of parts, safely: sizes are added up before anything is unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from posixpath import normpath
from typing import Self

from docx.opc.coreprops import CoreProperties
from docx.oxml import parse_xml
from docx.oxml.coreprops import CT_CoreProperties
from docx.oxml.styles import CT_Styles
from docx.styles.style import BaseStyle
from docx.styles.styles import Styles
from lxml import etree

from kotaemon_desktop.core.errors import Encrypted, TooLarge, UnknownFormat

_LARGEST_TEXT = 256_000_000  # bytes of unpacked XML; the longest honest document that we know has 40 MB
_CONTENT_TYPES = "[Content_Types].xml"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_KINDS = {
    f"{_WORD}document.main+xml": "document",
    f"{_WORD}template.main+xml": "document",
    "application/vnd.ms-word.document.macroenabled.main+xml": "document",
    "application/vnd.ms-word.template.macroenabledtemplate.main+xml": "document",
    f"{_WORD}styles+xml": "styles",
    f"{_WORD}numbering+xml": "numbering",
    f"{_WORD}header+xml": "header",
    f"{_WORD}footer+xml": "footer",
    f"{_WORD}footnotes+xml": "footnotes",
    f"{_WORD}endnotes+xml": "endnotes",
    f"{_WORD}comments+xml": "comments",
    "application/vnd.openxmlformats-package.core-properties+xml": "properties",
}
_LOCKED = 1  # the flag of an encrypted ZIP entry
_OUTLINE_LEVELS = 9
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class DocxPackage:
    """Owns the open ZIP file of one Word document. Used as a context manager, in a reader host."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._zip = zipfile.ZipFile(path)
        try:
            self._parts = self._find_parts()
        except BaseException:
            self._zip.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def names(self, kind: str) -> list[str]:
        """Return the names of the parts of a kind: document, header, footer, footnotes, endnotes, comments, ..."""
        return self._parts.get(kind, [])

    def blocks(self, name: str) -> Iterator[bytes]:
        """Yield the unpacked content of a part piece by piece."""
        with self._zip.open(name) as part:
            while block := part.read(1 << 16):
                yield block

    def title(self) -> str:
        """Return the title among the document's properties, or an empty string. Raises XMLSyntaxError."""
        for name in self.names("properties"):
            properties = parse_xml(self._zip.read(name))
            if isinstance(properties, CT_CoreProperties):
                return (CoreProperties(properties).title or "").strip()
        return ""

    def heading_levels(self) -> dict[str, int]:
        """Return the outline level (1 is the outermost) of each paragraph style that makes headings, by style id.

        Raises XMLSyntaxError.
        """
        levels: dict[str, int] = {}
        for name in self.names("styles"):
            styles = parse_xml(self._zip.read(name))
            for style in Styles(styles) if isinstance(styles, CT_Styles) else ():
                level = _heading_level(style)
                if level is not None and style.style_id:
                    levels[style.style_id] = level
        return levels

    def _find_parts(self) -> dict[str, list[str]]:
        if any(entry.flag_bits & _LOCKED for entry in self._zip.infolist()):
            raise Encrypted(name=self._path.name)
        self._check_size([_CONTENT_TYPES])
        types = etree.fromstring(self._zip.read(_CONTENT_TYPES), etree.XMLParser(resolve_entities=False))
        entries = {name.lower(): name for name in self._zip.namelist()}
        parts: dict[str, list[str]] = {}
        for override in types.iterfind("{*}Override"):
            kind = _KINDS.get(override.get("ContentType", "").lower())
            name = entries.get(normpath(override.get("PartName", "").lstrip("/")).lower())
            if kind and name:
                parts.setdefault(kind, []).append(name)
        if "document" not in parts:
            raise UnknownFormat(name=self._path.name)
        self._check_size([name for names in parts.values() for name in names])
        return {kind: sorted(names) for kind, names in parts.items()}

    def _check_size(self, names: list[str]) -> None:
        """Raise TooLarge when the parts ``names`` unpack to more than is read; pictures and films do not count."""
        if sum(self._zip.getinfo(name).file_size for name in names) > _LARGEST_TEXT:
            raise TooLarge(name=self._path.name, limit=f"{_LARGEST_TEXT // 1_000_000} MB")


def _heading_level(style: BaseStyle) -> int | None:
    """Return the level of a paragraph style, its own or that of the style it is based on; a title is level 1."""
    seen: set[str] = set()
    current: BaseStyle | None = style
    while current is not None and current.style_id not in seen:
        seen.add(current.style_id or "")
        name = (current.name or "").lower()
        if name == "title":
            return 1
        if name.startswith("heading ") and name[8:].isdigit():
            return int(name[8:])
        outline = current.element.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None:
            level = outline.get(f"{_W}val", "")
            return int(level) + 1 if level.isdecimal() and int(level) < _OUTLINE_LEVELS else None
        current = getattr(current, "base_style", None)
    return None
