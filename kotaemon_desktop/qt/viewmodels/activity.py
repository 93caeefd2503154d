"""How far an import is: one frozen picture for the library's footer, made from the import's events."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kotaemon_desktop.core.events import (
    Embedding,
    Imported,
    ImportEvent,
    ImportFailed,
    Moved,
    Queued,
    Recognising,
    Skipped,
    Stored,
    Waking,
)
from kotaemon_desktop.core.i18n import N_, _, count
from kotaemon_desktop.qt.numbers import clock

_READING_SHARE = 0.3  # of the progress bar: reading is the quicker part wherever there is an embedder
_WAKING = {
    "reader": N_("Starting the file reader"),
    "ocr": N_("Loading text recognition"),
    "builder": N_("Building the embedder (once)"),
    "embedder": N_("Loading the embedder"),
}


@dataclass(frozen=True, slots=True)
class Activity:
    """A running import. ``more`` imports wait behind it; ``stopping`` from Cancel until it has really ended."""

    files_done: int = 0
    files_total: int = 0
    embedding: Embedding | None = None
    recognising: Recognising | None = None
    waking: Waking | None = None
    more: int = 0
    stopping: bool = False

    def after(self, event: ImportEvent) -> Activity:
        """Return the picture after ``event``."""
        if isinstance(event, Queued):
            return replace(self, files_total=len(event.paths))
        if isinstance(event, Waking):
            return replace(self, waking=event)
        if isinstance(event, Embedding):
            return replace(self, embedding=event, recognising=None, waking=None)
        if isinstance(event, Recognising):
            return replace(self, recognising=event, waking=None)
        if isinstance(event, Stored | Skipped | Moved | ImportFailed):
            return replace(self, files_done=self.files_done + 1, waking=None)
        if isinstance(event, Imported):
            return replace(self, files_done=self.files_total)
        return self

    @property
    def fraction(self) -> float | None:
        """How far everything is, 0..1, or None before anything is known. Files first, vectors after, then scans."""
        if self.recognising is not None:
            return self.recognising.done / self.recognising.total
        read = self.files_done / self.files_total if self.files_total else None
        embedded = self.embedding.done / self.embedding.total if self.embedding and self.embedding.total else None
        if self.files_total == 0:
            return embedded
        return _READING_SHARE * (read or 0.0) + (1 - _READING_SHARE) * (embedded or 0.0)

    def lines(self) -> tuple[str, str]:
        """Return what is being done, and rate and time left (either may be empty)."""
        if self.stopping:
            return _("Stopping…"), ""
        detail: list[str] = []
        if self.waking is not None:
            what = _(_WAKING.get(self.waking.component, N_("Preparing…")))
            if self.waking.seconds:
                detail.append(_("about {seconds} s").format(seconds=max(1, round(self.waking.seconds))))
        elif self.files_done < self.files_total:
            what = _("Reading {done} of {total} files").format(
                done=f"{self.files_done + 1:,}", total=f"{self.files_total:,}"
            )
        elif self.recognising is not None:
            what = _("Recognising text: scanned page {done} of {total}").format(
                done=f"{self.recognising.done:,}", total=f"{self.recognising.total:,}"
            )
        elif self.embedding is not None:
            what = _("Embedding {done} of {total} passages").format(
                done=f"{self.embedding.done:,}", total=f"{self.embedding.total:,}"
            )
        else:
            what = _("Preparing…")
        if self.waking is None:
            detail += self._pace()
        if self.more:
            detail.append(count(self.more, N_("{n} more import waits"), N_("{n} more imports wait")))
        return what, " · ".join(detail)

    def _pace(self) -> list[str]:
        """Return how fast it goes and how long it takes, as far as that is known."""
        if self.recognising is not None:
            rate = _("{rate} pages/s").format(rate=f"{self.recognising.rate:,.1f}")
            return [rate, _("{time} left").format(time=clock(self.recognising.seconds_left))]
        if self.embedding is None or self.embedding.rate <= 0:
            return []
        rate = _("{rate} passages/s").format(rate=f"{self.embedding.rate:,.0f}")
        left = self.embedding.seconds_left
        return [rate] if left is None else [rate, _("{time} left").format(time=clock(left))]
