"""Workspaces: sections of the data folder with documents, index, conversations and settings of their own."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.errors import WorkspaceInUse, WorkspaceNamed
from kotaemon_desktop.core.paths import DEFAULT_WORKSPACE, DataFolder, is_name

if TYPE_CHECKING:
    from kotaemon_desktop.core.storage.backup import BackupReport, RestoreReport

_KEPT_SECONDS: Final = 30 * 86400.0  # as long as removed documents can be brought back
_GOING: Final = "."  # before the name of a removed workspace that is being deleted
_SHARED: Final = frozenset({"models", "logs", "crashes", "plugins", "workspaces", "removed-workspaces"})


@dataclass(frozen=True, slots=True)
class Workspace:
    """What is to be told of a workspace. ``bytes``: on disk, with its index."""

    name: str
    documents: int
    bytes: int


class Workspaces:
    """Makes, removes and moves the workspaces of one data folder, of which the caller holds the lock.

    Models are shared by all: they say nothing of anybody's documents.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def all(self) -> list[Workspace]:
        """Return all workspaces, the default one first, there or not."""
        names = [name for name in DataFolder(self._root).workspaces() if name != DEFAULT_WORKSPACE]
        return [self._look(DataFolder(self._root, name)) for name in (DEFAULT_WORKSPACE, *names)]

    def create(self, name: str, like: DataFolder) -> DataFolder:
        """Make an empty workspace with the settings of ``like``. Raises WorkspaceNamed."""
        from kotaemon_desktop.core.storage.database import Database

        made = self._free(name)
        staging = replacing.unpacking(self._root)  # half of a workspace is none, and keeps no name from the next one
        for file in (like.settings, like.window_state):
            if file.is_file():
                shutil.copy2(file, staging / file.name)
        Database(staging / made.database.name).close()
        replacing.replace(self._root, made.section)
        return made

    def remove(self, name: str, opened: str) -> Path:
        """Put a workspace aside for thirty days and return where it is. Raises WorkspaceInUse for the default one and
        for the one that is ``opened``, KeyError where there is none.
        """
        if name in {DEFAULT_WORKSPACE, opened}:
            raise WorkspaceInUse(name=name)
        if name not in DataFolder(self._root).workspaces():
            raise KeyError(name)
        aside = DataFolder(self._root).removed_workspaces / f"{name} {time.strftime('%Y-%m-%d %H%M%S')}"
        aside.parent.mkdir(mode=0o700, exist_ok=True)
        section = DataFolder(self._root, name).section
        section.touch()  # the thirty days begin now
        section.rename(aside)
        return aside

    def purge(self, now: float) -> None:
        """Delete what was removed more than thirty days before ``now``, in seconds since the epoch."""
        for aside in DataFolder(self._root).removed_workspaces.glob("*"):
            if aside.name.startswith(_GOING):
                shutil.rmtree(aside, ignore_errors=True)
            elif aside.stat().st_mtime < now - _KEPT_SECONDS:
                # Of what is deleted piece by piece, no rest may look whole or as if it had been put aside just now.
                shutil.rmtree(aside.rename(aside.with_name(_GOING + aside.name)), ignore_errors=True)

    def export(self, name: str, target: Path) -> BackupReport:
        """Write one workspace to the file ``target``, see :func:`backup.backup_section`; it may be in use meanwhile."""
        from kotaemon_desktop.core.storage import backup

        return backup.backup_section(DataFolder(self._root, name), target)

    def bring(self, source: Path, name: str) -> RestoreReport:
        """Make the workspace ``name`` of an exported one. Raises WorkspaceNamed, BackupInvalid or DiskFull."""
        from kotaemon_desktop.core.storage import backup

        return backup.restore(source, self._free(name))

    def _free(self, name: str) -> DataFolder:
        name = name.strip()
        made = DataFolder(self._root, name)
        if not is_name(name) or name == DEFAULT_WORKSPACE or made.database.exists():
            raise WorkspaceNamed(name=name)
        return made

    def _look(self, folder: DataFolder) -> Workspace:
        shared = _SHARED if folder.workspace == DEFAULT_WORKSPACE else ()
        own = [each for each in folder.section.glob("*") if each.name not in shared]
        files = [file for each in own for file in (each.rglob("*") if each.is_dir() else [each]) if file.is_file()]
        return Workspace(folder.workspace, _documents(folder.database), sum(file.stat().st_size for file in files))


def _documents(library: Path) -> int:
    """Return how many documents can be searched, as :meth:`Library.counts` does, without opening the library."""
    if not library.is_file():
        return 0
    with closing(sqlite3.connect(f"{library.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(
                "SELECT count(*) FROM documents WHERE removed_at IS NULL AND state != 'failed'"
            ).fetchone()[0]
        except sqlite3.Error:  # from before there were documents, or damaged: the one who opens it is told
            return 0
