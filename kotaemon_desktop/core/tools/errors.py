"""Why a tool has given nothing. The answer goes on from the documents and says so."""

from __future__ import annotations

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.errors import KotaemonError
from kotaemon_desktop.core.i18n import N_


class ToolError(KotaemonError):
    """A tool was not called, or gave nothing. Fact: ``tool``."""

    template = N_("The tool “{tool}” gave no result.")


class NoSuchTool(ToolError):
    """Somebody has named a tool that is neither declared nor a plugin's. Fact: ``tool``."""

    template = N_("There is no tool “{tool}”.")


class ToolRefused(ToolError):
    """It was not called, or not to its end: what was asked breaks its rules. Facts: ``tool``, ``detail``."""

    template = N_("The tool “{tool}” was stopped: {detail}.")


class ToolFailed(ToolError):
    """What it called did not do it. Facts: ``tool``, ``detail``."""

    template = N_("The tool “{tool}” failed: {detail}.")


class ToolTimedOut(ToolError):
    """Facts: ``tool``, ``seconds``."""

    template = N_("The tool “{tool}” gave no reply within {seconds:g} s.")


class ToolPartMissing(ToolError):
    """Facts: ``tool``, ``part``: the Python package."""

    template = N_("The tool “{tool}” needs a part that is not installed ({part}). {installing}")

    def shown_facts(self) -> dict[str, object]:
        return {**self.facts, "installing": extras.advice("tools")}


class ToolNotAllowed(ToolError):
    """Nobody has allowed it. Facts: ``tool``, ``place``."""

    template = N_("The tool “{tool}” was not called: nobody has allowed it to ask {place}.")
    advice = N_("Allow it when the window asks, or on the command line with --allow-tool.")


class ToolOffline(ToolError):
    """Facts: ``tool``, ``place``."""

    template = N_("The tool “{tool}” was not called: it would ask {place}, and tools may not use the network.")
    advice = N_("Allow it in the settings (tools: network).")


class ToolFoundNothing(ToolError):
    """It has answered, and holds nothing of this. Facts: ``tool``, ``sent``."""

    template = N_("The tool “{tool}” found nothing for {sent}.")
