"""How the system's own program for PDF files is told to open one at a page, where it can be told."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

_PATIENCE: Final = 2.0  # seconds for the desktop to name its program
# Arguments by the name of the program, as its desktop entry spells it; {page} is 1-based, {uri} has the page in it.
_ARGUMENTS: Final = {
    "evince": ("--page-label={page}", "{path}"),
    "papers": ("--page-label={page}", "{path}"),
    "xreader": ("--page-label={page}", "{path}"),
    "atril": ("--page-label={page}", "{path}"),
    "okular": ("--page", "{page}", "{path}"),
    "zathura": ("--page={page}", "{path}"),
    "qpdfview": ("{path}#{page}",),
    "xpdf": ("{path}", "{page}"),
    "firefox": ("{uri}",),
    "chromium": ("{uri}",),
    "google-chrome": ("{uri}",),
    "microsoft-edge": ("{uri}",),
    "brave-browser": ("{uri}",),
}


def command(path: Path, page: int | None) -> tuple[str, ...]:
    """Return the command that opens ``path`` at ``page``; empty where the system is better asked to open the file.

    Blocks up to two seconds. Knows the usual programs of Linux desktops; other systems pass no page on.
    """
    if page is None or path.suffix.lower() != ".pdf" or not sys.platform.startswith("linux"):
        return ()
    entry = _default_program()
    name = next((known for known in _ARGUMENTS if known in entry), "")
    program = shutil.which(name) if name else None
    if program is None:
        return ()
    uri = f"{path.absolute().as_uri()}#page={page}"
    return (program, *(part.format(page=page, path=path, uri=uri) for part in _ARGUMENTS[name]))


def _default_program() -> str:
    """Return the desktop entry that opens PDF files, in small letters; empty when the desktop does not say."""
    asking = shutil.which("xdg-mime")
    if asking is None:
        return ""
    try:
        said = subprocess.run(
            [asking, "query", "default", "application/pdf"], capture_output=True, timeout=_PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return said.stdout.decode(errors="replace").strip().lower()
