"""Says in words what a trace holds: who answered, which way, in what time, and how two answers differ."""

from __future__ import annotations

from typing import Final

from kotaemon_desktop.core.events import EXTRACTIVE, RULES
from kotaemon_desktop.core.i18n import N_, _
from kotaemon_desktop.core.pipeline.choice import name_of
from kotaemon_desktop.core.tracing.compare import Comparison, Fate, Found, Place
from kotaemon_desktop.core.tracing.timeline import READ, WRITTEN, Step

_STEPS: Final = {
    "Chosen": N_("Pipeline"),
    "Routed": N_("Way"),
    "Narrowed": N_("Scope"),
    "Rewritten": N_("Searched for"),
    "Divided": N_("Divided into"),
    "Waking": N_("Waking"),
    "Waiting": N_("Waiting"),
    "Found": N_("Found"),
    "ToolAsked": N_("Asked for consent"),
    "ToolCalled": N_("Tool"),
    "Packed": N_("Given to the model"),
    "Sent": N_("Sent to another program"),
    "Degraded": N_("A lesser way"),
    READ: N_("The model reads"),
    "Thought": N_("Thought"),
    WRITTEN: N_("The model writes"),
    "Cited": N_("Citations"),
    "Done": N_("Done"),
    "AnswerFailed": N_("Failed"),
}
_ROUTES: Final = {
    "documents": N_("Documents"),
    "small_talk": N_("Small talk"),
    "program": N_("About the program"),
    "arithmetic": N_("Arithmetic"),
}

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
    "consent": N_("Waiting for consent"),
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
    if name == EXTRACTIVE:
        return _("Quotes, no language model")
    return _("Rules") if name == RULES else name


def route(name: str) -> str:
    """Return what people call the way of a question; that of a plugin has the plugin's name."""
    return _(_ROUTES.get(name, name))


def step(what: Step) -> str:
    """Return the name of a step."""
    return _(_STEPS.get(what.name, what.name))


def timing(name: str, seconds: float) -> str:
    """Return one of the times of an answer."""
    return with_more(_(_TIMES.get(name, name)), _seconds(seconds))


def with_more(what: str, told: str) -> str:
    """Return ``what`` with what there is to tell of it."""
    return _("{what}: {told}").format(what=what, told=told)


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
    before, after = ("–" if each is None else _seconds(each) for each in (left, right))
    return _(_TIMES[name]), before, after


def number(name: str, left: float | None, right: float | None) -> tuple[str, str, str]:
    """Return a line of counts."""
    before, after = ("–" if each is None else f"{each:,.0f}" for each in (left, right))
    return _(_COUNTS[name]), before, after


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
    say = {"model": model, "route": route, "pipeline": name_of}.get(name)
    return say(value) if say is not None and value else value


def _seconds(value: float) -> str:
    return _("{n} s").format(n=f"{value:.2f}")
