"""The command that lists plugins."""

from __future__ import annotations

from typing import Any

from kotaemon_desktop.cli.output import DONE, FAILED, Output, Result, opened, table
from kotaemon_desktop.core.component_names import plugin_kind_name
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.plugins.registry import Listed, State

_STATES = {State.ON: N_("works"), State.OFF: N_("off"), State.BROKEN: N_("broken")}


def plugins(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - it has no options
    """Try each plugin in a host and list them; fails when one is broken."""
    with opened(folder) as engine:
        from kotaemon_desktop.core.pipeline import plugin_steps

        found = plugin_steps.check(engine.keeper, engine.plugins)
    lines = table(list(map(_line, found))) if found else _("No package brings plugins.")
    output.result({"plugins": [_result(each) for each in found]}, lines)
    return FAILED if any(each.state is State.BROKEN for each in found) else DONE


def _line(each: Listed) -> tuple[str, ...]:
    plugin = each.plugin
    state = _(_STATES[each.state])
    if each.reason:
        state = _("{what}: {told}").format(what=state, told=each.reason)
    return plugin_kind_name(plugin.kind), plugin.name, f"{plugin.package} {plugin.version}", state


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
