"""The command that answers a file of requests, a line each: batch."""

from __future__ import annotations

import json
from typing import Annotated, Any, cast

import msgspec

from kotaemon_desktop.cli.asking import answered, finish, found_for, hit_result
from kotaemon_desktop.cli.output import DONE, FAILED, Output, Result, fail, json_line, opened
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder

_OPERATIONS = ("search", "ask")


class _Request(msgspec.Struct, frozen=True):
    """A line of the file. ``conversation`` is a name of its own: lines with the same one follow up on each other."""

    op: str
    text: str
    top: Annotated[int, msgspec.Meta(ge=1)] = 5
    model: str | None = None
    pipeline: str | None = None
    conversation: str | int | None = None


def batch(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - its output is JSON lines anyway
    """Answer a file of requests; fails only when none could be answered."""
    lines = chosen.file.read_text("utf-8").splitlines()
    conversations: dict[str | int, int] = {}
    results: list[bool] = []
    with opened(folder) as engine:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                result = _line(engine, number, line, conversations)
                print(json_line(result), flush=True)
                results.append("error" not in result)
        finish(engine)
    if any(results) or not results:
        return DONE
    fail(_("no request could be answered"))
    return FAILED


def _line(engine: Engine, number: int, line: str, conversations: dict[str | int, int]) -> Result:
    """Answer one line; a line that cannot be answered says why and the next one goes on.

    ``conversations`` are those of the lines before, by the name that a line gives its ``conversation``.
    """
    identity: Result = {"id": None}
    try:
        asked = json.loads(line)
        if isinstance(asked, dict):
            identity["id"] = cast("dict[str, Any]", asked).get("id")
        request = _request(asked)
    except (ValueError, msgspec.ValidationError) as error:
        return identity | {"error": _("line {number} is not a request: {error}").format(number=number, error=error)}
    if request.op == "search":
        return identity | {"hits": [hit_result(hit) for hit in found_for(engine, request.text, request.top).hits]}
    name = request.conversation
    if name is not None and name not in conversations:
        conversations[name] = engine.history.new_conversation()
    result, failed = answered(
        engine,
        request.text,
        request.model,
        conversation_id=None if name is None else conversations[name],
        pipeline=request.pipeline,
    )
    return identity | (result if failed is None else {"error": str(failed)})


def _request(asked: Any) -> _Request:
    """Raises ValueError or ValidationError, which say what is wrong with it."""
    operation = asked.get("op") if isinstance(asked, dict) else None
    if operation is not None and operation not in _OPERATIONS:
        raise ValueError(_("“op” is “search” or “ask”, not {operation!r}").format(operation=operation))
    return msgspec.convert(asked, _Request)
