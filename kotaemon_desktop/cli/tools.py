"""The command that shows tools and what they are allowed: tools."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from kotaemon_desktop.cli.output import DONE, FAILED, WRONG_USAGE, Output, fail, opened
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.keychain import Keychain
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.pipeline.toolbox import call_of
from kotaemon_desktop.core.tools import keys
from kotaemon_desktop.core.tools.errors import NoSuchTool


def tools(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List tools, allow or forbid one for good, or set a key that tools send; ends with the list."""
    if (chosen.action == "list") is (chosen.name is not None):
        fail(_("tools: list | allow NAME | forbid NAME | key NAME (the key itself is read from standard input)"))
        return WRONG_USAGE
    if chosen.action == "key":
        return _set_key(chosen.name, output)
    with opened(folder) as engine:
        toolbox = engine.questions.tools
        calls = {tool.name: call_of(tool) for tool in toolbox.settings.declared()}
        if chosen.action != "list":
            if chosen.name not in calls:
                raise NoSuchTool(tool=chosen.name)
            change = toolbox.allow if chosen.action == "allow" else toolbox.forbid
            change(calls[chosen.name].permission)
        allowed, network = toolbox.settings.allowed, toolbox.settings.network
    listed = [
        {
            "name": call.tool,
            "title": call.title,
            "place": call.place,
            "leaves": call.leaves,
            "allowed": call.permission in allowed,
            "usable": network or not call.leaves,
        }
        for call in calls.values()
    ]
    output.result({"tools": listed}, "\n".join(map(_line, listed)) or _("No tools are declared."))
    return DONE


def _line(tool: dict[str, Any]) -> str:
    if not tool["usable"]:
        state = _("off: tools may not use the network")
    else:
        state = _("allowed") if tool["allowed"] else _("asks first")
    return f"{tool['name']}  {tool['title']}  {tool['place']}  ({state})"


def _set_key(name: str, output: Output) -> int:
    """Read the key from standard input, which no list of processes shows; an empty one is forgotten."""
    key = getpass.getpass(_("Key: ")) if sys.stdin.isatty() else sys.stdin.readline().strip()
    if not Keychain().set(keys.entry(name), key):
        fail(_("There is no keyring here that keeps it."))
        return FAILED
    output.result({"key": name, "kept": bool(key)}, _("Kept.") if key else _("Forgotten."))
    return DONE
