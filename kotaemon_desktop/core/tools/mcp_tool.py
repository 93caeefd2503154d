"""Calls tools of MCP servers through the official client. Lives in the tools' host; a server lives for one call."""

from __future__ import annotations

import shlex
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from kotaemon_desktop.core.i18n import N_, Phrase
from kotaemon_desktop.core.settings.tools import McpTool
from kotaemon_desktop.core.tools import connection, keys, result
from kotaemon_desktop.core.tools.errors import ToolError, ToolFailed, ToolPartMissing, ToolTimedOut
from kotaemon_desktop.core.tools.result import ToolResult

if TYPE_CHECKING:
    from mcp import Client


def call(tool: McpTool, arguments: Mapping[str, str]) -> ToolResult:
    """Call the server's tool once. Raises ToolError."""
    key = keys.secret(tool.name, tool.key)

    async def asked(client: Client) -> ToolResult:
        schema = (await _described(tool, client)).get("properties", {})
        given = {name: _typed(value, schema.get(name, {})) for name, value in arguments.items()}
        reply = await client.call_tool(tool.tool, given)
        text = "\n".join(block.text for block in reply.content if block.type == "text")
        if reply.is_error:
            raise ToolFailed(tool=tool.name, detail=keys.without(result.plain(text), key))
        if reply.structured_content:
            text = result.of_json(_unwrapped(reply.structured_content))
        return ToolResult(tool.place, keys.without(result.plain(text), key))

    return _with_client(tool, key, asked)


def parameters(tool: McpTool) -> dict[str, Any]:
    """Return the JSON Schema of what the server's tool takes. Raises ToolError."""
    key = keys.secret(tool.name, tool.key)

    async def asked(client: Client) -> dict[str, Any]:
        return await _described(tool, client)

    return _with_client(tool, key, asked)


def _with_client(tool: McpTool, key: str, asked: Any) -> Any:
    try:
        import anyio
        from mcp import MCPError
    except ImportError as error:
        raise ToolPartMissing(tool=tool.name, part="mcp") from error

    async def run() -> Any:
        with anyio.fail_after(tool.seconds):
            async with _client(tool, key) as client:
                return await asked(client)

    try:
        return anyio.run(run)
    except BaseException as error:
        if not isinstance(error, Exception):
            raise
        first = _first(error)
        if isinstance(first, ToolError):
            raise first from error
        if isinstance(first, TimeoutError):
            raise ToolTimedOut(tool=tool.name, seconds=tool.seconds) from error
        if isinstance(first, (MCPError, OSError, ValueError, RuntimeError)):
            raise ToolFailed(tool=tool.name, detail=keys.without(str(first), key)) from error
        raise


@asynccontextmanager
async def _client(tool: McpTool, key: str) -> AsyncGenerator[Client]:
    """Start or reach the server. A program sees the usual variables only, and its key as ``MCP_KEY``."""
    from mcp import Client, StdioServerParameters

    if tool.command:
        program, *arguments = _words(tool.command)
        extra = {"MCP_KEY": key} if key else None
        async with Client(StdioServerParameters(command=program, args=arguments, env=extra)) as client:
            yield client
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    url = urlsplit(tool.url)
    connection.address(tool.name, url.hostname or "", connection.port_of(url), tool.private)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=tool.seconds, trust_env=False) as http,
        Client(streamable_http_client(tool.url, http_client=http)) as client,
    ):
        yield client


async def _described(tool: McpTool, client: Client) -> dict[str, Any]:
    listed = await client.list_tools()
    for each in listed.tools:
        if each.name == tool.tool:
            return each.input_schema
    raise ToolFailed(tool=tool.name, detail=Phrase(N_("the server has no tool “{name}”"), name=tool.tool))


def _words(command: str) -> list[str]:
    """Return the words of a command line; on Windows a backslash is a part of a path."""
    if sys.platform == "win32":
        return [word.strip('"') for word in shlex.split(command, posix=False)]
    return [str(Path(word).expanduser()) if word.startswith("~") else word for word in shlex.split(command)]


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    """Return ``value`` as the server wants it; what does not fit is sent as it is, for the server to refuse."""
    try:
        return {"integer": int, "number": float}.get(str(schema.get("type")), str)(value)
    except ValueError:
        return value


def _unwrapped(value: Any) -> Any:
    """Return what a server has put into an object because only objects may be given."""
    parts = cast("dict[str, Any]", value) if isinstance(value, dict) else {}
    return parts["result"] if list(parts) == ["result"] else cast("Any", value)


def _first(error: BaseException) -> BaseException:
    """Return what went wrong, out of the groups that tasks raise."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
