"""Reads recipes: a title, then what goes in (a line each, with ``-``), then what to do, a page for each dish."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kotaemon_desktop.core.errors import Damaged
from kotaemon_desktop.core.records import DocumentHead, PageText

_NEXT_DISH = "\n====\n"
_MARK = "RECIPE 1\n"


class RecipeReader:
    """Reads ``.recipe`` files."""

    def read(self, file: Path) -> Iterator[DocumentHead | PageText]:
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError as error:
            raise Damaged(name=file.name, detail="it is not UTF-8") from error
        if not text.startswith(_MARK):
            raise Damaged(name=file.name, detail="it does not begin as a recipe does")
        dishes = text.removeprefix(_MARK).split(_NEXT_DISH)
        yield DocumentHead(dishes[0].partition("\n")[0], "text", len(dishes))
        for number, dish in enumerate(dishes, start=1):
            title, _, rest = dish.partition("\n")
            needed = [line.removeprefix("- ") for line in rest.splitlines() if line.startswith("- ")]
            todo = [line for line in rest.splitlines() if line.strip() and not line.startswith("- ")]
            yield PageText(number, f"{title}\n\nIt takes {', '.join(needed)}.\n\n{' '.join(todo)}")
