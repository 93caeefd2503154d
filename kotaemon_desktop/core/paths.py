"""Where things are in the data folder, and the lock that lets one process own it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kotaemon_desktop.core.errors import FolderInUse

ENVIRONMENT = "KOTAEMON_DESKTOP_HOME"
DEFAULT_WORKSPACE = "default"


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The one folder that holds everything. Each workspace but the default has a section of its own below it."""

    root: Path
    workspace: str = DEFAULT_WORKSPACE

    @classmethod
    def find(cls, chosen: str | None = None, workspace: str = DEFAULT_WORKSPACE) -> DataFolder:
        """Return the folder that was ``chosen``, or named by the environment, or the platform's usual place."""
        place = chosen or os.environ.get(ENVIRONMENT) or _usual_place()
        return cls(Path(place).expanduser().absolute(), workspace)

    @property
    def section(self) -> Path:
        """Where this workspace's own files are."""
        return self.root if self.workspace == DEFAULT_WORKSPACE else self.root / "workspaces" / self.workspace

    @property
    def settings(self) -> Path:
        return self.root / "kotaemon.yaml"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def database(self) -> Path:
        return self.section / "library.sqlite3"

    @property
    def vectors(self) -> Path:
        return self.section / "chroma"

    def index(self, embedder: str, engine: str = "chroma") -> Path:
        """Return where ``engine`` keeps its index of ``embedder``'s vectors."""
        return (self.section / "mapped" if engine == "mapped" else self.vectors) / embedder

    def indexes(self, embedder: str) -> tuple[Path, ...]:
        """Return all places where an index of ``embedder``'s vectors may be."""
        return tuple(self.index(embedder, engine) for engine in ("chroma", "mapped"))

    @property
    def caches(self) -> Path:
        """Where sleeping conversations keep what their model has read: derived, like the vectors."""
        return self.section / "caches"

    @property
    def originals(self) -> Path:
        return self.section / "originals"

    def workspaces(self) -> tuple[str, ...]:
        """Return the workspaces that have a library, the default one first."""
        others = sorted(file.parent.name for file in self.root.glob(f"workspaces/*/{self.database.name}"))
        default = (self.root / self.database.name).is_file()
        return (*((DEFAULT_WORKSPACE,) if default else ()), *others)

    def create(self) -> None:
        """Make the folders, private to the user."""
        for folder in (self.root, self.section, self.models, self.logs):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def check_free(self) -> None:
        """Raise FolderInUse if another process has the folder now, before anything is shown of it."""
        self.create()
        self.lock().release()

    def lock(self) -> FolderLock:
        """Take the folder for this process until the returned lock is released. Raises FolderInUse."""
        file = (self.root / ".lock").open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise FolderInUse(folder=str(self.root)) from None
        return FolderLock(file)


def _usual_place() -> str:
    import platformdirs

    return platformdirs.user_data_dir("kotaemon-desktop", appauthor=False)


class FolderLock:
    """Holds a data folder for this process. The operating system lets go of it when the process dies, however it does.

    Of our own because the filelock package brings asyncio into the window: 9 MB and 50 ms of every start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def release(self) -> None:
        """Let another process have the folder."""
        self._file.close()


def _lock(file: BinaryIO) -> None:
    """Lock ``file`` until it is closed. Raises OSError when another process has it."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
