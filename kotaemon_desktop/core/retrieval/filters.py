"""Takes the filters out of a typed question: ``file:``, ``type:``, ``date:``, ``after:``, ``before:``, ``in:``."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Final

from kotaemon_desktop.core.documents.selection import EXTENSIONS
from kotaemon_desktop.core.scope import Scope

_NAMES: Final = {
    **dict.fromkeys(("collection", "in", "文档集"), "collection"),
    **dict.fromkeys(("file", "文件"), "file"),
    **dict.fromkeys(("type", "类型"), "type"),
    **dict.fromkeys(("date", "日期"), "date"),
    **dict.fromkeys(("after", "晚于"), "after"),
    **dict.fromkeys(("before", "早于"), "before"),
}

# At the start of a word only: "https://…", "10:30" and "note: in:out" within a word stay what they are.
_FILTER: Final = re.compile(
    rf"""(?<!\S)(?P<name>{"|".join(_NAMES)})[:：](?:["“„«](?P<quoted>[^"”“»]+)["”“»]|(?P<plain>[^\s"“”«»]+))[ \t]?""",
    re.IGNORECASE,
)

_KINDS: Final = {
    **{
        name: name
        for name in ("pdf", "docx", "pptx", "xlsx", "html", "epub", "eml", "markdown", "text", "image", "zip")
    },
    **dict.fromkeys(("word", "文档"), "docx"),
    **dict.fromkeys(("excel", "spreadsheet", "表格"), "xlsx"),
    **dict.fromkeys(("powerpoint", "slides", "幻灯片"), "pptx"),
    **dict.fromkeys(("mail", "email", "e-mail", "邮件"), "eml"),
    **dict.fromkeys(("文本", "txt"), "text"),
    **dict.fromkeys(("网页", "htm"), "html"),
    "md": "markdown",
}

_DAYS: Final = {"today": 0, "今天": 0, "yesterday": 1, "昨天": 1}
_DATE: Final = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})(?:[-/.月](\d{1,2})日?|月?)|年?)")


def parse(text: str, today: Callable[[], date] = date.today) -> tuple[str, Scope]:
    """Return ``text`` without its filters, and the scope that these mean.

    A value with spaces stands in quotation marks. What looks like a filter but has a value that means nothing (a day
    that is none, an unknown type) stays text, and so does everything when nothing else is asked.
    """
    collections: list[str] = []
    names: list[str] = []
    kinds: list[str] = []
    days: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        name, value = _NAMES[match["name"].lower()], (match["quoted"] or match["plain"]).strip()
        if name == "collection":
            collections.append(value)
        elif name == "file":
            names.append(value)
        elif name == "type" and (kind := _kind(value)):
            kinds.append(kind)
        elif name in {"date", "after", "before"} and (span := _span(value, today)):
            days.update(_bounds(name, *span))
        else:
            return match[0]
        return ""

    words = _FILTER.sub(take, text)
    scope = Scope(
        collections=tuple(collections),
        names=tuple(names),
        kinds=tuple(kinds),
        after=days.get("after", ""),
        before=days.get("before", ""),
    )
    if not scope:
        return text, scope
    return re.sub(r"[ \t]{2,}", " ", words).strip() or text, scope


def _kind(value: str) -> str:
    """Return the family of formats or the ending of a file's name that ``value`` means; empty when it means nothing."""
    lower = value.lower().removeprefix(".")
    return _KINDS.get(lower) or (lower if f".{lower}" in EXTENSIONS else "")


def _span(value: str, today: Callable[[], date]) -> tuple[date, date] | None:
    """Return the first day of the year, month or day that ``value`` names, and the first one after it."""
    if (ago := _DAYS.get(value.lower())) is not None:
        day = today() - timedelta(ago)
        return day, day + timedelta(1)
    match = _DATE.fullmatch(value)
    if match is None:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day:
            return first, first + timedelta(1)
        if month:
            return first, (first + timedelta(31)).replace(day=1)
        return first, date(first.year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None


def _bounds(name: str, first: date, following: date) -> dict[str, str]:
    if name == "before":
        return {"before": first.isoformat()}
    if name == "after":
        return {"after": first.isoformat()}
    return {"after": first.isoformat(), "before": following.isoformat()}
