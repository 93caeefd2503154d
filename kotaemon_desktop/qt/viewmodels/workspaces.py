"""What the workspaces page shows and does: the list, making, removing, exporting and bringing one in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.workspaces import Workspace, Workspaces
from kotaemon_desktop.qt.workers import Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine

T = TypeVar("T")


class WorkspacesModel(QObject):
    """Owns the list that is shown; lives in the GUI thread, works on the browsing lane.

    Signals: ``changed()``: ``workspaces`` is new. ``removed(Path)``: where one was put. ``exported(Path)``: to which
    file. ``failed(Exception)``.
    """

    changed = Signal()
    removed = Signal(object)
    exported = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.workspaces: list[Workspace] = []
        self.opened = engine.folder.workspace
        self._folder = engine.folder
        self._spaces = Workspaces(engine.folder.root)
        self._lanes = lanes

    def refresh(self) -> None:
        """Look again."""
        self._lanes.call("browsing", self._spaces.all, on_result=self._take, on_error=self.failed.emit)

    def create(self, name: str) -> None:
        """Make an empty workspace with the settings of the open one."""
        self._do(lambda: self._spaces.create(name, self._folder), lambda _made: None)

    def remove(self, name: str) -> None:
        """Put a workspace aside; it can be found there for thirty days."""
        self._do(lambda: self._spaces.remove(name, self.opened), self.removed.emit)

    def export(self, name: str, target: Path) -> None:
        """Write a workspace to one file."""
        self._do(lambda: self._spaces.export(name, target), lambda _report: self.exported.emit(target))

    def bring(self, source: Path, name: str) -> None:
        """Make a workspace of an exported one."""
        self._do(lambda: self._spaces.bring(source, name), lambda _report: None)

    def _do(self, what: Callable[[], T], then: Callable[[T], object]) -> None:
        def done(result: T) -> None:
            then(result)
            self.refresh()

        self._lanes.call("browsing", what, on_result=done, on_error=self.failed.emit)

    def _take(self, workspaces: list[Workspace]) -> None:
        self.workspaces = workspaces
        self.changed.emit()
