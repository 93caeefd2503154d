"""The command that looks for a newer version."""

from __future__ import annotations

from typing import Any

from kotaemon_desktop import __version__
from kotaemon_desktop.cli.output import DONE, Output, opened
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder


def updates(folder: DataFolder, chosen: Any, output: Output) -> int:  # noqa: ARG001 - it has no options
    """Ask once, now. Raises UpdateError."""
    with opened(folder) as engine:
        found = engine.updates.look()
    if found is None:
        words = _("{version} is the newest version.").format(version=__version__)
        output.result({"version": __version__, "newer": None}, words)
        return DONE
    words = _("Version {version} of {date} is there: {page}")
    output.result(
        {"version": __version__, "newer": found.version, "date": found.date, "page": found.page},
        words.format(version=found.version, date=found.date, page=found.page),
    )
    return DONE
