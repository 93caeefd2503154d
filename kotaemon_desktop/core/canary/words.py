"""Says in words how a candidate compares with the proven way."""

from __future__ import annotations

from kotaemon_desktop.core.canary.records import Ending, Trial, Way
from kotaemon_desktop.core.canary.report import TELLING, Report, SideReport
from kotaemon_desktop.core.events import EXTRACTIVE
from kotaemon_desktop.core.i18n import N_, _, percent
from kotaemon_desktop.core.pipeline.choice import name_of
from kotaemon_desktop.core.tracing.words import model

_ENDED = {
    Ending.ERRORS: N_("“{candidate}” failed {n} times in a row and was sent back."),
    Ending.THUMBS: N_("{n} answers of “{candidate}” in a row were turned down: it was sent back."),
    Ending.PROMOTED: N_("“{candidate}” was promoted: it answers everything now."),
    Ending.STOPPED: N_("The trial of “{candidate}” was stopped."),
}


def way(who: Way) -> str:
    """Return what people call one of the two ways."""
    return f"{_model(who)} · {name_of(who.pipeline)}" if who.pipeline else _model(who)


def ended(trial: Trial) -> str:
    """Return why a trial is over."""
    return _(_ENDED[trial.ending or Ending.STOPPED]).format(candidate=way(trial.candidate), n=trial.streak)


def certainty(report: Report) -> str:
    """Return how far the numbers can be believed; empty where there are enough."""
    if report.is_telling:
        return ""
    fewest = min(report.proven.questions, report.candidate.questions)
    return _("Too few to tell: {n} of {needed} questions on one side.").format(n=fewest, needed=TELLING)


def rows(report: Report) -> list[tuple[str, str, str]]:
    """Return a line for each measure: its name, the proven way, the candidate."""
    sides = (report.proven, report.candidate)

    def line(name: str, *values: str) -> tuple[str, str, str]:
        return name, values[0], values[1]

    ways = (report.trial.proven, report.trial.candidate)
    return [
        line(_("Language model"), *map(_model, ways)),
        line(_("Pipeline"), *(name_of(way.pipeline) if way.pipeline else _("By rule") for way in ways)),
        line(_("Questions"), *(f"{side.questions:,}" for side in sides)),
        line(_("Whole answer, median"), *(_seconds(side.seconds) for side in sides)),
        line(_("Until the first word, median"), *(_seconds(side.first_piece) for side in sides)),
        line(_("Tokens a second, median"), *(_number(side.tokens_per_second) for side in sides)),
        line(_("Citations an answer"), *(_number(side.citations) for side in sides)),
        line(_("Not in the documents"), *(_part(side.refused, side) for side in sides)),
        line(_("Failed"), *(_part(side.failed, side) for side in sides)),
        line(_("Thumbs up"), *(_thumbs(side) for side in sides)),
    ]


def _model(who: Way) -> str:
    return model(EXTRACTIVE if who.model == "none" else who.model)


def _seconds(value: float | None) -> str:
    return "–" if value is None else _("{n} s").format(n=f"{value:.2f}")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _part(part: int, side: SideReport) -> str:
    return f"{part:,} ({percent(part / side.questions)})" if part else "0"


def _thumbs(side: SideReport) -> str:
    if side.approval is None:
        return "–"
    low, high = side.approval
    of = _("{up} of {all}").format(up=side.up, all=side.up + side.down)
    return _("{of} (likely {low} to {high})").format(of=of, low=percent(low), high=percent(high))
