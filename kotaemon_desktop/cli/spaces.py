"""The command that keeps documents apart: workspaces."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kotaemon_desktop.cli import counts
from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, fail
from kotaemon_desktop.core.errors import NothingThere
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder
from kotaemon_desktop.core.workspaces import Workspaces

_NEEDS = {"list": (False, False), "create": (True, False), "remove": (True, False)}
_WITH_FILE = (True, True)


def workspaces(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List, create, remove, export or import workspaces; ends with the list."""
    if (chosen.name is not None, chosen.file is not None) != _NEEDS.get(chosen.action, _WITH_FILE):
        fail(_("workspaces: list | create NAME | remove NAME | export NAME FILE | import NAME FILE"))
        return WRONG_USAGE
    folder.settle()
    folder.create()
    spaces = Workspaces(folder.root)
    if chosen.action == "export":  # as a backup: the program may be running meanwhile
        spaces.export(chosen.name, chosen.file)
    elif chosen.action != "list":
        with folder.lock():
            _change(spaces, folder, chosen)
    listed = spaces.all()
    output.result(
        {"workspaces": [asdict(each) for each in listed]},
        "\n".join(
            _("{name}: {documents}, {megabytes} MB").format(
                name=each.name, documents=counts.documents(each.documents), megabytes=f"{each.bytes / 2**20:.1f}"
            )
            for each in listed
        ),
    )
    return DONE


def _change(spaces: Workspaces, folder: DataFolder, chosen: Any) -> None:
    if chosen.action == "create":
        spaces.create(chosen.name, folder)
    elif chosen.action == "import":
        spaces.bring(chosen.file, chosen.name)
    else:
        try:
            spaces.remove(chosen.name, DEFAULT_WORKSPACE)
        except KeyError:
            raise NothingThere(folder=str(DataFolder(folder.root, chosen.name).section)) from None
