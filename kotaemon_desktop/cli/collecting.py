"""The command that groups documents: collections."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, fail, opened
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import NothingThere
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder


def collections(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List, create, rename or remove collections, put documents in or take them out; ends with the list."""
    if not _makes_sense(chosen.action, chosen.name, len(chosen.what)):
        fail(
            _(
                "collections: list | create NAME | rename NAME NEW | remove NAME | add NAME DOCUMENT…"
                " | take NAME DOCUMENT…"
            )
        )
        return WRONG_USAGE
    with opened(folder) as engine:
        if chosen.action != "list":
            _change(engine, chosen.action, chosen.name, chosen.what)
        listed = engine.collections.all()
    output.result(
        {"collections": [{"name": each.name, "documents": each.documents} for each in listed]},
        "\n".join(f"{each.name}  ({each.documents})" for each in listed) or _("There are no collections."),
    )
    return DONE


def _makes_sense(action: str, name: str | None, more: int) -> bool:
    if action == "list":
        return name is None
    expected = {"create": more == 0, "remove": more == 0, "rename": more == 1, "add": more > 0, "take": more > 0}
    return bool(name and name.strip()) and expected[action]


def _change(engine: Engine, action: str, name: str, what: Sequence[str]) -> None:
    if action == "create":
        engine.collections.create(name)
        return
    collection = engine.collections.find(name).id
    if action == "rename":
        engine.collections.rename(collection, what[0])
    elif action == "remove":
        engine.collections.delete(collection)
    elif action == "add":
        engine.collections.add(collection, _documents(engine, what))
    else:
        engine.collections.take_out(collection, _documents(engine, what))


def _documents(engine: Engine, named: Sequence[str]) -> Iterator[int]:
    """Yield the ids of the documents at these paths, or with these names. Raises NothingThere for one that is not."""
    documents = engine.library.documents()
    for each in named:
        path = str(Path(each).expanduser().absolute())
        ids = [document.id for document in documents if path == document.path or each == document.name]
        if not ids:
            raise NothingThere(folder=each)
        yield from ids
