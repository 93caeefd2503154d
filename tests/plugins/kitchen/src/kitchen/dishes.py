"""Finds recipes by the name of the dish, whatever else they say."""

from __future__ import annotations

import re
from collections.abc import Collection

from kotaemon_desktop.core.plugins.contract import Library

_WORD = re.compile(r"\w+")


class Dishes:
    """A retriever that knows the titles of the library by heart."""

    def __init__(self) -> None:
        self._known = ""
        self._dishes: list[tuple[int, int, frozenset[str]]] = []  # passage, its document, the words of its first line

    def find(
        self, question: str, library: Library, limit: int, within: Collection[int] | None
    ) -> list[tuple[int, float]]:
        if (version := library.version()) != self._known:
            self._dishes = [(each.id, each.document_id, _words(_title(each.text))) for each in library.passages()]
            self._known = version
        asked = _words(question)
        found = [
            (passage, len(asked & title) / len(title))
            for passage, document, title in self._dishes
            if asked & title and (within is None or document in within)
        ]
        return sorted(found, key=lambda pair: -pair[1])[:limit]


def _title(text: str) -> str:
    return text.partition("\n")[0]


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()))
