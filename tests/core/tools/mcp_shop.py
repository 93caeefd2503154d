"""An MCP server, run as a program: over its standard streams, or at a port that is named."""

from __future__ import annotations

import os
import sys
import time

from mcp.server.mcpserver import MCPServer

server = MCPServer("shop")


@server.tool()
def order_status(id: int) -> dict[str, str]:  # noqa: A002
    """Tells how far an order is."""
    if id != 12345:
        raise ValueError(f"no order {id}")
    return {"status": "shipped", "eta": "2026-11-24", "key": os.environ.get("MCP_KEY", "")}


@server.tool()
def note() -> str:
    """Says something."""
    return "All parcels are late today."


@server.tool()
def sleep() -> str:
    """Takes too long."""
    time.sleep(60)
    return "awake"


if __name__ == "__main__":
    if len(sys.argv) > 1:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[1]))
    else:
        server.run("stdio")
