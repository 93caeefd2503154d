"""Settings as this program and most people write them: sections, and below each a value a line.

Such text is read and changed without ruamel.yaml, which takes 2 MB and 60 ms. Whatever else YAML allows raises
:class:`NotPlain` and is left to that library; what is read here is what it would read.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["NotPlain", "PlainText", "Scalar"]

Scalar = bool | int | float | str

_NAME = r"[a-z]\w*"
_REST = r"(?P<rest> *(?: #.*)?)"
_BLANK = re.compile(r" *(?:#.*)?")
_SECTION = re.compile(rf"(?P<name>{_NAME}):{_REST}")
_ENTRY = re.compile(rf"""(?P<key>  (?P<name>{_NAME}): +)(?P<value>'[^']*'|"[^"\\]*"|[^\s'"#]+){_REST}""")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_WORD = re.compile(r"[^\W\d][\w./-]*")
_TRUTHS: Final = {"true": True, "false": False}
_NO_WORDS: Final = frozenset({*_TRUTHS, "null", "yes", "no", "on", "off", "y", "n"})


class NotPlain(ValueError):
    """The text is YAML of another kind, or none; or a value cannot be written on a line as it is."""


class PlainText:
    """Owns the lines of one plain settings file and what they say, ``content``: section, name, value."""

    def __init__(self, text: str) -> None:
        """Read ``text``. Raises NotPlain."""
        self.content: dict[str, dict[str, Scalar]] = {}
        self._lines = text.removesuffix("\n").split("\n") if text else []
        self._places: dict[tuple[str, str], int] = {}  # a section's own line has the name ""
        section = ""
        for place, line in enumerate(self._lines):
            if not line.isprintable():
                raise NotPlain(line)
            if _BLANK.fullmatch(line):
                continue
            if found := _SECTION.fullmatch(line):
                section = found["name"]
                self._note(section, "", place)
                self.content[section] = {}
            elif section and (found := _ENTRY.fullmatch(line)):
                self._note(section, found["name"], place)
                self.content[section][found["name"]] = _read(found["value"])
            else:
                raise NotPlain(line)

    def changed(self, section: str, name: str, value: object) -> str:
        """Return the text with ``section.name`` set to ``value``. Raises NotPlain."""
        lines, written = list(self._lines), _written(value)
        at = self._places.get((section, name))
        if at is not None:
            found = _ENTRY.fullmatch(lines[at])
            assert found is not None, "it was read"
            lines[at] = f"{found['key']}{written}{found['rest']}"
        elif section in self.content:
            last = max(place for (of, _), place in self._places.items() if of == section)
            lines.insert(last + 1, f"  {name}: {written}")
        else:
            lines += [f"{section}:", f"  {name}: {written}"]
        text = _joined(lines)
        if PlainText(text).content.get(section, {}).get(name) != value:
            raise NotPlain(written)
        return text

    def without(self, section: str, name: str) -> str:
        """Return the text without the line of ``section.name``, and without a section that has no other."""
        held = self.content.get(section, {})
        gone = [self._places[section, name]] if name in held else []
        if set(held) == {name}:
            gone.append(self._places[section, ""])
        return _joined([line for place, line in enumerate(self._lines) if place not in gone])

    def _note(self, section: str, name: str, place: int) -> None:
        if (name or section) in _NO_WORDS or (section, name) in self._places:
            raise NotPlain(self._lines[place])
        self._places[section, name] = place


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _read(value: str) -> Scalar:
    if value[0] in "'\"":
        return value[1:-1]
    if value in _TRUTHS:
        return _TRUTHS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    if _FLOAT.fullmatch(value):
        return float(value)
    return _word(value)


def _word(value: str) -> str:
    if not _WORD.fullmatch(value) or value.lower() in _NO_WORDS:
        raise NotPlain(value)
    return value


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    if not isinstance(value, str) or "'" in value:
        raise NotPlain(value)
    try:
        return _word(value)
    except NotPlain:
        return f"'{value}'"
