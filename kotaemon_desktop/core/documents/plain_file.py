"""Takes what a person named for a file only if it is one: a pipe or a device could be read for ever, or never."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kotaemon_desktop.core.errors import NoFile
from kotaemon_desktop.core.i18n import N_, Phrase

_KINDS = {
    stat.S_IFDIR: N_("a folder"),
    stat.S_IFIFO: N_("a pipe between programs"),
    stat.S_IFSOCK: N_("a socket of a program"),
    stat.S_IFCHR: N_("a device"),
    stat.S_IFBLK: N_("a device"),
}


def details_of(path: Path) -> os.stat_result:
    """Return size and times of a file. Raises NoFile or OSError."""
    details = path.stat()
    kind = stat.S_IFMT(details.st_mode)
    if kind in _KINDS:
        raise NoFile(name=path.name, kind=Phrase(_KINDS[kind]))
    return details
