"""Watched folders: which they are, and what was in them when they were last looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Final

from kotaemon_desktop.core.records import WatchedFolder
from kotaemon_desktop.core.storage.database import Database

_LISTED: Final = """
SELECT path, ignored, identity,
    (SELECT count(*) FROM documents WHERE removed_at IS NULL AND state != 'failed'
     AND substr(documents.path, 1, length(watched_folders.path) + 1) = watched_folders.path || ?)
FROM watched_folders ORDER BY path
"""


class WatchedFolders:
    """Owns what the watched_folders and watched_files tables mean. Keeps no state of its own: any thread may use it."""

    def __init__(self, database: Database, separator: str) -> None:
        """``separator`` stands between the parts of a path on this system."""
        self._database = database
        self._separator = separator

    def all(self) -> list[WatchedFolder]:
        """Return the watched folders by path, each with the number of its documents that can be searched."""
        rows = self._database.fetch(_LISTED, (self._separator,))
        return [WatchedFolder(row[0], tuple(row[1].splitlines()), row[2], row[3]) for row in rows]

    def watch(self, path: str, ignored: Iterable[str] = ()) -> None:
        """Watch a folder from now on, or change the patterns of names and paths below it that are ``ignored``."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO watched_folders (path, ignored) VALUES (?1, ?2)"
                " ON CONFLICT (path) DO UPDATE SET ignored = ?2",
                (path, "\n".join(ignored)),
            )

    def stop(self, path: str) -> None:
        """Watch a folder no more; its documents stay in the library."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM watched_folders WHERE path = ?", (path,))

    def seen(self, folder: str) -> dict[str, tuple[int, float]]:
        """Return (bytes, time of the last change) of each file that was seen in ``folder``, by path."""
        rows = self._database.fetch("SELECT path, size, modified_at FROM watched_files WHERE folder = ?", (folder,))
        return {row[0]: (row[1], row[2]) for row in rows}

    def note(self, folder: str, identity: str, files: Mapping[str, tuple[int, float]]) -> None:
        """Remember these files as seen, and the folder as the one that ``identity`` names."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE watched_folders SET identity = ? WHERE path = ?", (identity, folder))
            connection.executemany(
                "INSERT INTO watched_files (folder, path, size, modified_at)"
                " SELECT path, ?2, ?3, ?4 FROM watched_folders WHERE path = ?1"
                " ON CONFLICT (folder, path) DO UPDATE SET size = excluded.size, modified_at = excluded.modified_at",
                ((folder, path, size, modified_at) for path, (size, modified_at) in files.items()),
            )

    def forget(self, folder: str, paths: Iterable[str]) -> None:
        """Forget files that are gone."""
        with self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM watched_files WHERE folder = ? AND path IN (SELECT value FROM json_each(?))",
                (folder, json.dumps(list(paths))),
            )
