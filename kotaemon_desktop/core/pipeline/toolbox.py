"""Which tools a question calls, whether they may be called, and calling them."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from kotaemon_desktop.core.errors import ComponentError, PluginMissing
from kotaemon_desktop.core.events import AnswerEvent, Degraded
from kotaemon_desktop.core.i18n import N_, Phrase, language
from kotaemon_desktop.core.outgoing import Errand, Outgoing
from kotaemon_desktop.core.pipeline.plugin_steps import PluginSteps
from kotaemon_desktop.core.plugins.found import PREFIX
from kotaemon_desktop.core.plugins.registry import Plugins
from kotaemon_desktop.core.protocols import Clock, Lender
from kotaemon_desktop.core.records import ToolCall
from kotaemon_desktop.core.residency.names import PLUGINS, TOOLS
from kotaemon_desktop.core.settings.tools import Declaration, McpTool, Tools
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.tools.errors import ToolError, ToolOffline, ToolRefused
from kotaemon_desktop.core.tools.result import ToolResult, plain

_MOST_CALLS = 3  # for one question
_PAUSE = 600.0  # seconds
_GRACE = 10.0  # seconds that a tool has to end by itself before its host is killed


class Toolbox:
    """Knows the declared tools as the settings have them now. Any thread but the window's."""

    def __init__(
        self,
        keeper: Lender,
        settings_file: SettingsFile,
        plugins: Callable[[], Plugins],
        outgoing: Outgoing,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._outgoing = outgoing
        self._keeper = keeper
        self._plugins = plugins
        self._settings_file = settings_file
        self._takes: dict[Declaration, dict[str, Any]] = {}  # JSON Schemas, as the tools' host has told them
        self._left_alone: dict[Declaration, float] = {}  # until then, on the steady clock

    @property
    def settings(self) -> Tools:
        """What is declared and allowed now."""
        return self._settings_file.settings.tools

    def names(self) -> set[str]:
        """Return the names of all tools, those of plugins too."""
        plugins = (PREFIX + plugin.name for plugin in self._plugins().of("tools"))
        return {*(tool.name for tool in self.settings.declared()), *plugins}

    def called_by(self, question: str) -> Generator[AnswerEvent, None, list[ToolCall]]:
        """Return the calls that the patterns of the tools find in ``question``, each once.

        Yields what has to wake for it, and which tools of plugins cannot tell.
        """
        found: dict[tuple[str, str], ToolCall] = {}
        for tool in self.settings.declared():
            for arguments in _found(tool, question):
                call = call_of(tool, arguments)
                found.setdefault((call.tool, call.sent), call)
        plugins = self._plugins()
        steps = PluginSteps(self._keeper, plugins)
        for plugin in plugins.of("tools"):
            yield from steps.waking()
            try:
                told = steps.called(plugin, question)
            except ComponentError as error:
                yield Degraded(error)
                continue
            if told is not None:
                call = ToolCall(PREFIX + plugin.name, plugin.name, plugin.package, *told)
                found.setdefault((call.tool, call.sent), call)
        return list(found.values())[:_MOST_CALLS]

    def offered(self) -> list[Declaration]:
        """Return the tools that no pattern calls and that may be called: a language model may choose them.

        Without those that are left alone for a while.
        """
        tools, now = self.settings, self._clock.monotonic()
        able = (each for each in tools.declared() if not each.match and (tools.network or not each.leaves))
        return [each for each in able if self._left_alone.get(each, now) <= now]

    def leave_alone(self, tool: Declaration) -> None:
        """Do not offer ``tool`` for a while: it could not be described, or a person does not want it contacted."""
        self._left_alone[tool] = self._clock.monotonic() + _PAUSE

    def is_contacted(self, tool: Declaration) -> bool:
        """Tell whether describing ``tool`` contacts what it calls: only an MCP server knows what it takes."""
        return isinstance(tool, McpTool) and tool not in self._takes

    def described(self, tool: Declaration) -> dict[str, Any]:
        """Return what a language model has to know of ``tool``. Raises ToolError or ComponentError."""
        if self.is_contacted(tool):
            self._note(tool.leaves, tool.place)
        if tool not in self._takes:
            with self._keeper.lease(TOOLS) as lease:
                self._takes[tool] = lease.call("parameters", tool, timeout=tool.seconds + _GRACE)
        function = {"name": tool.name, "description": tool.about or tool.label, "parameters": self._takes[tool]}
        return {"type": "function", "function": function}

    def chosen(self, made: Iterable[tuple[str, dict[str, str]]]) -> list[ToolCall]:
        """Return the calls of offered tools among those that a model has ``made``, each once."""
        offered = {tool.name: tool for tool in self.offered()}
        calls = [call_of(offered[name], given, by_model=True) for name, given in made if name in offered]
        return list({(call.tool, call.sent): call for call in calls}.values())[:_MOST_CALLS]

    def is_allowed(self, call: ToolCall) -> bool:
        """Tell whether ``call`` may be made without asking. Raises ToolOffline if it may not be made at all."""
        if call.leaves and not self.settings.network:
            raise ToolOffline(tool=call.title, place=call.place)
        return call.permission in self.settings.allowed

    def allow(self, permission: str) -> None:
        """Allow what has this permission (see :class:`ToolCall`) from now on."""
        if permission not in self.settings.allowed:
            self._settings_file.change("tools", "allowed", (*self.settings.allowed, permission))

    def forbid(self, permission: str) -> None:
        """Ask again before what has this permission."""
        kept = tuple(each for each in self.settings.allowed if each != permission)
        self._settings_file.change("tools", "allowed", kept)

    def host_of(self, call: ToolCall) -> str:
        """Return the component that makes ``call``."""
        return PLUGINS if call.tool.startswith(PREFIX) else TOOLS

    def call(self, call: ToolCall) -> ToolResult:
        """Make ``call`` in its host. Raises ToolError or ComponentError."""
        self._note(call.leaves, call.place)
        if call.tool.startswith(PREFIX):
            return self._of_plugin(call)
        # Whoever was asked has allowed what was declared then.
        agreed = (each for each in self.settings.declared() if (each.name, each.place) == (call.tool, call.place))
        if (tool := next(agreed, None)) is None:
            raise ToolRefused(tool=call.title, detail=Phrase(N_("its declaration has changed meanwhile")))
        with self._keeper.lease(TOOLS) as lease:
            try:
                return lease.call("call", tool, call.arguments, language(), timeout=tool.seconds + _GRACE)
            except ToolError as error:  # people know it by its title
                raise type(error)(**error.facts | {"tool": call.title}) from error

    def _note(self, leaves: bool, place: str) -> None:
        if leaves:
            self._outgoing.note(Errand.TOOL, place)

    def _of_plugin(self, call: ToolCall) -> ToolResult:
        plugins = self._plugins()
        plugin = plugins.find("tools", call.tool.removeprefix(PREFIX))
        if plugin is None:
            raise PluginMissing(kind="tools", name=call.title)
        return ToolResult(plugin.label, plain(PluginSteps(self._keeper, plugins).told(plugin, call.arguments)))


def call_of(tool: Declaration, arguments: dict[str, str] | None = None, *, by_model: bool = False) -> ToolCall:
    """Return the call of ``tool`` with ``arguments``."""
    return ToolCall(tool.name, tool.label, tool.place, arguments or {}, tool.leaves, by_model)


def _found(tool: Declaration, question: str) -> Iterator[dict[str, str]]:
    for pattern in tool.match:
        for match in re.finditer(pattern, question, re.IGNORECASE):
            yield {name: value.strip() for name, value in match.groupdict().items() if value}
