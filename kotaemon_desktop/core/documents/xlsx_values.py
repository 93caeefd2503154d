"""Turns what an Excel workbook stores in its cells into what it shows: shared texts, dates, percentages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal, Self

from kotaemon_desktop.core.documents.package import Package

Form = Literal["number", "percent", "date", "time", "elapsed"]

_DATES = frozenset([14, 15, 16, 17, 22, *range(27, 32), *range(34, 37), *range(50, 59)])  # formats that Excel numbers
_TIMES = frozenset([18, 19, 20, 21, 32, 33, 45, 47])
_ELAPSED = 46
_PERCENTAGES = frozenset([9, 10])
_QUOTED = re.compile(r'"[^"]*"|\\.|\[(?!h+\]|m+\]|s+\])[^\]]*\]|_.', re.IGNORECASE)  # no part of the pattern itself
_SAYS_DATE = re.compile(r"[yd年月日]", re.IGNORECASE)
_SAYS_TIME = re.compile(r"[hs]|m", re.IGNORECASE)
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's dates have no zone; Excel's 1900 has a 29th of February
_FIRST_DAY_OF_1904 = datetime(1904, 1, 1)  # noqa: DTZ001 - as above
_LAST_DAY = 2_958_466  # the year 10000
_TRUE = {"1": "TRUE", "0": "FALSE"}


class Values:
    """Owns the shared texts and the number formats of one workbook."""

    def __init__(self, texts: list[str], forms: list[Form], first_day: datetime) -> None:
        self._texts = texts
        self._forms = forms
        self._first_day = first_day

    @classmethod
    def of(cls, package: Package, workbook: str) -> Self:
        """Read the texts and formats that the part ``workbook`` refers to."""
        texts = _Texts()
        for name in package.related(workbook, "sharedStrings"):
            package.feed(name, texts)
        forms: list[Form] = []
        for name in package.related(workbook, "styles"):
            forms += _forms(package, name)
        properties = package.xml(workbook).find("{*}workbookPr")
        from_1904 = properties is not None and properties.get("date1904") in {"1", "true"}
        return cls(texts.found, forms, _FIRST_DAY_OF_1904 if from_1904 else _FIRST_DAY)

    def text(self, stored: str, kind: str, style: str) -> str:
        """Return what a cell shows that holds ``stored``; ``kind`` and ``style`` are its ``t`` and ``s``."""
        if kind == "s":
            return self._texts[int(stored)] if stored.isdecimal() and int(stored) < len(self._texts) else ""
        if kind == "b":
            return _TRUE.get(stored, stored)
        if kind != "n":  # a text of its own, the result of a formula, an error
            return stored
        known = style.isdecimal() and int(style) < len(self._forms)
        return self._number(stored, self._forms[int(style)] if known else "number")

    def _number(self, stored: str, form: Form) -> str:
        try:
            number = float(stored)
        except ValueError:
            return stored
        if form == "percent":
            return f"{number * 100:.10g}%"
        if form == "elapsed":
            hours, minutes = divmod(round(number * 1440), 60)
            return f"{hours}:{minutes:02}"
        if form in {"date", "time"} and 0 <= number < _LAST_DAY:
            moment = self._first_day + timedelta(seconds=round(number * 86400))
            if form == "time":
                return moment.time().isoformat()
            return moment.date().isoformat() if number == int(number) else moment.isoformat(" ")
        return f"{number:.15g}" if abs(number) < 1e15 else stored


class _Texts:
    """Receives the XML of the shared texts as it is parsed (an lxml parser target)."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._words: list[str] = []
        self._in_text = False
        self._phonetic = False

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        name = tag.rpartition("}")[2]
        self._in_text = name == "t"
        self._phonetic = self._phonetic or name == "rPh"  # how to pronounce the text: no part of it

    def data(self, data: str) -> None:
        if self._in_text and not self._phonetic:
            self._words.append(data)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self._in_text = False
        if name == "rPh":
            self._phonetic = False
        elif name == "si":
            self.found.append("".join(self._words))
            self._words = []

    def close(self) -> None:
        """End the part; lxml asks for it."""


def _forms(package: Package, name: str) -> list[Form]:
    """Return how each cell style of the part ``name`` shows numbers."""
    styles = package.xml(name)
    own: dict[int, Form] = {
        int(item.get("numFmtId", "0")): _form(item.get("formatCode", ""))
        for item in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    used = (int(item.get("numFmtId", "0")) for item in styles.iterfind("{*}cellXfs/{*}xf"))
    return [own.get(number) or _built_in(number) for number in used]


def _built_in(number: int) -> Form:
    if number in _DATES:
        return "date"
    if number in _TIMES:
        return "time"
    if number == _ELAPSED:
        return "elapsed"
    return "percent" if number in _PERCENTAGES else "number"


def _form(code: str) -> Form:
    pattern = _QUOTED.sub("", code.partition(";")[0])
    if "%" in pattern:
        return "percent"
    if "[" in pattern:  # hours, minutes or seconds that go on counting: [h]:mm
        return "elapsed"
    if _SAYS_DATE.search(pattern):
        return "date"
    return "time" if _SAYS_TIME.search(pattern) and "e" not in pattern.lower() else "number"
