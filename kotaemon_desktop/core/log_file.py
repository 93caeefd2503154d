"""The program's log: a file in the data folder that never grows large."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

from kotaemon_desktop.core.private import private_file

NAME = "kotaemon.log"
_BYTES = 1_000_000
_OLD_FILES = 3


class _PrivateHandler(logging.FileHandler):
    """Owns the file, and those that were full: ``kotaemon.log.1`` is the youngest of them.

    :mod:`logging.handlers` does the same, and brings pickle and sockets: 0.3 MB of the window.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, into a new file if this one is full."""
        try:
            if self.stream is not None and self.stream.tell() >= _BYTES:
                self._put_aside(self.stream)
        except OSError:
            self.handleError(record)
        try:
            super().emit(record)
        except OSError:  # from opening the file, which the base class lets through
            self.handleError(record)

    def _put_aside(self, stream: TextIOWrapper) -> None:
        stream.close()
        self.stream = None  # pyright: ignore[reportAttributeAccessIssue] - so that the next record opens it
        full = Path(self.baseFilename)
        for number in range(_OLD_FILES, 0, -1):
            younger = full.with_name(f"{full.name}.{number - 1}") if number > 1 else full
            if younger.exists():
                younger.replace(full.with_name(f"{full.name}.{number}"))

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
    handler = _PrivateHandler(folder / NAME, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("kotaemon_desktop")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)

    def stop() -> None:
        logger.removeHandler(handler)
        handler.close()

    return stop
