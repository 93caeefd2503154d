"""The commands that open the window: the program itself, and its demonstration."""

from __future__ import annotations

import importlib
from typing import Any

from kotaemon_desktop import system_check
from kotaemon_desktop.cli.output import DONE, FAILED, Output, fail
from kotaemon_desktop.core import handover
from kotaemon_desktop.core.paths import DataFolder


def window(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - one signature for all commands
    """Open the window with the files that were named, or give them to the one that is open already."""
    paths = tuple(chosen.paths)
    folder.settle()
    if chosen.workspace is None:
        folder = folder.opened_last()
    if handover.hand_over(folder, handover.Request(paths, raises=not chosen.minimised)):
        return DONE
    trouble = system_check.problem()
    if trouble is not None:
        fail(trouble)
        return FAILED
    # By name: the commands must run where Qt is not installed.
    return importlib.import_module("kotaemon_desktop.app").run(folder, imports=paths, minimised=chosen.minimised)


def demo(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001
    """Show the program with sample documents; it uses a folder of its own, not ``folder``."""
    return importlib.import_module("kotaemon_desktop.demo").run(output)
