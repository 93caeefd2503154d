"""Takes the power out of a model's own marks where they stand in what others wrote: documents, tools' descriptions.

A tokenizer reads ``<|im_end|>`` as the end of a message wherever it finds it: a document could close the user's message
and go on as the system.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

_LOOKS_LIKE_A_MARK = re.compile(r"<.+>|\[[A-Z_/]+\]", re.DOTALL)


def disarming(tokenizer: Any) -> Callable[[str], str]:
    """Return a function that puts a space into each mark of ``tokenizer``, which then reads as the letters it shows."""
    marks = [
        token.content
        for token in tokenizer.get_added_tokens_decoder().values()
        if len(token.content) > 1 and (token.special or _LOOKS_LIKE_A_MARK.fullmatch(token.content))
    ]
    if not marks:
        return str
    pattern = re.compile("|".join(map(re.escape, sorted(marks, key=len, reverse=True))))
    return lambda text: pattern.sub(lambda mark: f"{mark[0][0]} {mark[0][1:]}", text)


def in_all_texts(disarmed: Callable[[str], str], value: Any) -> Any:
    """Return ``value``, as it comes from JSON, with each text in it ``disarmed``, names of fields as well."""
    match value:
        case str():
            return disarmed(value)
        case dict():
            fields = cast("dict[str, Any]", value)
            return {disarmed(name): in_all_texts(disarmed, each) for name, each in fields.items()}
        case list() | tuple():
            return [in_all_texts(disarmed, each) for each in cast("list[Any]", value)]
        case _:
            return value
