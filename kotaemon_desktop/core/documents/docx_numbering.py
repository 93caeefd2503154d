"""Counts Word's automatic numbers ("2.1", "第三条", "(a)"), which stand on the page but nowhere in the text."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from docx.oxml import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement

_PLACE = re.compile(r"%(\d)")
_LARGEST = 100_000
_DIGITS = "零一二三四五六七八九"
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"))
_ROMAN_SMALL = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: where it starts, how a number is written and what stands around it ("第%1条")."""

    start: int = 1
    form: str = "decimal"
    pattern: str = ""


@dataclass(slots=True)
class _List:
    """The levels of one abstract list and how far each has counted."""

    levels: dict[int, _Level] = field(default_factory=dict[int, _Level])
    counts: dict[int, int] = field(default_factory=dict[int, int])


class Numbering:
    """Owns the counters of one document while its paragraphs go by in order."""

    def __init__(self) -> None:
        self._lists: defaultdict[str, _List] = defaultdict(_List)  # by abstract id
        self._abstract: dict[str, str] = {}  # list id -> abstract id
        self._overrides: dict[str, dict[int, int]] = {}  # list id -> level -> restart
        self._styles: dict[str, tuple[str, int]] = {}  # paragraph style -> (abstract id, level)

    @classmethod
    def read(cls, xml: bytes) -> Numbering:
        """Build the counters from the numbering part. Raises XMLSyntaxError."""
        numbering = cls()
        root = parse_xml(xml)
        for abstract in root.iterfind("{*}abstractNum"):
            number = _attribute(abstract, "abstractNumId")
            for level in abstract.iterfind("{*}lvl"):
                at = int(_attribute(level, "ilvl") or 0)
                start, form, pattern = (_child(level, name) for name in ("start", "numFmt", "lvlText"))
                numbering._lists[number].levels[at] = _Level(
                    int(start) if start.isdecimal() else 1, form or "decimal", pattern
                )
                if style := _child(level, "pStyle"):
                    numbering._styles[style] = (number, at)
        for item in root.iterfind("{*}num"):
            list_id = _attribute(item, "numId")
            numbering._abstract[list_id] = _child(item, "abstractNumId")
            for override in item.iterfind("{*}lvlOverride"):
                start = _child(override, "startOverride")
                if start.isdecimal():
                    at = int(_attribute(override, "ilvl") or 0)
                    numbering._overrides.setdefault(list_id, {})[at] = int(start)
        return numbering

    def next(self, list_id: str, level: int, style: str) -> str:
        """Count one paragraph and return the number before it as it reads on the page; "" for none and for bullets."""
        if list_id == "0":  # numbering switched off for this paragraph
            return ""
        abstract = self._abstract.get(list_id, "")
        if not list_id and style in self._styles:
            abstract, level = self._styles[style]
        counted = self._lists.get(abstract)
        if counted is None or level not in counted.levels:
            return ""
        restart = self._overrides.get(list_id, {}).pop(level, None)
        first = counted.levels[level].start if restart is None else restart
        counts = counted.counts
        counts[level] = counts[level] + 1 if level in counts and restart is None else first
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        own = counted.levels[level]
        if own.form in {"bullet", "none"}:
            return ""
        return _PLACE.sub(lambda place: self._written(counted, int(place[1]) - 1), own.pattern).strip()

    def _written(self, counted: _List, level: int) -> str:
        known = counted.levels.get(level, _Level())
        number = counted.counts.get(level, known.start)
        return _FORMS.get(known.form, str)(number) if 0 <= number < _LARGEST else str(number)


def _attribute(element: BaseOxmlElement, name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _child(element: BaseOxmlElement, name: str) -> str:
    child = element.find("{*}" + name)
    return "" if child is None else _attribute(child, "val")


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1) if number else ""


def _roman(number: int) -> str:
    written = ""
    for value, sign in (*_ROMAN, *_ROMAN_SMALL):
        count, number = divmod(number, value)
        written += sign * count
    return written


def _chinese(number: int) -> str:
    """Return ``number`` (below 100,000) in Chinese as a clause is counted: 十二, 一百零三."""
    written, gap = "", False
    for unit, sign in ((10000, "万"), (1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            written += ("零" if gap else "") + _DIGITS[digit] + sign
            gap = False
        else:
            gap = bool(written)
    written = written or _DIGITS[0]
    return written[1:] if written.startswith("一十") else written


_FORMS: dict[str, Callable[[int], str]] = {
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
    "chineseCounting": _chinese,
    "chineseCountingThousand": _chinese,
    "japaneseCounting": _chinese,
    "taiwaneseCountingThousand": _chinese,
    "decimalEnclosedCircleChinese": lambda number: chr(0x245F + number) if 0 < number <= 20 else str(number),
    "decimalEnclosedCircle": lambda number: chr(0x245F + number) if 0 < number <= 20 else str(number),
}
