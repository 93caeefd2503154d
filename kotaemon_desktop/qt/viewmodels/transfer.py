"""A download as the window shows it."""

from __future__ import annotations

from dataclasses import dataclass

from kotaemon_desktop.core.records import DownloadProgress


@dataclass(frozen=True, slots=True)
class Transfer:
    """A download under way. ``progress`` is None until the hub has told what there is to fetch."""

    id: str
    variant: str
    progress: DownloadProgress | None = None
    stopping: bool = False
