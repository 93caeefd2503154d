"""Says once, at the start after a crash, that there is a report of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt

from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.qt.widgets.notice import Level, Notice

if TYPE_CHECKING:
    from kotaemon_desktop.qt.window import MainWindow


class CrashNotice(QObject):
    """Looks for reports on the browsing lane; lives in the GUI thread with the window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        folder = window.engine.folder.crashes
        window.lanes.call("browsing", lambda: _unseen(folder), on_result=self._tell)

    def _tell(self, unseen: tuple[Path, str] | None) -> None:
        if unseen is None:
            return
        report, text = unseen
        self._window.notices.show_notice(
            Notice(
                lambda: _("A part of the program stopped unexpectedly last time. Your documents are safe."),
                Level.WARNING,
                action=lambda: _("Look at the report…"),
                do=lambda: self._show(report, text),
            )
        )

    def _show(self, report: Path, text: str) -> None:
        from kotaemon_desktop.qt.panels.crash import CrashDialog

        dialog = CrashDialog(report, text, self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _unseen(folder: Path) -> tuple[Path, str] | None:
    """Return the newest report that nobody has seen, with its text; all count as seen from now on."""
    from kotaemon_desktop.core import crashes

    reports = [crashes.seen(report) for report in crashes.unseen(folder)]
    return (reports[0], reports[0].read_text("utf-8", "replace")) if reports else None
