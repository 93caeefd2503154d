"""Crash reports: written on this computer, shown once at the next start, never sent.

A process that is watched keeps a file open, its *mark*: the interpreter writes there when native code brings it down
(faulthandler), and a process that ends properly deletes it. Reports hold versions, the way through the code and the
last lines of the log; no message of an exception, for it may quote a document, and no names of the home folder.
"""

from __future__ import annotations

import faulthandler
import os
import platform
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final

from kotaemon_desktop import __version__
from kotaemon_desktop.core.private import FOLDER_MODE, private_file

ENVIRONMENT: Final = "KOTAEMON_DESKTOP_CRASHES"  # tells hosts where their marks go

_MARK, _NEW, _SEEN = ".running", ".new", ".txt"
_KEPT: Final = 10
_LOG_LINES: Final = 40
_LOG_BYTES: Final = 20_000
_LOG_LINE: Final = re.compile(r"^\d{4}-\d\d-\d\d .* (DEBUG|INFO|WARNING|ERROR|CRITICAL) ")  # no lines of a message
_FATAL: Final = re.compile(r"^(Fatal Python error|Windows fatal exception)", re.MULTILINE)


class CrashWatch:
    """Owns the mark and the hooks of this process, from when it is made until :meth:`close`."""

    def __init__(self, folder: Path, process: str, log: Path | None = None) -> None:
        """``process`` names this one in reports; ``log`` is the file whose last lines belong to one."""
        folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
        self._folder, self._process, self._log = folder, process, log
        self._mark = folder / f"{process}-{os.getpid()}{_MARK}"
        self._out = private_file(self._mark).open("w", encoding="utf-8")
        self._out.write(_head(process))
        self._out.flush()
        faulthandler.enable(self._out)
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._report
        threading.excepthook = self._report_thread

    def close(self) -> None:
        """End the watch: this process ends properly."""
        sys.excepthook, threading.excepthook = self._before
        faulthandler.disable()
        self._out.close()
        self._mark.unlink(missing_ok=True)

    def _report(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self._before[0](kind, error, trace)
        self._write(error)

    def _report_thread(self, told: threading.ExceptHookArgs) -> None:
        self._before[1](told)
        if told.exc_value is not None:
            self._write(told.exc_value)

    def _write(self, error: BaseException) -> None:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        report = self._folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{self._process}-{os.getpid()}{_NEW}"
        try:
            private_file(report).write_text(_head(self._process) + _story(error) + _log_end(self._log), "utf-8")
        except OSError:  # a full disk: the log has it, perhaps
            return


def collect(folder: Path, log: Path | None = None) -> None:
    """Turn the marks of processes that died by themselves into reports; others, of a kill or a power cut, go.

    For the start of the program, before it or a host is watched: all marks are of processes that have ended.
    """
    for mark in folder.glob(f"*{_MARK}"):
        with suppress(OSError):  # of a program that starts at the same moment, or a full disk: there is a next start
            told = mark.read_text("utf-8", "replace")
            if _FATAL.search(told):
                report = mark.with_name(f"{time.strftime('%Y%m%d-%H%M%S')}-{mark.stem}{_NEW}")
                private_file(report).write_text(_without_home(told) + _log_end(log), "utf-8")
            mark.unlink()


def unseen(folder: Path) -> list[Path]:
    """Return the reports that nobody has seen yet, the newest first; of those that were seen the oldest go."""
    for old in sorted(folder.glob(f"*{_SEEN}"))[:-_KEPT]:
        old.unlink()
    return sorted(folder.glob(f"*{_NEW}"), reverse=True)


def seen(report: Path) -> Path:
    """Note that a person has been told of ``report``; return where it is from now on."""
    return report.rename(report.with_suffix(_SEEN))


def watch_host(component: str) -> Callable[[], None]:
    """Watch this host process, if its program is watched and it has a name; the returned function ends that."""
    folder = os.environ.get(ENVIRONMENT)
    if not folder or not component:
        return lambda: None
    try:
        return CrashWatch(Path(folder), component).close
    except OSError:  # the folder has gone
        return lambda: None


def _head(process: str) -> str:
    # Not platform.platform(): it runs `uname -p` in a process of its own.
    machine = f"{platform.system()} {platform.release()} {platform.machine()}"
    system = f"Python {platform.python_version()}, {machine}"
    return f"Kotaemon Desktop {__version__}, {process}\n{system}\n{time.strftime('%Y-%m-%d %H:%M:%S')}\n\n"


def _story(error: BaseException | None) -> str:
    """Return the way through the code to ``error`` and its causes, with the kind of each and not its message."""
    parts: list[str] = []
    while error is not None:
        frames = "".join(traceback.format_tb(error.__traceback__))
        parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}\n")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return _without_home("caused by\n\n".join(parts))


def _log_end(log: Path | None) -> str:
    if log is None or not log.is_file():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    told = [line for line in lines if _LOG_LINE.match(line)][-_LOG_LINES:]
    return _without_home("\n".join(["", *told, ""]))


def _without_home(text: str) -> str:
    return text.replace(str(Path.home()), "~")
