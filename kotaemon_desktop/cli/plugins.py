"""The command that lists plugins."""

from __future__ import annotations

from typing import Any

from kotaemon_desktop.cli.output import DONE, FAILED, Output, Result, opened
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.plugins.registry import Listed, State

_STATES = {State.ON: N_("works"), State.OFF: N_("off"), State.BROKEN: N_("broken")}


def plugins(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - it has no options
    """Try each plugin in a host and list them; fails when one is broken."""
    with opened(folder) as engine:
        from kotaemon_desktop.core.pipeline import plugin_steps

        found = plugin_steps.check(engine.keeper, engine.plugins)
    lines = "\n".join(map(_line, found)) or _("No package brings plugins.")
    output.result({"plugins": [_result(each) for each in found]}, lines)
    return FAILED if any(each.state is State.BROKEN for each in found) else DONE


def _line(each: Listed) -> str:
    plugin = each.plugin
    line = f"{plugin.kind:<12}{plugin.name:<20}{plugin.package} {plugin.version}  {_(_STATES[each.state])}"
    return f"{line}: {each.reason}" if each.reason else line


def _result(each: Listed) -> Result:
    plugin = each.plugin
    return {
        "kind": plugin.kind,
        "name": plugin.name,
        "package": plugin.package,
        "version": plugin.version,
        "state": each.state.value,
        "reason": each.reason,
    }
