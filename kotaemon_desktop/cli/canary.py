"""The command that tries a candidate: how it compares with the proven way, and what becomes of it."""

from __future__ import annotations

from typing import Any

import msgspec

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, fail, opened
from kotaemon_desktop.core.canary.records import Way
from kotaemon_desktop.core.canary.report import TELLING, Report, SideReport
from kotaemon_desktop.core.i18n import _
from kotaemon_desktop.core.paths import DataFolder


def canary(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Show the comparison, start, stop or promote a candidate; ends with the comparison."""
    candidate = Way(chosen.model or "", chosen.pipeline or "")
    if chosen.action == "start" and not (candidate.model or candidate.pipeline):
        fail(_("canary: show | start [--model ID] [--pipeline NAME] [--share 0.2] | stop | promote"))
        return WRONG_USAGE
    with opened(folder) as engine:
        if chosen.action == "start":
            engine.canary.start(candidate, chosen.share)
        elif chosen.action == "stop":
            engine.canary.stop()
        elif chosen.action == "promote":
            engine.canary.promote()
        found = engine.canary.report()
    output.result(
        {"trial": None} if found is None else _result(found),
        _("Nothing was tried yet.") if found is None else _text(found),
    )
    return DONE


def _result(found: Report) -> dict[str, Any]:
    sides = {"proven": found.proven, "candidate": found.candidate}
    return {
        "trial": msgspec.to_builtins(found.trial),
        **{name: msgspec.to_builtins(side) | {"approval": side.approval} for name, side in sides.items()},
        "telling": found.is_telling,
    }


def _text(found: Report) -> str:
    names = msgspec.structs.fields(SideReport)
    lines = [f"{'':24}{_way(found.trial.proven):>24}{_way(found.trial.candidate):>24}"]
    for field in names:
        left, right = (getattr(side, field.name) for side in (found.proven, found.candidate))
        lines.append(f"{field.name:24}{_number(left):>24}{_number(right):>24}")
    if found.trial.ending is not None:
        lines.append(found.trial.ending.value)
    if not found.is_telling:
        lines.append(_("Too few questions to tell: each side needs {n}.").format(n=TELLING))
    return "\n".join(lines)


def _way(way: Way) -> str:
    return f"{way.model} / {way.pipeline}" if way.pipeline else way.model


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3g}"
