"""Builds the embedder from its weights with the program's own builder, for an installed program to bring along.

Run with: python packaging/finish_embedder.py FOLDER   (a model is a folder in there)
"""

from __future__ import annotations

import sys
from pathlib import Path

from kotaemon_desktop.core.models.embedded import ID, BuilderService


def main() -> None:
    """Build it anew: what an earlier build left may be of another version of the builder."""
    folder = Path(sys.argv[1])
    for _progress in BuilderService(str(folder)).build():
        pass
    size = sum(file.stat().st_size for file in (folder / ID).rglob("*") if file.is_file())
    print(f"{ID}: {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
