"""What does watching cost: the processor time of a window that only samples, with every host it watches in memory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from driven import Driven
from report import Bar, at_most, progress

_SETTLE_SECONDS = 3.0


def scenario(base: Path, work: Path, components: Sequence[str], seconds: float) -> tuple[dict[str, Any], list[Bar]]:
    """Return the share of one core that the window process takes while nobody does anything; it samples at 1 Hz."""
    folder = work / "monitor"
    shutil.copytree(base, folder)
    program = Driven(folder)
    program.do("pin", list(components))
    program.all_awake(components)
    time.sleep(_SETTLE_SECONDS)
    before, began = _processor_seconds(program), time.monotonic()
    time.sleep(seconds)
    share = (_processor_seconds(program) - before) / (time.monotonic() - began)
    program.close()
    progress(f"monitor: {share:.2%} of a core")
    what = "monitor: share of one core that the window takes, sampling once a second"
    results = {"hosts": len(components), "percent_of_a_core": round(share * 100, 2)}
    return results, [at_most(what, round(share, 4), 0.01)]


def _processor_seconds(program: Driven) -> float:
    spent = program.main.cpu_times()
    return spent.user + spent.system
