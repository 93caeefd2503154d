"""Calls HTTP tools. Lives in the tools' host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.tools import HttpTool
from kotaemon_desktop.core.tools import connection, keys, openapi, result
from kotaemon_desktop.core.tools.connection import Limits
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolRefused
from kotaemon_desktop.core.tools.operation import Operation, by_hand, request
from kotaemon_desktop.core.tools.result import ToolResult


def call(tool: HttpTool, arguments: Mapping[str, str]) -> ToolResult:
    """Ask the API once. Raises ToolError."""
    key = keys.secret(tool.name, tool.key)
    asked = request(tool, operation(tool), arguments, key)
    kind, body = connection.send(asked, limits(tool))
    text = keys.without(body.decode("utf-8", "replace"), key)
    address = keys.without(asked.url, key)
    if "json" not in kind:
        if kind == "text/plain":
            return ToolResult(address, result.plain(text))
        raise ToolFailed(tool=tool.name, detail=Phrase(N_("the reply is {kind}, not JSON"), kind=kind))
    try:
        return ToolResult(address, result.of_json(json.loads(text), tool.show))
    except (ValueError, RecursionError) as error:
        raise ToolFailed(tool=tool.name, detail=Phrase(N_("the reply is no JSON: {problem}"), problem=error)) from error


def operation(tool: HttpTool) -> Operation:
    """Return what ``tool`` calls. Raises ToolRefused."""
    return openapi.operation(tool) if tool.openapi else by_hand(tool)


def limits(tool: HttpTool) -> Limits:
    """Return what ``tool`` may do. A further host without a port means its usual ones. Raises ToolRefused."""
    hosts: set[str] = set()
    for each in (tool.url, *(f"//{name.strip()}" for name in tool.hosts)):
        try:
            url = urlsplit(connection.as_sent(each))
            ports = [connection.port_of(url)] if url.port or url.scheme else connection.PORTS.values()
        except ValueError as error:
            raise ToolRefused(tool=tool.name, detail=Phrase(N_("{url} is no web address"), url=each)) from error
        hosts |= {f"{url.hostname}:{port}" for port in ports}
    return Limits(tool.name, frozenset(hosts), tool.private, tool.kilobytes << 10, tool.seconds)


def parameters(tool: HttpTool) -> dict[str, Any]:
    """Return the JSON Schema of what ``tool`` takes. Raises ToolRefused."""
    found = operation(tool).parameters
    properties = {
        each.name: {"type": each.kind}
        | ({"description": each.about} if each.about else {})
        | ({"enum": list(each.choices)} if each.choices else {})
        for each in found
    }
    return {"type": "object", "properties": properties, "required": [each.name for each in found if each.required]}
