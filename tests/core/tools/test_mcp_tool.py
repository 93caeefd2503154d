"""MCP tools against a real server, over its standard streams and over HTTP."""

from __future__ import annotations

import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

pytest.importorskip("mcp", reason="the extra “tools” is not installed")

from kotaemon_desktop.core.settings.tools import McpTool
from kotaemon_desktop.core.tools import mcp_tool
from kotaemon_desktop.core.tools.errors import ToolFailed, ToolRefused, ToolTimedOut

SERVER = Path(__file__).parent / "mcp_shop.py"
COMMAND = shlex.join([sys.executable, str(SERVER)])


def tool(name: str = "order_status", **changes: Any) -> McpTool:
    return McpTool(**{"name": "order", "command": COMMAND, "tool": name, "seconds": 20.0, **changes})


def test_a_program_answers_with_typed_arguments_and_is_gone_after(key: None) -> None:
    found = mcp_tool.call(tool(key="shop"), {"id": "12345"})
    assert found.text == "| status | eta | key |\n| shipped | 2026-11-24 | ••• |"
    assert found.address == COMMAND
    assert not [each for each in psutil.Process().children(recursive=True) if str(SERVER) in " ".join(each.cmdline())]


def test_a_program_that_is_none_is_named() -> None:
    for command in ("/no/such/program", shlex.join([sys.executable, "-c", "print('no protocol')"])):
        with pytest.raises(ToolFailed):
            mcp_tool.call(tool(command=command), {})


def test_a_server_that_hangs_is_given_up_and_ended() -> None:
    began = time.monotonic()
    with pytest.raises(ToolTimedOut):
        mcp_tool.call(tool("sleep", seconds=3.0), {})
    assert time.monotonic() - began < 30  # the tool sleeps for a minute
    assert not [each for each in psutil.Process().children(recursive=True) if str(SERVER) in " ".join(each.cmdline())]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(SERVER), str(port)], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/mcp"
    server.kill()
    server.wait()


def test_a_server_is_reached_over_http(address: str) -> None:
    def there(name: str = "order_status") -> McpTool:
        return tool(name, command="", url=address)

    assert "| shipped |" in mcp_tool.call(there(), {"id": "12345"}).text
    assert "All parcels are late today." in mcp_tool.call(there("note"), {}).text
    assert mcp_tool.parameters(there())["properties"]["id"]["type"] == "integer"
    with pytest.raises(ToolFailed, match="order_status"):
        mcp_tool.call(there(), {"id": "99"})
    with pytest.raises(ToolFailed, match="has no tool “missing”"):
        mcp_tool.call(there("missing"), {})


def test_an_address_within_the_own_network_must_be_meant(address: str) -> None:
    with pytest.raises(ToolRefused, match="private address"):
        mcp_tool.call(tool(command="", url=address.replace("127.0.0.1", socket.gethostname())), {"id": "12345"})
