"""Says in words how two answers differ."""

from __future__ import annotations

from typing import Final

from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.tracing.compare import Comparison, Fate, Found, Place
from kotaemon_desktop.qt.viewmodels import exchange

_FACTS: Final = {
    "question": N_("Question"),
    "pipeline": N_("Pipeline"),
    "route": N_("Way"),
    "searched": N_("Searched for"),
    "model": N_("Answered by"),
    "answered": N_("In the documents"),
}
_TIMES: Final = {
    "wake": N_("Waking"),
    "retrieve": N_("Until the sources"),
    "prefill": N_("Reading the prompt"),
    "first_piece": N_("Until the first word"),
    "decode": N_("Writing"),
    "total": N_("Whole answer"),
}
_COUNTS: Final = {
    "prompt_tokens": N_("Tokens of the prompt"),
    "reused_tokens": N_("Of these known already"),
    "tokens": N_("Tokens written"),
    "citations": N_("Citations"),
}
_FATES: Final = {
    Fate.SAME: "",
    Fate.MOVED: N_("moved"),
    Fate.GAINED: N_("only in the right one"),
    Fate.LOST: N_("only in the left one"),
}
_ANSWERED: Final = {"yes": N_("yes"), "no": N_("no")}


def model(name: str) -> str:
    """Return what people call the one who answered."""
    if name == exchange.EXTRACTIVE:
        return _("Quotes, no language model")
    return _("Rules") if name == exchange.RULES else name


def facts(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Return a line for each fact that is known of one of the answers: its name, left, right.

    Two answers to the same question need not repeat it.
    """
    lines: list[tuple[str, str, str]] = []
    for name, words in _FACTS.items():
        left, right = (_fact(name, value) for value in comparison.facts.get(name, ("", "")))
        if (left or right) and not (name == "question" and left == right):
            lines.append((_(words), left, right))
    return lines


def time(name: str, left: float | None, right: float | None) -> tuple[str, str, str]:
    """Return a line of seconds."""
    before, after = ("–" if each is None else _("{n} s").format(n=f"{each:.2f}") for each in (left, right))
    return _(_TIMES[name]), before, after


def number(name: str, left: float | None, right: float | None) -> tuple[str, str, str]:
    """Return a line of counts."""
    before, after = ("–" if each is None else f"{each:,.0f}" for each in (left, right))
    return _(_COUNTS[name]), before, after


def passage(found: Found) -> str:
    """Return where a passage stands, or that it is gone."""
    known = found.hit.passage
    return exchange.place(known.name, known.page, known.recognised) if known else _("removed from the library")


def place(where: Place | None) -> str:
    """Return where a passage stood among those that were found, and what was made of it."""
    if where is None:
        return "–"
    parts = [f"{where.rank}. " + _("score {n}").format(n=f"{where.score:.3f}")]
    if where.cited:
        parts.append(_("cited"))
    elif where.read:
        parts.append(_("read"))
    return " · ".join(parts)


def fate(found: Found) -> str:
    """Return what became of a passage from left to right; nothing where it stayed."""
    return _(_FATES[found.fate]) if _FATES[found.fate] else ""


def _fact(name: str, value: str) -> str:
    if name == "answered":
        return _(_ANSWERED[value])
    return model(value) if name == "model" else value
