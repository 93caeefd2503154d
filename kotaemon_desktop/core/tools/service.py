"""What the tools' host does: one call after the other, each by the declaration that comes with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kotaemon_desktop.core import i18n
from kotaemon_desktop.core.settings.tools import Declaration, HttpTool, SqlTool
from kotaemon_desktop.core.tools.result import ToolResult


class ToolService:
    """Calls tools; keeps nothing between two calls. What a kind of tool needs is imported with its first call."""

    def call(self, tool: Declaration, arguments: Mapping[str, str], language: str) -> ToolResult:
        """Call ``tool`` once. Raises ToolError. What is said about its reply is said in ``language``."""
        if language != i18n.language():
            i18n.use_language(language)
        if isinstance(tool, HttpTool):
            from kotaemon_desktop.core.tools import http_tool

            return http_tool.call(tool, arguments)
        if isinstance(tool, SqlTool):
            from kotaemon_desktop.core.tools import sql_tool

            return sql_tool.call(tool, arguments)
        from kotaemon_desktop.core.tools import mcp_tool

        return mcp_tool.call(tool, arguments)

    def parameters(self, tool: Declaration) -> dict[str, Any]:
        """Return what ``tool`` takes, as a JSON Schema that language models read. Raises ToolError."""
        if isinstance(tool, HttpTool):
            from kotaemon_desktop.core.tools import http_tool

            return http_tool.parameters(tool)
        if isinstance(tool, SqlTool):
            from kotaemon_desktop.core.tools import sql_tool

            return sql_tool.parameters(tool)
        from kotaemon_desktop.core.tools import mcp_tool

        return mcp_tool.parameters(tool)
