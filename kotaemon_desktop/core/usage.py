"""What was in memory, in this workspace or in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.residency.names import GENERATOR, OCR, READER, RETRIEVAL
from kotaemon_desktop.core.storage import usage_log
from kotaemon_desktop.core.storage.usage_report import Period, UsageReport, edges

if TYPE_CHECKING:
    from kotaemon_desktop.core.engine import Engine


def usage_report(engine: Engine, period: Period, workspace: str = "") -> UsageReport:
    """Return what was in memory in ``period`` and for how long; takes some milliseconds a month.

    ``workspace`` names another one than the open one, see :meth:`DataFolder.workspaces`.
    """
    residency = engine.settings.residency
    timers = {
        READER: residency.reader_idle,
        OCR: residency.ocr_idle,
        RETRIEVAL: residency.retrieval_idle,
        GENERATOR: residency.generator_idle,
    }
    free = {name: seconds for name, seconds in timers.items() if name not in residency.pinned}
    borders = edges(period, engine.clock.wall())
    if workspace in {"", engine.folder.workspace}:
        return engine.usage.report(borders, timers=free, now=engine.keeper.status())
    with usage_log.read_only(DataFolder(engine.folder.root, workspace).database) as fetch:
        return usage_log.report(fetch, borders, free)
