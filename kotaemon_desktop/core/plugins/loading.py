"""Builds plugins and runs them, in hosts: whatever goes wrong in one is told as its fault, by its name."""

from __future__ import annotations

import contextlib
import importlib
import re
import sys
import traceback
from collections.abc import Generator, Iterator, Mapping
from functools import cache
from typing import Any

from kotaemon_desktop.core.errors import KotaemonError, PluginBroken
from kotaemon_desktop.core.plugins import contract
from kotaemon_desktop.core.plugins.found import Plugin, broken


@contextlib.contextmanager
def blamed(plugin: Plugin, *passed: type[KotaemonError]) -> Generator[None]:
    """Raise PluginBroken for what ``plugin`` does wrong inside; errors of the kinds ``passed`` are not its fault."""
    try:
        yield
    except (PluginBroken, *passed):
        raise
    except Exception as error:
        traceback.print_exception(error, file=sys.stderr)
        raise broken(plugin, f"{type(error).__name__}: {error}") from error


@cache
def load(plugin: Plugin) -> Any:
    """Return the plugin's object, built once in this process. Raises PluginBroken."""
    if plugin.place not in sys.path:
        sys.path.append(plugin.place)
    module, _colon, attribute = plugin.target.partition(":")
    with blamed(plugin):
        if plugin.kind not in contract.KINDS:
            raise TypeError(f"there is no kind {plugin.kind!r}; there are {', '.join(contract.KINDS)}")
        built = getattr(importlib.import_module(module), attribute)()
        if missing := contract.missing(plugin.kind, built):
            raise TypeError(f"{plugin.target} is none of the {plugin.kind}: it lacks {', '.join(missing)}")
    return built


class PluginService:
    """Runs the routes, steps, memories and tools of plugins; lives in the plugins' host."""

    def check(self, plugin: Plugin) -> None:
        """Build ``plugin``, of whatever kind. Raises PluginBroken."""
        load(plugin)

    def call(self, plugin: Plugin, method: str, *arguments: Any) -> Any:
        """Return what ``method`` of the plugin returns. Raises PluginBroken."""
        with blamed(plugin):
            return getattr(load(plugin), method)(*arguments)

    def tool_called_by(self, plugin: Plugin, question: str) -> tuple[dict[str, str], bool] | None:
        """Return what the tool's pattern catches in ``question``, and whether that would leave this machine.

        None where the pattern is not there. Raises PluginBroken.
        """
        with blamed(plugin):
            tool: contract.Tool = load(plugin)
            found = re.search(tool.pattern, question, re.IGNORECASE)
            fields = {name: value for name, value in found.groupdict().items() if value} if found else {}
            return (fields, bool(tool.leaves)) if found else None

    def use_tool(self, plugin: Plugin, fields: Mapping[str, str]) -> str:
        """Return what the tool knows, empty for nothing. Raises PluginBroken."""
        with blamed(plugin):
            told: object = load(plugin).call(**fields)
            if not isinstance(told, str | None):
                raise TypeError(f"call returns {type(told).__name__}")
            return told or ""

    def stream(self, plugin: Plugin, method: str, *arguments: Any) -> Iterator[Any]:
        """Yield what ``method`` of the plugin yields. Raises PluginBroken."""
        with blamed(plugin):
            yield from getattr(load(plugin), method)(*arguments)
