"""The program's log: a file in the data folder that never grows large."""

from __future__ import annotations

import logging
import logging.handlers
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path

from kotaemon_desktop.core.private import private_file

NAME = "kotaemon.log"
_BYTES = 1_000_000


class _PrivateHandler(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        private_file(Path(self.baseFilename))
        return super()._open()


def log_to(folder: Path) -> Callable[[], None]:
    """Send the program's log to a rotating file in ``folder``; the returned function takes that back."""
    handler = _PrivateHandler(folder / NAME, maxBytes=_BYTES, backupCount=3, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("kotaemon_desktop")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)

    def stop() -> None:
        logger.removeHandler(handler)
        handler.close()

    return stop
