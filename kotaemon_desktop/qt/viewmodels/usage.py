"""What the usage page shows and does: a report for a period, saving it, and taking a suggestion."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from kotaemon_desktop.core.storage.usage_report import Period, UsageReport, write_csv
from kotaemon_desktop.core.usage import usage_report
from kotaemon_desktop.qt.workers import Job, Lanes

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


class UsageModel(QObject):
    """Owns the report that is shown; lives in the GUI thread, works on the browsing lane.

    Signals: ``changed()``: ``report`` is new. ``saved(Path)``: a CSV file was written. ``failed(Exception)``.
    """

    changed = Signal()
    saved = Signal(object)
    failed = Signal(object)

    def __init__(self, engine: Engine, lanes: Lanes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.period = Period.WEEK
        self.workspace = engine.folder.workspace
        self.report: UsageReport | None = None
        self._engine = engine
        self._lanes = lanes
        self._job: Job | None = None

    def show_period(self, period: Period) -> None:
        """Report on ``period`` from now on."""
        self.period = period
        self.refresh()

    @property
    def workspaces(self) -> tuple[str, ...]:
        """The workspaces that there is something to say about."""
        return self._engine.folder.workspaces()

    def show_workspace(self, workspace: str) -> None:
        """Report on ``workspace`` from now on."""
        self.workspace = workspace
        self.refresh()

    def refresh(self) -> None:
        """Ask for the report of this moment; an earlier request is dropped."""
        if self._job is not None:
            self._job.cancel()
        ask = partial(usage_report, self._engine, self.period, self.workspace)
        self._job = self._lanes.call("browsing", ask, on_result=self._take, on_error=self.failed.emit)

    def save_csv(self, file: Path) -> None:
        """Write the report that is shown to ``file``."""
        if self.report is not None:
            write = partial(_save, self.report, self.workspace, file)
            self._lanes.call("browsing", write, on_result=self.saved.emit, on_error=self.failed.emit)

    def use_timer(self, component: str, seconds: float) -> None:
        """Set the idle timer of ``component``, then report anew."""
        change = partial(self._engine.change_setting, "residency", f"{component}_idle", seconds)
        self._lanes.call("browsing", change, on_result=self._changed_setting, on_error=self.failed.emit)

    def _take(self, report: UsageReport) -> None:
        self.report = report
        self.changed.emit()

    def _changed_setting(self, _result: object) -> None:
        self.refresh()


def _save(report: UsageReport, workspace: str, file: Path) -> Path:
    """Runs in the lane. The mark at the beginning lets spreadsheets read it as UTF-8."""
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        write_csv(report, workspace, out)
    return file
