"""The program's log: a file in the data folder that never grows large."""

from __future__ import annotations

import logging
import logging.handlers
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from kotaemon_desktop.core.private import private_file

NAME = "kotaemon.log"
_BYTES = 1_000_000


class _PrivateHandler(logging.handlers.RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        private_file(Path(self.baseFilename))
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """On a full disk, or one that has gone, do without: what goes wrong is told by who does the work."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handleError(record)

    def close(self) -> None:
        """Close the file, whether its last lines find room or not."""
        with suppress(OSError):
            super().close()


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
