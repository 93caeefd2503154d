"""Where things are in the data folder, and the lock that lets one process own it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.errors import FolderAway, FolderInUse, LibraryUnavailable
from kotaemon_desktop.core.private import FOLDER_MODE, make_private, private_file

ENVIRONMENT = "KOTAEMON_DESKTOP_HOME"
DEFAULT_WORKSPACE = "default"
_NAME = "kotaemon-desktop"
_WORKSPACES = "workspaces"
_LONGEST, _MOST_BYTES = 64, 230  # characters and bytes of a workspace's name; put aside it gets a date, below 255
_LAST = "workspace.txt"  # the one that a window had open last
_LONGEST_ENDING = 16  # characters; the name of a copy must stay below 255 bytes
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)", re.IGNORECASE)  # by Windows
_LOCK = ".lock"
_POINTER = "kept-elsewhere.txt"  # in the usual place: where everything is kept instead


@dataclass(frozen=True, slots=True)
class DataFolder:
    """The one folder that holds everything. Each workspace but the default has a section of its own below it."""

    root: Path
    workspace: str = DEFAULT_WORKSPACE

    @classmethod
    def find(cls, chosen: str | None = None, workspace: str = DEFAULT_WORKSPACE) -> DataFolder:
        """Return the folder that was ``chosen``, or named by the environment, or else the one of a plain start.

        A plain start uses the platform's usual place, or where :meth:`use_from_next_start` has pointed from there.
        """
        place = chosen or os.environ.get(ENVIRONMENT)
        return cls(Path(place).expanduser().absolute() if place else _pointed_to() or _usual_place(), workspace)

    @property
    def section(self) -> Path:
        """Where this workspace's own files are."""
        return self.root if self.workspace == DEFAULT_WORKSPACE else self.root / _WORKSPACES / self.workspace

    @property
    def settings(self) -> Path:
        return self.section / "kotaemon.yaml"

    @property
    def window_state(self) -> Path:
        return self.section / "window.json"

    @property
    def server_key(self) -> Path:
        return self.root / "server.key"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def crashes(self) -> Path:
        """Where reports of crashes are kept."""
        return self.root / "crashes"

    @property
    def database(self) -> Path:
        return self.section / "library.sqlite3"

    @property
    def vectors(self) -> Path:
        return self.section / "chroma"

    @property
    def mapped_vectors(self) -> Path:
        return self.section / "mapped"

    @property
    def plugged_vectors(self) -> Path:
        """Where plugins keep vectors, a folder for each."""
        return self.section / "stores"

    def index(self, embedder: str, engine: str = "chroma") -> Path:
        """Return where ``engine``, as the settings name it, keeps its index of ``embedder``'s vectors."""
        if engine.startswith("plugin."):
            return self.plugged_vectors / engine / embedder
        return (self.mapped_vectors if engine == "mapped" else self.vectors) / embedder

    def indexes(self, embedder: str) -> tuple[Path, ...]:
        """Return all places where an index of ``embedder``'s vectors may be."""
        plugged = (folder.name for folder in self.plugged_vectors.glob("*"))
        return tuple(self.index(embedder, engine) for engine in ("chroma", "mapped", *plugged))

    @property
    def caches(self) -> Path:
        """Where sleeping conversations keep what their model has read: derived, like the vectors."""
        return self.section / "caches"

    @property
    def originals(self) -> Path:
        return self.section / "originals"

    @property
    def removed_workspaces(self) -> Path:
        """Where workspaces are put aside."""
        return self.root / "removed-workspaces"

    @property
    def plugins(self) -> Path:
        """Where packages with plugins may be, beside those of this Python: for installed programs, which have none."""
        return self.root / "plugins"

    @property
    def gpu_pack(self) -> Path:
        """Where an installed program keeps what it needs to compute on a GPU, see gpu_pack."""
        return self.root / "gpu"

    @property
    def update_check(self) -> Path:
        """When a newer version was last looked for, and which was found."""
        return self.root / "update-check.json"

    def workspaces(self) -> tuple[str, ...]:
        """Return the workspaces that have a library, the default one first."""
        names = sorted(file.parent.name for file in self.root.glob(f"{_WORKSPACES}/*/{self.database.name}"))
        default = (self.root / self.database.name).is_file()
        return (*((DEFAULT_WORKSPACE,) if default else ()), *(name for name in names if not name.startswith(".")))

    def opened_last(self) -> DataFolder:
        """Return the workspace that a window had open last, of this folder; this one where that is gone."""
        name = self._last()
        return DataFolder(self.root, name) if name in self.workspaces() else self

    def note_opened(self) -> None:
        """Remember that a window has this workspace open."""
        if self._last() != self.workspace:
            private_file(self.root / _LAST).write_text(self.workspace, "utf-8")

    def _last(self) -> str:
        try:
            return (self.root / _LAST).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return DEFAULT_WORKSPACE

    def is_of_plain_start(self) -> bool:
        """Tell whether a start without a choice uses this folder."""
        return not os.environ.get(ENVIRONMENT) and self.root == (_pointed_to() or _usual_place())

    def use_from_next_start(self, place: Path) -> Path:
        """Let plain starts use ``place`` from now on, or a new folder in it where it holds other things; return which.

        What is here stays here; the settings are copied. Raises OSError where nothing can be written.
        """
        own = any((place / name).exists() for name in (self.settings.name, self.database.name))
        target = place if own or not any(place.iterdir()) else place / _NAME
        target.mkdir(mode=FOLDER_MODE, exist_ok=True)
        if self.settings.is_file() and not (target / self.settings.name).exists():
            (target / self.settings.name).write_bytes(self.settings.read_bytes())
        pointer = _usual_place() / _POINTER
        pointer.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        if target == _usual_place():
            pointer.unlink(missing_ok=True)
        else:
            private_file(pointer).write_text(str(target), "utf-8")
        return target

    def create(self) -> None:
        """Make the folders, and all that is in them, private to the user.

        Raises FolderAway where a drive with the chosen folder is missing, and LibraryUnavailable where nothing can be
        written.
        """
        if not self.root.exists() and self.root == _pointed_to():
            raise FolderAway(folder=str(self.root), pointer=str(_usual_place() / _POINTER))
        with self._named_errors():
            for folder in (self.root, self.section, self.models, self.logs):
                folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
            for folder in {self.root, self.section}:
                make_private(folder, self._is_own)
            private_file(self.root / _LOCK)

    def _is_own(self, name: str) -> bool:
        """Tell whether an entry of the root, or of the section, is one that the program has written."""
        folders = (
            *(self.models, self.logs, self.crashes, self.plugins, self.root / _WORKSPACES, self.removed_workspaces),
            *(self.gpu_pack, self.vectors, self.mapped_vectors, self.plugged_vectors, self.caches, self.originals),
        )
        # and copies and parts beside them
        files = (self.settings, self.database, self.window_state, self.server_key, self.update_check)
        named = {_LOCK, _LAST, _POINTER, *(folder.name for folder in folders)}
        beginnings = (*(f"{file.stem}." for file in files), "restore-", "before-restore-")
        return name in named or name.removeprefix(".").startswith(beginnings)

    def lock(self) -> FolderLock:
        """Make the folders and take them for this process until the returned lock is released.

        A restore that was cut short is finished first: before, nothing may be made that it brings. Raises FolderInUse,
        and what :meth:`create` raises.
        """
        DataFolder(self.root).create()
        file = (self.root / _LOCK).open("ab")
        try:
            _lock(file)
        except OSError:
            file.close()
            raise FolderInUse(folder=str(self.root)) from None
        with ExitStack() as unless_ready:
            lock = unless_ready.enter_context(FolderLock(file))
            with self._named_errors():
                replacing.finish(self.root)
            self.create()
            unless_ready.pop_all()
        return lock

    def settle(self) -> None:
        """Have a restore that was cut short finished, for who reads or writes without the lock. Raises FolderInUse."""
        if replacing.is_decided(self.root):
            self.lock().release()

    @contextmanager
    def _named_errors(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise LibraryUnavailable(folder=str(self.root), detail=error.strerror or str(error)) from error


def _usual_place() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir(_NAME, appauthor=False))


def _pointed_to() -> Path | None:
    """Return the folder that was chosen in place of the usual one, whether it is there now or not."""
    try:
        named = (_usual_place() / _POINTER).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return Path(named) if Path(named).is_absolute() else None


def is_name(text: str) -> bool:
    """Return whether ``text`` can name a workspace: a plain folder name on every platform."""
    if not text or len(text) > _LONGEST or not text.isprintable() or len(text.encode()) > _MOST_BYTES:
        return False
    odd = any(mark in text for mark in '/\\:*?"<>|') or text[0] in ". " or text[-1] in ". "
    return not odd and not _RESERVED.match(text)


class FolderLock:
    """Holds a data folder for this process. The operating system lets go of it when the process dies, however it does.

    Of our own because the filelock package brings asyncio into the window: 9 MB and 50 ms of every start.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

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


def kept_copy(originals: Path, path: Path, sha256: str) -> Path:
    """Return where the copy of an imported file lies; it keeps the ending of its name if that is one."""
    ending = path.suffix if len(path.suffix) <= _LONGEST_ENDING and path.suffix.isascii() else ""
    return originals / f"{sha256}{ending}"
