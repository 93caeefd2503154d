"""What every benchmark prints: progress on standard error, and one JSON object as the last line of standard output."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Bar:
    """A number that an issue asks for: ``value`` was measured, ``holds`` says whether it keeps to ``limit``."""

    what: str
    value: float
    limit: float
    holds: bool


def at_most(what: str, value: float, limit: float) -> Bar:
    """Return a bar that holds while ``value`` is not above ``limit``."""
    return Bar(what, value, limit, value <= limit)


def at_least(what: str, value: float, limit: float) -> Bar:
    """Return a bar that holds while ``value`` is not below ``limit``."""
    return Bar(what, value, limit, value >= limit)


def progress(text: str) -> None:
    """Tell a person who watches what is going on."""
    print(text, file=sys.stderr, flush=True)


def finish(benchmark: str, results: dict[str, Any], bars: list[Bar]) -> None:
    """Print the last line."""
    line = {"benchmark": benchmark, "results": results, "bars": [asdict(bar) for bar in bars]}
    print(json.dumps(line, ensure_ascii=False), flush=True)
