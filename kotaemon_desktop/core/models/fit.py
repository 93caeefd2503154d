"""Whether a model suits this machine: the memory that it needs against the memory that there is, and its speed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kotaemon_desktop.core.i18n import N_, _

# A host holds its weights twice for a while, packed for the processor. Measured with Qwen2.5 0.5B: 329 MB of int4 held
# 690 MB, 500 MB of int8 1,210 MB, 786 MB of q4 1,460 MB; MiniLM's 24 MB held 184 MB.
_PACKED = 1.7
_OVERHEAD = {"generation": 250 << 20}
_ENCODER_OVERHEAD = 130 << 20
_SPARE = 1 << 30  # of the available memory that is never counted on, as in the budget
_COMFORT = 0.6  # of what components may take: the rest is for the index and the file reader
SLOW = 5.0  # tokens a second: slower than people read


class Fit(StrEnum):
    """How well a model runs here."""

    WELL = "well"
    TIGHT = "tight"
    TOO_BIG = "too big"


_NAMES = {Fit.WELL: N_("runs well"), Fit.TIGHT: N_("tight"), Fit.TOO_BIG: N_("too big")}


@dataclass(frozen=True, slots=True)
class Memory:
    """The machine's memory in bytes: what components may take in all, and what is available now."""

    allowance: int
    available: int


@dataclass(frozen=True, slots=True)
class Fitting:
    """How well a model runs here, and the numbers that say why. Bytes; ``writes`` in tokens a second, 0 for unknown."""

    fit: Fit
    needed: int
    memory: Memory
    writes: float = 0.0

    @property
    def name(self) -> str:
        """What people call it."""
        return _(_NAMES[self.fit])

    @property
    def why(self) -> str:
        """Return the reason, in a sentence."""
        facts = {
            "needed": _gigabytes(self.needed),
            "limit": _gigabytes(self.memory.allowance),
            "available": _gigabytes(self.memory.available),
            "writes": f"{self.writes:.1f}",
        }
        return self._reason().format(**facts)

    def _reason(self) -> str:
        if self.fit is Fit.TOO_BIG:
            return _("It needs about {needed} of memory; models may take {limit} here.")
        if 0 < self.writes < SLOW:
            return _("It writes about {writes} tokens a second here: slower than people read.")
        if self.needed > self.memory.available - _SPARE:
            return _("It needs about {needed} of memory, and only {available} are available now.")
        if self.fit is Fit.TIGHT:
            return _("It needs about {needed} of the {limit} that models may take: little is left for the rest.")
        return _("It needs about {needed} of the {limit} that models may take here.")


def needed(task: str, size: int) -> int:
    """Return about how many bytes of memory a model with ``size`` bytes of files needs."""
    return int(size * _PACKED) + _OVERHEAD.get(task, _ENCODER_OVERHEAD)


def fitting(needs: int, memory: Memory, writes: float = 0.0) -> Fitting:
    """Judge a model that needs ``needs`` bytes and writes ``writes`` tokens a second (0: unknown, or no writer)."""
    if needs > memory.allowance:
        fit = Fit.TOO_BIG
    elif needs > _COMFORT * memory.allowance or needs > memory.available - _SPARE or 0 < writes < SLOW:
        fit = Fit.TIGHT
    else:
        fit = Fit.WELL
    return Fitting(fit, needs, memory, writes)


def _gigabytes(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB" if count >= 1 << 30 else f"{count / (1 << 20):.0f} MB"
