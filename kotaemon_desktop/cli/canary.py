"""The command that tries a candidate: how it compares with the proven way, and what becomes of it."""

from __future__ import annotations

from typing import Any

import msgspec

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, fail, opened, table
from kotaemon_desktop.core.canary import words
from kotaemon_desktop.core.canary.records import Way
from kotaemon_desktop.core.canary.report import Report
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
    lines = table([("", _("Proven"), _("Candidate")), *words.rows(found)])
    over = words.ended(found.trial) if found.trial.ending is not None else ""
    return "\n".join(filter(None, (lines, over, words.certainty(found))))
