"""Lists the files below a watched folder with their sizes and times; light enough for the window."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

Stamp = tuple[int, float]  # bytes, and seconds since the epoch of the last change


@dataclass(slots=True)
class Listing:
    """What is below ``folder`` now. ``identity`` tells a mount from the empty folder that it leaves when it goes."""

    folder: str
    identity: str
    files: dict[str, Stamp] = field(default_factory=dict[str, Stamp])
    unreadable: list[str] = field(default_factory=list[str])  # folders below it of which nothing is known

    def knows(self, path: str) -> bool:
        """Whether a file that is not listed is really not there."""
        return not any(path.startswith(folder + os.sep) for folder in self.unreadable)


def listing(folder: str, wanted: frozenset[str], ignored: Sequence[str] = ()) -> Listing:
    """List the files below ``folder`` whose ending is ``wanted``; links to folders are not followed.

    Hidden files and folders, office lock files and what an ``ignored`` pattern fits (a name, or a path below the
    folder, with * and ?) are left out. Raises OSError when the folder itself cannot be read.
    """
    details = Path(folder).stat()
    listed = Listing(folder, f"{details.st_dev}:{details.st_ino}")
    with os.scandir(folder) as entries:  # the first one may raise: the folder is away
        waiting = _sorted_in(list(entries), listed, wanted, ignored)
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(place) as entries:
                waiting += _sorted_in(list(entries), listed, wanted, ignored)
        except OSError:
            listed.unreadable.append(place)
    return listed


def _sorted_in(
    entries: Sequence[os.DirEntry[str]], listed: Listing, wanted: frozenset[str], ignored: Sequence[str]
) -> list[str]:
    """Note the files among ``entries`` and return the folders."""
    folders: list[str] = []
    for entry in entries:
        name = entry.name
        if name.startswith((".", "~$")) or (ignored and _fits(entry.path[len(listed.folder) + 1 :], name, ignored)):
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif f".{name.rpartition('.')[2].lower()}" in wanted and entry.is_file():
                details = entry.stat()
                listed.files[entry.path] = (details.st_size, details.st_mtime)
        except OSError:  # gone, or not to be asked now
            listed.unreadable.append(entry.path)
    return folders


def _fits(path: str, name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) or fnmatch(path, pattern) for pattern in patterns)
