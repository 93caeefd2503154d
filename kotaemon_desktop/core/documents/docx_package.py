"""Knows the parts of a Word file, its title and its heading styles."""

from __future__ import annotations

from docx.opc.coreprops import CoreProperties
from docx.oxml import parse_xml
from docx.oxml.coreprops import CT_CoreProperties
from docx.oxml.styles import CT_Styles
from docx.styles.style import BaseStyle
from docx.styles.styles import Styles

from kotaemon_desktop.core.documents.package import Package
from kotaemon_desktop.core.documents.source import Source
from kotaemon_desktop.core.errors import UnknownFormat

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
_OUTLINE_LEVELS = 9
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class DocxPackage(Package):
    """A Word file as a package whose text is within the limit. Used as a context manager, in a reader host."""

    def __init__(self, source: Source) -> None:
        """Raise Encrypted, TooLarge or UnknownFormat, and what ZIP files and XML raise."""
        super().__init__(source)
        try:
            self._parts = self._find_parts()
        except BaseException:
            self.__exit__()
            raise

    def of_kind(self, kind: str) -> list[str]:
        """Return the names of the parts of a kind: document, header, footer, footnotes, endnotes, comments, ..."""
        return self._parts.get(kind, [])

    def title(self) -> str:
        """Return the title among the document's properties, or an empty string. Raises XMLSyntaxError."""
        for name in self.of_kind("properties"):
            properties = parse_xml(self.read(name))
            if isinstance(properties, CT_CoreProperties):
                return (CoreProperties(properties).title or "").strip()
        return ""

    def heading_levels(self) -> dict[str, int]:
        """Return the outline level (1 is the outermost) of each paragraph style that makes headings, by style id.

        Raises XMLSyntaxError.
        """
        levels: dict[str, int] = {}
        for name in self.of_kind("styles"):
            styles = parse_xml(self.read(name))
            for style in Styles(styles) if isinstance(styles, CT_Styles) else ():
                level = _heading_level(style)
                if level is not None and style.style_id:
                    levels[style.style_id] = level
        return levels

    def _find_parts(self) -> dict[str, list[str]]:
        parts: dict[str, list[str]] = {}
        for content_type, name in self.content_types():
            if kind := _KINDS.get(content_type):
                parts.setdefault(kind, []).append(name)
        if "document" not in parts:
            raise UnknownFormat(name=self.source.name)
        self.check_size(name for names in parts.values() for name in names)
        return {kind: sorted(names) for kind, names in parts.items()}


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
