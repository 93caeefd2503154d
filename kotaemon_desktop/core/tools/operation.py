"""What an HTTP tool calls: a method, an address with fields, and where each thing that is sent belongs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.tools import FIELD, HttpTool
from kotaemon_desktop.core.tools.connection import Request
from kotaemon_desktop.core.tools.errors import ToolRefused

_LONGEST = 500  # characters of one thing that is sent


class Parameter(msgspec.Struct, frozen=True):
    """One thing that is sent; ``kind`` is a type of JSON, ``choices`` are all it may be, if not empty."""

    name: str
    where: Literal["path", "query", "header", "body"]
    required: bool = True
    kind: str = "string"
    choices: tuple[Any, ...] = ()
    about: str = ""


class Operation(msgspec.Struct, frozen=True):
    """``url`` has a {field} for each path parameter. ``open_body``: whatever else is sent goes into the JSON body."""

    method: Literal["GET", "POST"]
    url: str
    parameters: tuple[Parameter, ...]
    open_body: bool = False


def by_hand(tool: HttpTool) -> Operation:
    """Return what ``tool`` declares itself."""
    fields = tuple(Parameter(name, "path") for name in dict.fromkeys(FIELD.findall(tool.url)))
    return Operation(tool.method, tool.url, fields, open_body=tool.method == "POST")


def request(tool: HttpTool, operation: Operation, arguments: Mapping[str, str], key: str) -> Request:
    """Return the request that sends ``arguments``. Raises ToolRefused for what does not fit."""
    values = _checked(tool.name, operation, arguments)
    place = {parameter.name: parameter.where for parameter in operation.parameters}
    of = {where: {n: v for n, v in values.items() if place.get(n, "body") == where} for where in ("query", "header")}
    body = {name: value for name, value in values.items() if place.get(name, "body") == "body"}
    headers = {
        "Accept": "application/json, text/*;q=0.5",
        "Accept-Encoding": "identity",
        "User-Agent": "kotaemon-desktop",
    }
    headers |= {name: str(value) for name, value in of["header"].items()}
    if key and not any("{key}" in each for each in tool.headers):
        headers["Authorization"] = f"Bearer {key}"
    for each in tool.headers:
        name, _, value = each.partition(":")
        headers[name.strip()] = value.strip().replace("{key}", key)
    url = _filled(tool.name, operation.url, values)
    if of["query"]:
        url += ("&" if "?" in url else "?") + urlencode({name: _text(value) for name, value in of["query"].items()})
    if operation.method == "GET":
        return Request("GET", url, headers)
    return Request("POST", url, headers | {"Content-Type": "application/json"}, msgspec.json.encode(body))


def _checked(tool: str, operation: Operation, arguments: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments as the types that are asked for.

    The groups of a pattern cannot be called ``pet-id``: ``pet_id`` means the same.
    """
    known = {parameter.name: parameter for parameter in operation.parameters}
    by_group = {re.sub(r"\W", "_", name): name for name in known}
    arguments = {name if name in known else by_group.get(name, name): text for name, text in arguments.items()}
    for name in arguments:
        if name not in known and not operation.open_body:
            raise ToolRefused(tool=tool, detail=Phrase(N_("it takes no “{name}”"), name=name))
    missing = [name for name, each in known.items() if each.required and not arguments.get(name)]
    if missing:
        raise ToolRefused(tool=tool, detail=Phrase(N_("“{name}” is missing"), name=missing[0]))
    return {name: _value(tool, known.get(name, Parameter(name, "body")), text) for name, text in arguments.items()}


def _value(tool: str, parameter: Parameter, text: str) -> Any:
    wrong = ToolRefused(tool=tool, detail=Phrase(N_("“{value}” is no {name}"), value=text[:80], name=parameter.name))
    if len(text) > _LONGEST or not text.isprintable():
        raise wrong
    try:
        value: Any = {"integer": int, "number": float, "boolean": _truth}.get(parameter.kind, str)(text)
    except (ValueError, KeyError) as error:
        raise wrong from error
    if parameter.choices and value not in parameter.choices:
        raise wrong
    return value


def _filled(tool: str, url: str, values: Mapping[str, Any]) -> str:
    """Return ``url`` with its fields filled: each stays one step of the path, whatever it holds."""
    path, mark, query = url.partition("?")

    def fill(found: re.Match[str]) -> str:
        if found[1] not in values:  # an OpenAPI file may name none of this name
            raise ToolRefused(tool=tool, detail=Phrase(N_("“{name}” is missing"), name=found[1]))
        return quote(_text(values[found[1]]), safe="")

    filled = FIELD.sub(fill, path)
    if {".", "..", ""} & set(urlsplit(filled).path.split("/")[1:]) - set(urlsplit(path).path.split("/")[1:]):
        raise ToolRefused(tool=tool, detail=Phrase(N_("“{value}” leads to another address"), value=filled))
    return filled + mark + FIELD.sub(fill, query)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _truth(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
