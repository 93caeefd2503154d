"""What a person should know about the machine and the program: small watches that are asked about once a second.

None has a thread or a timer; :meth:`Notices.look` takes well under a millisecond.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final, Protocol

import msgspec

from kotaemon_desktop.core import machine
from kotaemon_desktop.core.errors import PluginBroken, PluginMissing
from kotaemon_desktop.core.i18n import N_, _, sentences
from kotaemon_desktop.core.protocols import Clock

_GIGABYTE: Final = 1 << 30
_MEGABYTE: Final = 1 << 20
_DISK_FULL: Final = 0.95
_DISK_CLEAR: Final = 0.94  # a disk at the border would come and go
_DISK_EVERY: Final = 10.0  # seconds between two looks: a folder on a network may answer slowly
_MEMORY_AFTER: Final = 3.0  # seconds below the threshold before it is said
_MEMORY_CLEAR: Final = 1.2  # times the threshold


class Severity(IntEnum):
    """How grave it is; what is graver is shown first."""

    INFO = 1
    WARNING = 2
    ERROR = 3


class Notice(msgspec.Struct, frozen=True):
    """One thing to know. ``text`` fits a line, ``advice`` says what to do; both in the language of this moment."""

    kind: str  # disk, memory, processor, runtime, log, metrics, plugins
    severity: Severity
    text: str
    advice: str = ""


class Watch(Protocol):
    """Looks at one thing."""

    def look(self) -> Notice | None:
        """Return what there is to say now, or None."""
        ...

    def seen(self) -> None:
        """Note that a person has read it."""
        ...

    def close(self) -> None:
        """Stop watching."""
        ...


class Notices:
    """Owns the watches; asked by the sampling lane, :meth:`dismiss` by any thread."""

    def __init__(self, watches: Sequence[Watch]) -> None:
        self._watches = watches
        self._dismissed: set[str] = set()

    def look(self) -> list[Notice]:
        """Return what there is to say and nobody has dismissed, gravest first."""
        found = [notice for watch in self._watches if (notice := watch.look()) is not None]
        self._dismissed &= {notice.kind for notice in found}  # what has ended and begins anew is said again
        return sorted(
            (notice for notice in found if notice.kind not in self._dismissed), key=lambda notice: -notice.severity
        )

    def dismiss(self, kind: str) -> None:
        """Say nothing more of ``kind`` until it has ended once; of the log, until there are new errors."""
        for watch in self._watches:
            notice = watch.look()
            if notice is not None and notice.kind == kind:
                watch.seen()
                if watch.look() is not None:  # it goes on; the log has nothing more to say until it has
                    self._dismissed.add(kind)

    def close(self) -> None:
        """Stop watching."""
        for watch in self._watches:
            watch.close()


class _Plain:
    """A watch that holds nothing and forgets nothing."""

    def seen(self) -> None:
        """Nothing to note: it is said until it ends."""

    def close(self) -> None:
        """Nothing to stop."""


class FullDisk(_Plain):
    """Watches the disk of the data folder."""

    def __init__(
        self, folder: Path, clock: Clock, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    ) -> None:
        """``usage`` returns (total, used, free) bytes."""
        self._folder = folder
        self._clock = clock
        self._usage = usage
        self._looked_at = float("-inf")
        self._full = False
        self._share = 0.0
        self._free = 0

    def look(self) -> Notice | None:
        now = self._clock.monotonic()
        if now - self._looked_at >= _DISK_EVERY:
            self._looked_at = now
            self._measure()
        if not self._full:
            return None
        text = _("The disk with your data is {percent} % full ({free} GB free).")
        return Notice(
            "disk",
            Severity.WARNING,
            text.format(percent=f"{self._share * 100:.0f}", free=f"{self._free / _GIGABYTE:.1f}"),
            _("Make some room: a full disk stops imports and downloads. What is stored is safe."),
        )

    def _measure(self) -> None:
        try:
            total, _used, self._free = self._usage(self._folder)
        except OSError:  # the folder's disk was taken out; whoever reads the library says so
            self._full = False
            return
        self._share = 1 - self._free / total if total else 0.0
        self._full = self._share >= (_DISK_CLEAR if self._full else _DISK_FULL)


class LowMemory(_Plain):
    """Watches the memory that the machine has left."""

    def __init__(self, threshold: Callable[[], int], clock: Clock, available: Callable[[], int] | None = None) -> None:
        """``threshold`` and ``available`` give bytes."""
        self._threshold = threshold
        self._clock = clock
        self._available = available or (lambda: machine.memory()[1])
        self._since: float | None = None

    def look(self) -> Notice | None:
        now, left = self._clock.monotonic(), self._available()
        if left >= self._threshold() * (1 if self._since is None else _MEMORY_CLEAR):
            self._since = None
            return None
        self._since = now if self._since is None else self._since
        if now - self._since < _MEMORY_AFTER:
            return None
        return Notice(
            "memory",
            Severity.WARNING,
            _("Memory is low: {free} MB available.").format(free=f"{left / _MEGABYTE:,.0f}"),
            _("Idle components leave at once. Close other programs to keep answers quick."),
        )


class OnProcessor(_Plain):
    """Says that models run on the processor, and why."""

    def __init__(self, why: Callable[[], str]) -> None:
        """``why`` gives the English reason, empty while a GPU is used or nobody knows yet."""
        self._why = why

    def look(self) -> Notice | None:
        why = self._why()
        return Notice("processor", Severity.INFO, _("Models run on the processor."), _(why)) if why else None


class UnservedMetrics(_Plain):
    """Says that metrics are switched on and cannot be served."""

    def __init__(self, problem: Callable[[], str]) -> None:
        """``problem`` gives the reason, empty where there is none."""
        self._problem = problem

    def look(self) -> Notice | None:
        problem = self._problem()
        if not problem:
            return None
        text = _("Metrics are not served: {problem}.").format(problem=problem)
        return Notice("metrics", Severity.WARNING, text, _("Choose another port in the settings (monitoring)."))


class DuplicateRuntime(_Plain):
    """Says that two builds of ONNX Runtime overwrote each other, and the command that mends it."""

    def __init__(self, advice: Callable[[], str | None]) -> None:
        """``advice`` is asked once: what is installed does not change under a running program."""
        self._advice = advice
        self._known: str | None = None

    def look(self) -> Notice | None:
        self._known = (self._advice() or "") if self._known is None else self._known
        text = _("ONNX Runtime is installed twice.")
        return Notice("runtime", Severity.WARNING, text, self._known) if self._known else None


class BrokenPlugins(_Plain):
    """Says which plugins have failed and are not used any more, and which are set and not there."""

    def __init__(self, problems: Callable[[], Sequence[PluginBroken | PluginMissing]]) -> None:
        self._problems = problems

    def look(self) -> Notice | None:
        problems = self._problems()
        if not problems:
            return None
        last = problems[-1]
        text, others = _(last.template).format(**last.shown_facts()), len(problems) - 1
        if others:
            text = sentences(text, _("({n} more)").format(n=others))
        return Notice("plugins", Severity.WARNING, text, _(last.advice))


class LogErrors(logging.Handler):
    """Counts the errors that a logger has written since a person last looked. Any thread may log."""

    def __init__(self, name: str, file: Path) -> None:
        """Listen to the logger ``name`` from now on; ``file`` is where the details are."""
        super().__init__(logging.ERROR)
        self._logger = logging.getLogger(name)
        self._file = file
        self._count = 0
        self._last = ""
        self._logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Count ``record``; the base class holds the lock."""
        self._count += 1
        self._last = record.getMessage()

    def look(self) -> Notice | None:
        count, last = self._count, self._last
        if not count:
            return None
        words = N_("{n} error in the log: {last}") if count == 1 else N_("{n} errors in the log, the last: {last}")
        return Notice(
            "log", Severity.ERROR, _(words).format(n=count, last=last), _("Details: {file}").format(file=self._file)
        )

    def seen(self) -> None:
        """Count from nothing again."""
        self._count = 0

    def close(self) -> None:
        """Listen no more."""
        self._logger.removeHandler(self)
        super().close()
