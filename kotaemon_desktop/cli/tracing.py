"""The command that shows how answers came about: lists, shows, compares and exports traces."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from kotaemon_desktop.cli.output import DONE, WRONG_USAGE, Output, Result, fail, opened
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import NothingThere
from kotaemon_desktop.core.i18n import _, place
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Trace, TracedHit, TraceLine
from kotaemon_desktop.core.tracing import otlp, words
from kotaemon_desktop.core.tracing.compare import Comparison, Place, compare
from kotaemon_desktop.core.tracing.timeline import steps, total
from kotaemon_desktop.core.tracing.wordless import without_words


def traces(folder: DataFolder, chosen: Any, output: Output) -> int:
    """List the latest traces, show one, compare two, or write some of them to a file."""
    what: list[str] = chosen.what
    if not _makes_sense(chosen.action, what):
        fail(_("traces: list | show ID | diff ID ID | export FILE [ID…]; the ids are those of “list”"))
        return WRONG_USAGE
    with opened(folder) as engine:
        if chosen.action == "list":
            _list(engine, chosen.limit, output)
        elif chosen.action == "show":
            _show(_trace(engine, what[0]), output)
        elif chosen.action == "diff":
            _diff(compare(_trace(engine, what[0]), _trace(engine, what[1])), output)
        else:
            ids = [_trace(engine, each).turn_id for each in what[1:]] or engine.traces.ids()
            _export(engine, ids, Path(what[0]), chosen, output)
    return DONE


def _makes_sense(action: str, what: list[str]) -> bool:
    ids = what[1:] if action == "export" else what
    fits = {"list": not what, "show": len(what) == 1, "diff": len(what) == 2, "export": bool(what)}
    return fits[action] and all(each.isdecimal() for each in ids)


def _trace(engine: Engine, turn_id: str | int) -> Trace:
    trace = engine.traces.trace(int(turn_id))
    if trace is None:
        raise NothingThere(folder=_("trace {id}").format(id=turn_id))
    return trace


def _list(engine: Engine, limit: int, output: Output) -> None:
    listed = [_summary(trace) for trace in engine.traces.latest(limit)]
    lines = [
        f"{each['id']:>6}  {each['asked']}  {_seconds(each['seconds'], '7.2f')}  {words.model(each['model'])}  "
        f"{each['question']}"
        for each in listed
    ]
    output.result({"traces": listed}, "\n".join(lines) or _("There are no traces."))


def _summary(trace: Trace) -> Result:
    return {
        "id": trace.turn_id,
        "conversation": trace.conversation_id,
        "asked": datetime.fromtimestamp(trace.asked_at).astimezone().isoformat(timespec="seconds"),
        "question": trace.question,
        "route": trace.route,
        "model": trace.model,
        "answered": trace.answered,
        "seconds": round(total(trace.lines), 4),
        "side": trace.side,
        "thumb": trace.thumb,
    }


def _show(trace: Trace, output: Output) -> None:
    laid = steps(trace.lines)
    result = _summary(trace) | {
        "answer": trace.answer,
        "steps": [{"step": each.name, "start": round(each.start, 4), "end": round(each.end, 4)} for each in laid],
        "hits": [_hit(hit) for hit in trace.hits],
        "trace": list(trace.lines),
    }
    lines = [
        f"{trace.question}",
        " · ".join([words.model(trace.model), _seconds(result["seconds"], ".2f"), result["asked"]]),
        "",
        *(f"{each.start:>9.3f} {_seconds(each.seconds, '9.3f')}  {words.step(each)}" for each in laid),
        "",
        *(f"{rank:>3}. {hit.score:.3f} {hit.strength.word}  {_place(hit)}" for rank, hit in enumerate(trace.hits, 1)),
        "",
        trace.answer,
    ]
    output.result(result, "\n".join(lines))


def _hit(hit: TracedHit) -> Result:
    known = hit.passage
    return {
        **msgspec.to_builtins(msgspec.structs.replace(hit, passage=None)),
        "passage": None if known is None else {"document": known.document, "page": known.page, "text": known.text},
    }


def _place(hit: TracedHit) -> str:
    known = hit.passage
    return place(known.name, known.page, known.recognised) if known else _("removed from the library")


def _diff(difference: Comparison, output: Output) -> None:
    result = {
        "left": difference.left.turn_id,
        "right": difference.right.turn_id,
        "facts": difference.facts,
        "passages": [
            {"passage_id": each.hit.passage_id, "place": _place(each.hit), "fate": each.fate.value}
            | {"left": _builtins(each.left), "right": _builtins(each.right)}
            for each in difference.found
        ],
        "times": difference.times,
        "counts": difference.counts,
        "text": [msgspec.to_builtins(piece) for piece in difference.text],
    }
    marks = {"left": "[-{}-]", "right": "{{+{}+}}", "": "{}"}
    numbers = [
        *(words.time(name, *pair) for name, pair in difference.times.items()),
        *(words.number(name, *pair) for name, pair in difference.counts.items()),
    ]
    lines = [
        *(_change(*fact) for fact in words.facts(difference) if fact[1] != fact[2]),
        "",
        *(f"{_rank(each.left):>4} → {_rank(each.right):<4} {_place(each.hit)}" for each in difference.found),
        "",
        *(_change(*each) for each in numbers),
        "",
        "".join(marks[piece.side].format(piece.text) for piece in difference.text),
    ]
    output.result(result, "\n".join(lines))


def _builtins(place: Place | None) -> Result | None:
    return None if place is None else msgspec.to_builtins(place)


def _rank(place: Place | None) -> str:
    return "–" if place is None else f"{place.rank}."


def _change(name: str, left: str, right: str) -> str:
    return words.with_more(name, f"{left} → {right}")


def _seconds(value: float, form: str) -> str:
    return _("{n} s").format(n=f"{value:{form}}")


def _export(engine: Engine, ids: list[int], target: Path, chosen: Any, output: Output) -> None:
    """Write traces: as JSON lines a line with the turn and one for each event, or as OpenTelemetry spans."""
    found = (_trace(engine, each) for each in ids)  # one at a time: each brings its passages
    as_spans = chosen.format == "otlp" if chosen.format else target.suffix == ".json"
    with target.open("w", encoding="utf-8") as out:
        if as_spans:
            out.write(otlp.document(found, with_text=chosen.text))
        else:
            for trace in found:
                turn: TraceLine = {"event": "Turn", **_summary(trace), "answer": trace.answer}
                for line in (turn, *trace.lines):
                    told = line if chosen.text else without_words(line)
                    out.write(json.dumps({"turn": trace.turn_id, **told}, ensure_ascii=False) + "\n")
    result = {"path": str(target), "traces": len(ids), "format": "otlp" if as_spans else "lines"}
    output.result(result, _("{traces} traces written to {path}").format(**result))
