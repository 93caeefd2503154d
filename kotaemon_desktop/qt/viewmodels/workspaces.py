"""What the workspaces page shows and does: the list, making, removing, exporting and bringing one in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.i18n import N_
from kotaemon_desktop.core.workspaces import Workspace, Workspaces
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

T = TypeVar("T")


class WorkspacesModel(QObject):
    """Owns the list that is shown; lives in the GUI thread, works on a lane of its own: an export can take minutes.

    Signals: ``changed()``: ``workspaces`` is new. ``busy_changed()``: ``doing`` is new. ``removed(Path)``: where one
    was put. ``exported(Path)``: to which file. ``failed(Exception)``.
    """

    changed = Signal()
    busy_changed = Signal()
    removed = Signal(object)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspaces: list[Workspace] = []
        self.doing = ""  # what is under way, for people; empty: nothing
        self.opened = engine.folder.workspace
        self._folder = engine.folder
        self._spaces = Workspaces(engine.folder.root)
        self._lanes = lanes

    def refresh(self) -> None:
        """Look again."""
        self._lanes.call("workspaces", self._spaces.all, on_result=self._take, on_error=self.failed.emit)

    def create(self, name: str) -> None:
        """Make an empty workspace with the settings of the open one."""
        self._do(N_("Creating…"), lambda: self._spaces.create(name, self._folder), lambda _made: None)

    def remove(self, name: str) -> None:
        """Put a workspace aside; it can be found there for thirty days."""
        self._do(N_("Removing…"), lambda: self._spaces.remove(name, self.opened), self.removed.emit)

    def export(self, name: str, target: Path) -> None:
        """Write a workspace to one file."""
        work = partial(self._spaces.export, name, target)
        self._do(N_("Exporting…"), work, lambda _report: self.exported.emit(target))

    def bring(self, source: Path, name: str) -> None:
        """Make a workspace of an exported one."""
        self._do(N_("Importing…"), lambda: self._spaces.bring(source, name), lambda _report: None)

    def _do(self, doing: str, what: Callable[[], T], then: Callable[[T], object]) -> None:
        def done(result: T) -> None:
            self._be_busy("")
            then(result)
            self.refresh()

        def fail(error: Exception) -> None:
            self._be_busy("")
            self.failed.emit(error)

        self._be_busy(doing)
        self._lanes.call("workspaces", what, on_result=done, on_error=fail)

    def _be_busy(self, doing: str) -> None:
        self.doing = doing
        self.busy_changed.emit()

    def _take(self, workspaces: list[Workspace]) -> None:
        self.workspaces = workspaces
        self.changed.emit()
