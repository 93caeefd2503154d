"""The commands that use the library: import, search and ask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kotaemon_desktop.cli import counts
from kotaemon_desktop.cli.output import DONE, FAILED, Output, Result, fail, opened
from kotaemon_desktop.core.component_names import component_name
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import DiskFull, LibraryUnavailable
from kotaemon_desktop.core.events import (
    AnswerEvent,
    AnswerFailed,
    Chosen,
    Cited,
    Degraded,
    Done,
    Embedding,
    Found,
    Imported,
    ImportFailed,
    ImportNote,
    Moved,
    Piece,
    Recognising,
    Rewritten,
    Routed,
    Skipped,
    Stored,
    Waking,
)
from kotaemon_desktop.core.i18n import _, place
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import Consent, Hit
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.tools.errors import NoSuchTool


def import_(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Import files and folders; fails only when nothing came in."""
    with opened(folder) as engine:
        ended: Imported | None = None
        collection = None if chosen.collection is None else engine.collections.find(chosen.collection)
        for event in engine.imports.run(chosen.paths):
            output.event(event, import_text(event))
            if collection is not None and isinstance(event, Stored | Skipped | Moved):
                engine.collections.add(collection.id, [event.document_id])
            if isinstance(event, Imported):
                ended = event
    assert ended is not None, "an import ends with Imported"
    failed = [{"path": path, "reason": reason} for path, reason in ended.failed]
    left_out = ""
    if number := sum(number for _ending, number in ended.left_out):
        left_out = _("; {n} left out ({kinds})").format(n=number, kinds=ended.kinds_left_out)
    output.result(
        {
            "documents": ended.documents,
            "passages": ended.passages,
            "failed": failed,
            "skipped": ended.skipped,
            "recognised": ended.recognised,
            "left_out": dict(ended.left_out),
            "seconds": round(ended.seconds, 3),
        },
        _("{documents}, {passages}, {skipped} already there, {failed} failed, {seconds:.1f} s").format(
            documents=counts.documents(ended.documents),
            passages=counts.passages(ended.passages),
            skipped=ended.skipped,
            failed=len(failed),
            seconds=ended.seconds,
        )
        + left_out,
    )
    return FAILED if failed and not (ended.documents or ended.skipped) else DONE


def import_text(event: object) -> str | None:
    """Return the line that tells people of an import's event; None for those that only a window shows."""
    if isinstance(event, Stored):
        return _("stored    {path} ({passages})").format(path=event.path, passages=counts.passages(event.passages))
    if isinstance(event, Skipped):
        return _("unchanged {path}").format(path=event.path)
    if isinstance(event, Moved):
        return _("moved     {before} to {path}").format(before=event.before, path=event.path)
    if isinstance(event, ImportFailed):
        return _("failed    {path}: {error}").format(path=event.path, error=event.error)
    if isinstance(event, ImportNote):
        return _("note: {error}").format(error=event.error)
    if isinstance(event, Waking):
        return _("waking    {component}").format(component=component_name(event.component))
    if isinstance(event, Recognising):
        return _("scanned   page {done} of {total}, {rate:.1f} a second, {left:.0f} s left").format(
            done=event.done, total=event.total, rate=event.rate, left=event.seconds_left
        )
    if isinstance(event, Embedding):
        return _("embedding {done} of {total}, {rate:.0f} a second, {left:.0f} s left").format(
            done=event.done, total=event.total, rate=event.rate, left=event.seconds_left or 0
        )
    return None


def search(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Find passages for a query."""
    with opened(folder) as engine:
        found = found_for(engine, chosen.query, chosen.top, _scope(engine, chosen.collection))
        finish(engine)
    if found.note:
        fail(found.note)
    text = "\n\n".join(
        f"{number}. {place(hit.passage.name, hit.passage.page, hit.passage.recognised)}  [{hit.strength.word}]\n"
        f"{hit.passage.text}"
        for number, hit in enumerate(found.hits, start=1)
    )
    output.result({"hits": [hit_result(hit) for hit in found.hits]}, text or _("Nothing was found."))
    return DONE


def found_for(engine: Engine, query: str, top: int, scope: Scope = ALL) -> Found:
    """Return what a search finds."""
    return next(event for event in engine.questions.search(query, top, scope) if isinstance(event, Found))


def _scope(engine: Engine, collection: str | None) -> Scope:
    """Return the scope that ``--collection`` means; one that does not exist is an error."""
    return ALL if collection is None else Scope(collections=(engine.collections.find(collection).name,))


def hit_result(hit: Hit) -> Result:
    """Return a passage that was found as the result line has it."""
    passage = hit.passage
    return {
        "document": passage.document,
        "page": passage.page,
        "text": passage.text,
        "score": round(hit.score, 6),
        "strength": hit.strength.value,
        "heading": passage.heading,
        "recognised": passage.recognised,
    }


def ask(folder: DataFolder, chosen: Any, output: Output) -> int:
    """Answer one question."""
    with opened(folder) as engine:
        scope = _scope(engine, chosen.collection)
        for tool in chosen.allow_tool:
            if tool not in engine.questions.tools.names():
                raise NoSuchTool(tool=tool)
        result, error = answered(
            engine,
            chosen.question,
            chosen.model,
            lambda event: output.event(event, _degraded_text(event)),
            scope=scope,
            pipeline=chosen.pipeline,
            allowed=chosen.allow_tool,
        )
        finish(engine)
    if error is not None:
        raise error
    output.result(result, answer_text(result))
    return DONE


def _degraded_text(event: AnswerEvent) -> str | None:
    return _("note: {error}").format(error=event.error) if isinstance(event, Degraded) else None


def answer_text(result: Result) -> str:
    """Return an answer for people: the text, then the place of each citation."""
    sources = "\n".join(
        f"[{each['number']}] {place(each['name'], each['page'], each['recognised'])}" for each in result["citations"]
    )
    return "\n\n".join(part for part in (result["answer"], sources) if part)


def answered(
    engine: Engine,
    question: str,
    model: str | None,
    tell: Callable[[AnswerEvent], None] = lambda _event: None,
    *,
    conversation_id: int | None = None,
    scope: Scope = ALL,
    pipeline: str | None = None,
    allowed: Sequence[str] = (),
) -> tuple[Result, Exception | None]:
    """Run one question to its end; return the result line and the error, if it failed.

    ``allowed`` are the names of tools that may be called this once.
    """
    result: Result = {"answer": "", "route": "", "model": "", "citations": [], "timings": {}, "answered": False}
    error: Exception | None = None
    asked = engine.questions.answer(
        question,
        model=model,
        conversation_id=conversation_id,
        scope=scope,
        pipeline=pipeline,
        approve=lambda call: Consent.ONCE if call.tool in allowed else Consent.NO,
    )
    for event in asked:
        tell(event)
        if isinstance(event, Chosen):
            result["pipeline"] = event.pipeline
        elif isinstance(event, Routed):
            result["route"] = event.route
        elif isinstance(event, Rewritten):
            result["searched"] = event.question
        elif isinstance(event, Piece):
            result["answer"] += event.text
        elif isinstance(event, Cited):
            result["answer"] = event.answer
            result["citations"] = [
                {
                    "document": each.document,
                    "page": each.page,
                    "quote": each.quote,
                    "number": each.number,
                    "name": each.name,
                    "recognised": each.recognised,
                }
                for each in event.citations
            ]
        elif isinstance(event, Degraded):
            result["note"] = str(event.error)
        elif isinstance(event, Done):
            result |= {"model": event.model, "answered": event.answered, "timings": event.timings}
        elif isinstance(event, AnswerFailed):
            error = event.error
    return result, error


def finish(engine: Engine) -> None:
    """Mend the vector index if the question found it behind, so that the next command is whole again.

    Where that cannot be written the answer is good all the same.
    """
    try:
        if engine.imports.work_left():
            for _event in engine.imports.resume():
                pass
    except (DiskFull, LibraryUnavailable) as error:
        fail(error)
