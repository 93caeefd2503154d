"""Opens out the files and folders that a person chose into the list of files to import; light enough for the window."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS = frozenset(
    ".pdf .docx .docm .dotx .rtf .odt .pptx .pptm .ppsx .odp .xlsx .xlsm .xlsb .xls .ods .csv .tsv .html .htm .xhtml "
    ".mht .mhtml .epub .eml .zip .md .markdown .txt .text .rst .log".split()
)
"""What the import of a folder picks up. A file that is named itself is always taken: its content decides.
"""

PICTURES = frozenset(".png .jpg .jpeg .tif .tiff .webp .bmp".split())
"""What it picks up as well where there is text recognition; else a folder of pictures would be a list of failures."""


@dataclass(frozen=True, slots=True)
class Selected:
    """The ``files`` to import, and how many others of each ending (empty where a name has none) lie beside them."""

    files: list[Path]
    left_out: Counter[str]


def expand(paths: Iterable[str | Path], endings: frozenset[str] = EXTENSIONS) -> Selected:
    """Return the files to import: absolute, each once, in the order in which they were named, folders sorted.

    Folders are opened out to any depth; hidden files and folders, office lock files, links that lead in a circle and
    anything that is not a plain file are left out. A path that was named itself stays in the list even when it cannot
    be read, so that its error is reported. ``endings`` are those of the files that folders give.
    """
    found: dict[Path, None] = {}
    left_out = Counter[str]()
    for path in paths:
        chosen = Path(path).expanduser().absolute()
        if not chosen.is_dir():
            found[chosen] = None
            continue
        for file in _files_below(chosen):
            ending = file.suffix.lower()
            if ending in endings:
                if _is_plain(file):
                    found[file] = None
            elif file not in found:
                left_out[ending] += 1
    return Selected(list(found), left_out)


def _files_below(folder: Path) -> Iterator[Path]:
    entered: set[tuple[int, int]] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        try:
            details = Path(place).stat()
        except OSError:  # gone while we looked
            continue
        if (details.st_dev, details.st_ino) in entered:
            folders.clear()  # a link has led back here
            continue
        entered.add((details.st_dev, details.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith((".", "~$")):
                yield Path(place, name)


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except OSError:
        return False
