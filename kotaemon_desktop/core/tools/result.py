"""What a tool gave, as text that an answer can quote: tables of the same form that documents' tables have."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec

from kotaemon_desktop.core.i18n import N_, _

_MOST_COLUMNS = 6  # of a single row; a wider one stands upright, a field a line
_MOST_ROWS = 50
_LONGEST_CELL = 300
_LONGEST_TEXT = 20_000
_FIELD, _VALUE = N_("field"), N_("value")


class ToolResult(msgspec.Struct, frozen=True):
    """What came back: ``text`` to quote, and the ``address`` that was asked, without secrets."""

    address: str
    text: str


def of_json(value: Any, show: Sequence[str] = ()) -> str:
    """Return a JSON value as text: tables for objects and lists of objects. ``show`` names the parts that matter."""
    if show:
        value = _chosen(value, show)
    if isinstance(value, list):
        items = cast("list[Any]", value)
        rows = [_flat(item) for item in items[:_MOST_ROWS]]
        return table(_columns(rows), ([row.get(name, "") for name in _columns(rows)] for row in rows), len(items))
    row = _flat(value)
    if len(row) > _MOST_COLUMNS:
        return table((_(_FIELD), _(_VALUE)), row.items(), len(row))
    return table(tuple(row), [tuple(row.values())], 1)


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], total: int) -> str:
    """Return rows as lines of cells below their names; ``total`` tells how many there are if not all are given."""
    shown = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    lines = [f"| {' | '.join(map(_cell, columns))} |", *shown] if columns else []
    if total > len(shown):
        lines += ["", _("There are more: only the first {count} are shown.").format(count=len(shown))]
    return plain("\n".join(lines))


def plain(text: str) -> str:
    """Return ``text`` without control characters, cut where it gets too long for a source."""
    kept = "".join(each for each in text if each.isprintable() or each in "\n\t").strip()
    return kept if len(kept) <= _LONGEST_TEXT else kept[:_LONGEST_TEXT].rstrip() + " …"


def _chosen(value: Any, show: Sequence[str]) -> Any:
    """Return the parts of ``value`` at ``show``, by the last step of each path; of a list, of each of its items."""
    if isinstance(value, list):
        return [_chosen(item, show) for item in cast("list[Any]", value)]
    found = {path.rpartition(".")[2]: _at(value, path.split(".")) for path in show}
    only = next(iter(found.values())) if len(found) == 1 else None
    return cast("Any", only) if isinstance(only, list) else found


def _at(value: Any, path: Sequence[str]) -> Any:
    for place, step in enumerate(path):
        if isinstance(value, list):
            return [_at(item, path[place:]) for item in cast("list[Any]", value)]
        value = cast("dict[str, Any]", value).get(step) if isinstance(value, dict) else None
    return value


def _flat(value: Any, before: str = "") -> dict[str, str]:
    """Return the leaves of ``value`` by their dotted paths."""
    if isinstance(value, dict):
        parts = cast("dict[str, Any]", value)
        found: dict[str, str] = {}
        for name, part in parts.items():
            found |= _flat(part, f"{before}.{name}" if before else name)
        return found
    if isinstance(value, list) and all(not isinstance(item, dict | list) for item in cast("list[Any]", value)):
        value = ", ".join(map(_words, cast("list[Any]", value)))
    return {before or _(_VALUE): _words(value)}


def _columns(rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for row in rows for name in row))


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)


def _cell(value: Any) -> str:
    words = " ".join((value if isinstance(value, str) else _words(value)).split()).replace("|", "｜")
    return words if len(words) <= _LONGEST_CELL else words[:_LONGEST_CELL].rstrip() + "…"
