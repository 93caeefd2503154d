"""Keeps what the program writes to the user alone, whatever the umask says and whatever was there before."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

FOLDER_MODE: Final = 0o700
_FILE_MODE: Final = 0o600
_OTHERS: Final = 0o077


def private_file(file: Path) -> Path:
    """Make ``file``, if it is not there, readable for nobody else before anything is written to it; return it.

    SQLite gives the files beside a library the library's own mode.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT, _FILE_MODE))
    return file


def make_private(root: Path, is_own: Callable[[str], bool]) -> None:
    """Take from other users what earlier versions or a copying tool have let them see of a data folder.

    Only the top is walked: below a private folder nobody gets any further. A folder that holds other things as well
    was not made for the program alone: it is left as it is, and only what ``is_own`` by its name is mended in it.
    """
    if sys.platform == "win32":  # there the user's own profile is private by inheritance
        return
    entries = list(os.scandir(root))
    ours = [entry for entry in entries if is_own(entry.name)]
    with contextlib.suppress(OSError):  # a read-only disk, or a folder of somebody else's: what cannot be, need not be
        for entry in ours:
            _mend(entry.path, entry.stat(follow_symlinks=False).st_mode)
        if len(ours) == len(entries):
            _mend(str(root), root.stat().st_mode)


def _mend(path: str, mode: int) -> None:
    if mode & _OTHERS and not stat.S_ISLNK(mode):
        os.chmod(path, stat.S_IMODE(mode) & ~_OTHERS)  # noqa: PTH101 - entries of scandir are strings
