"""Says the steps of a stored trace in words."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.i18n import N_, _, count, place
from kotaemon_desktop.core.pipeline.choice import name_of
from kotaemon_desktop.core.records import TracedHit, TraceLine
from kotaemon_desktop.core.tracing import words as facts
from kotaemon_desktop.core.tracing.timeline import Step
from kotaemon_desktop.qt.viewmodels.exchange import time_split


def seconds(what: Step) -> str:
    """Return how long a step took; nothing for a moment."""
    return _("{n} s").format(n=f"{what.seconds:.3f}") if what.seconds else ""


def when(what: Step) -> str:
    """Return when a step was, in seconds since the question."""
    if not what.seconds:
        return _("{n} s").format(n=f"{what.start:.3f}")
    return _("{begin} to {end} s").format(begin=f"{what.start:.3f}", end=f"{what.end:.3f}")


def scores(hit: TracedHit) -> str:
    """Return where a passage stands and why it was found."""
    known = hit.passage
    parts = [
        place(known.name, known.page, known.recognised) if known else _("removed from the library"),
        _("score {n}").format(n=f"{hit.score:.3f}"),
    ]
    if hit.keyword_rank is not None:
        parts.append(_("words: place {n}").format(n=hit.keyword_rank))
    if hit.vector_rank is not None:
        parts.append(_("meaning: place {n}").format(n=hit.vector_rank))
    if hit.similarity is not None:
        parts.append(_("likeness {n}").format(n=f"{hit.similarity:.2f}"))
    return " · ".join(parts)


def words(what: Step) -> str:
    """Return what happened in a step."""
    line = what.line
    if line is None:
        return ""
    say = _WORDS.get(line["event"])
    if say is not None:
        return say(line)
    rest = {name: value for name, value in line.items() if name not in {"at", "step", "event"}}
    return json.dumps(rest, ensure_ascii=False)


def _waking(line: TraceLine) -> str:
    name = component_name(line["component"])
    return _("{doing} · about {n} s").format(doing=name, n=max(1, round(line["seconds"]))) if line["seconds"] else name


def _packed(line: TraceLine) -> str:
    parts = [
        count(len(line["used"]), N_("{n} passage"), N_("{n} passages")),
        count(line["turns"], N_("{n} earlier question"), N_("{n} earlier questions")),
        _("room for {n} tokens").format(n=f"{line['budget']:,}"),
    ]
    if left := len(line["left_out"]):
        parts.append(count(left, N_("{n} passage left out"), N_("{n} passages left out")))
    return " · ".join(parts)


def _sent(line: TraceLine) -> str:
    passages = count(line["passages"], N_("{n} passage"), N_("{n} passages"))
    return " · ".join([line["address"], *([passages] if line["passages"] else [])])


def _cited(line: TraceLine) -> str:
    cited = count(len(line["citations"]), N_("{n} citation"), N_("{n} citations"))
    missing: int = line["unsupported"]
    alone = count(missing, N_("{n} statement without a source"), N_("{n} statements without a source"))
    return f"{cited} · {alone}" if missing else cited


def _done(line: TraceLine) -> str:
    timings: dict[str, float] = line["timings"]
    if "prefill" in timings:  # a model has written it
        return " · ".join([line["model"], *time_split(timings)])
    return " · ".join([facts.model(line["model"]), *(facts.timing(*each) for each in timings.items())])


_WORDS: Final[dict[str, Callable[[TraceLine], str]]] = {
    "Chosen": lambda line: facts.with_more(name_of(line["pipeline"]), line["why"]),
    "Routed": lambda line: facts.with_more(facts.route(line["route"]), line["why"]),
    "Narrowed": lambda line: count(line["documents"], N_("{n} document"), N_("{n} documents")),
    "Rewritten": lambda line: line["question"],
    "Divided": lambda line: " · ".join(line["questions"]),
    "Waking": _waking,
    "Waiting": lambda line: component_name(line["component"]),
    "Found": lambda line: count(len(line["hits"]), N_("{n} passage"), N_("{n} passages")),
    "ToolAsked": lambda line: facts.with_more(line["call"]["title"], line["call"]["place"]),
    "ToolCalled": lambda line: facts.with_more(line["call"]["title"], line["address"]),
    "Packed": _packed,
    "Sent": _sent,
    "Degraded": lambda line: line["error"],
    "Thought": lambda line: _("{n} s").format(n=f"{line['seconds']:.1f}"),
    "Cited": _cited,
    "Done": _done,
    "AnswerFailed": lambda line: line["error"],
}
