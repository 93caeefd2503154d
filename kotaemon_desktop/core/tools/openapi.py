"""Reads one operation out of an OpenAPI 3 file. The file says paths and parameters; where they are is for the user."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.tools import HttpTool
from kotaemon_desktop.core.tools.errors import ToolRefused
from kotaemon_desktop.core.tools.operation import Operation, Parameter

_LARGEST = 10 << 20  # bytes
_Object = Mapping[str, Any]


def operation(tool: HttpTool) -> Operation:
    """Return the operation that ``tool`` names, below its address. Raises ToolRefused."""
    file = Path(tool.openapi)
    try:
        description = _read(file)
        path, method, found, shared = next(
            each for each in _operations(description) if each[2].get("operationId") == tool.operation
        )
    except StopIteration:
        detail = Phrase(N_("{file} has no GET or POST operation “{name}”"), file=file.name, name=tool.operation)
        raise ToolRefused(tool=tool.name, detail=detail) from None
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        detail = Phrase(N_("{file} cannot be read: {problem}"), file=tool.openapi, problem=error)
        raise ToolRefused(tool=tool.name, detail=detail) from error
    parameters = {
        (each["name"], each["in"]): each for each in _resolved(description, [*shared, *found.get("parameters", ())])
    }
    return Operation(
        "POST" if method == "post" else "GET",
        tool.url.rstrip("/") + path,
        (
            *(_parameter(description, each) for each in parameters.values() if each["in"] != "cookie"),
            *_of_body(description, found),
        ),
    )


def _read(file: Path) -> _Object:
    if file.stat().st_size > _LARGEST:
        raise ValueError("too large")
    text = file.read_text("utf-8-sig")
    if file.suffix == ".json":
        return json.loads(text)
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return cast("_Object", YAML(typ="safe", pure=True).load(text))  # pyright: ignore[reportUnknownMemberType]
    except YAMLError as error:
        raise ValueError(str(error)) from error


def _operations(description: _Object) -> Iterator[tuple[str, str, _Object, list[_Object]]]:
    """Yield (path, method, operation, the path's own parameters)."""
    for path, item in description["paths"].items():
        for method in ("get", "post"):
            if method in item:
                yield path, method, item[method], item.get("parameters", [])


def _resolved(description: _Object, items: list[_Object]) -> list[_Object]:
    return [_followed(description, item) for item in items]


def _followed(description: _Object, item: _Object) -> _Object:
    """Return what a local ``$ref`` stands for; a chain of them ends somewhere."""
    for _ in range(10):
        reference = item.get("$ref")
        if reference is None:
            return item
        item = description
        for step in str(reference).removeprefix("#/").split("/"):
            item = item[step.replace("~1", "/").replace("~0", "~")]
    raise ValueError("$ref")


def _parameter(description: _Object, found: _Object) -> Parameter:
    required = bool(found.get("required", False)) or found["in"] == "path"
    return _of_schema(
        description, found["name"], found["in"], required, found.get("schema", {}), found.get("description")
    )


def _of_body(description: _Object, found: _Object) -> Iterator[Parameter]:
    body = _followed(description, found.get("requestBody", {}))
    content = body.get("content", {}).get("application/json", {})
    schema = _followed(description, content.get("schema", {}))
    for name, each in schema.get("properties", {}).items():
        yield _of_schema(description, name, "body", name in schema.get("required", ()), each)


def _of_schema(
    description: _Object, name: str, where: Any, required: bool, schema: _Object, about: str | None = None
) -> Parameter:
    schema = _followed(description, schema)
    kind = schema.get("type", "string")
    kinds = cast("list[str]", kind if isinstance(kind, list) else [kind])  # 3.1 may say ["integer", "null"]
    return Parameter(
        name,
        where,
        required=required,
        kind=next((each for each in kinds if each != "null"), "string"),
        choices=tuple(schema.get("enum", ())),
        about=about or schema.get("description", ""),
    )
