"""Reads the tool calls in what a model has written: as Qwen and Hermes write them, or as bare JSON (Llama)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

MARKS = ("<tool_call>", "</tool_call>")

_MARKED = re.compile(r"<tool_call>\s*(\{.*?\})\s*(?:</tool_call>|\Z)", re.DOTALL)

Call = tuple[str, dict[str, str]]
"""The name of a tool, and what is to be sent to it."""


def parse(text: str) -> list[Call]:
    """Return the calls in ``text``, in order; what is no call is nothing."""
    found = _MARKED.findall(text) or [text.strip()]
    return [call for each in found for call in _call(each)]


def _call(text: str) -> Iterator[Call]:
    try:
        said: Any = json.loads(text)
        arguments: Any = said.get("arguments", said.get("parameters", {}))
        if isinstance(arguments, str):  # some write JSON within JSON
            arguments = json.loads(arguments)
        given = cast("dict[str, Any]", arguments)
        yield str(said["name"]), {name: _text(value) for name, value in given.items() if value is not None}
    except (ValueError, AttributeError, KeyError, TypeError):
        return


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
