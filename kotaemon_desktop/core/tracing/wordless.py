"""Takes from a trace what may hold words of a question, an answer or a document, before it leaves the program."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, cast

from kotaemon_desktop.core.records import TraceLine

# The texts that the program or its settings choose. All others stay behind: a new event tells nothing by oversight.
_CODES: Final = {"event", "asked", "side", "pipeline", "route", "why", "component", "strength", "tool", "model"}


def without_words(line: TraceLine) -> TraceLine:
    """Return the numbers and the codes of ``line``; a collection of texts becomes its size, and a text goes."""
    return {
        name: value if name in _CODES else _numbers(value)
        for name, value in line.items()
        if name in _CODES or not isinstance(value, str)
    }


def _numbers(value: Any) -> Any:
    if not isinstance(value, dict | list | tuple):
        return value
    known = cast("dict[str, Any] | list[Any]", value)
    inside = cast("Collection[Any]", known.values() if isinstance(known, dict) else known)
    if inside and all(isinstance(each, str) for each in inside):
        return len(inside)
    if isinstance(known, dict):
        return without_words(known)
    return [_numbers(each) for each in inside if not isinstance(each, str)]
