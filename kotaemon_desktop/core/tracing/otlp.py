"""Writes traces as OpenTelemetry spans: one OTLP/JSON document that collectors and viewers read from a file.

Nothing is sent. Attributes follow the semantic conventions for generative AI (``gen_ai.*``, version 1.41, in
development), what these have no name for is under ``kotaemon.*``. Words of questions and answers stay out unless asked
for, and the documents' text is in no trace. Format: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import msgspec

from kotaemon_desktop import __version__
from kotaemon_desktop.core.records import Trace, TraceLine
from kotaemon_desktop.core.tracing.timeline import READ, WRITTEN, Step, steps, timings, total
from kotaemon_desktop.core.tracing.wordless import without_words

SCHEMA: Final = "https://opentelemetry.io/schemas/1.41.0"
NAME: Final = "kotaemon-desktop"
PROVIDER: Final = "onnxruntime"  # no well-known value fits a model in one's own process

_INTERNAL: Final = 1  # SpanKind
_OK, _ERROR = 1, 2  # StatusCode
_SPANS: Final = {
    "Routed": "route",
    "Waking": "wake",
    "Found": "retrieval",
    "ToolAsked": "wait for consent",
    "ToolCalled": "execute tool",
    "Packed": "pack prompt",
    READ: "read prompt",
    "Thought": "think",
    WRITTEN: "write answer",
    "Cited": "cite",
}
_NUMBERS: Final = {
    "gen_ai.usage.input_tokens": "prompt_tokens",
    "gen_ai.usage.cache_read.input_tokens": "reused_tokens",
    "gen_ai.usage.output_tokens": "tokens",
}

_UNTOLD: Final = {"at", "event", "question"}  # a question may be told with the text, at its own place

Attributes = dict[str, Any]
Span = dict[str, Any]


def document(traces: Iterable[Trace], *, with_text: bool = False) -> str:
    """Return ``traces`` as one OTLP/JSON document; ``with_text`` puts questions and answers in."""
    scope = {"name": NAME, "version": __version__}
    spans = [span for trace in traces for span in spans_of(trace, with_text=with_text)]
    resource = {"attributes": _attributes({"service.name": NAME, "service.version": __version__})}
    content = {
        "resourceSpans": [
            {
                "resource": resource,
                "scopeSpans": [{"scope": scope, "spans": spans, "schemaUrl": SCHEMA}],
                "schemaUrl": SCHEMA,
            }
        ]
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def spans_of(trace: Trace, *, with_text: bool = False) -> Iterator[Span]:
    """Yield the span of the whole answer, then one for each of its steps; moments are events of the whole."""
    if not with_text:
        trace = msgspec.structs.replace(trace, lines=tuple(map(without_words, trace.lines)))
    # A turn is stored when its answer ends; the clock of its steps began with the question.
    began = trace.asked_at - total(trace.lines)
    laid = steps(trace.lines)
    root = _span(trace, "invoke_agent kotaemon", began, 0.0, total(trace.lines), _whole(trace, with_text))
    root["events"] = [_event(began, step) for step in laid if step.name not in _SPANS and step.line]
    failure = next((line for line in trace.lines if line["event"] == "AnswerFailed"), None)
    root["status"] = {"code": _ERROR, "message": failure.get("error", "")} if failure else {"code": _OK}
    yield root
    for number, step in enumerate((step for step in laid if step.name in _SPANS), 1):
        name, about = _about(trace, step, with_text)
        child = _span(trace, name, began, step.start, step.end, about, str(number))
        yield child | {"parentSpanId": root["spanId"]}


def _whole(trace: Trace, with_text: bool) -> Attributes:
    taken = timings(trace.lines)
    found: Attributes = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.provider.name": PROVIDER,
        "gen_ai.agent.name": NAME,
        "gen_ai.conversation.id": str(trace.conversation_id),
        "gen_ai.request.model": trace.model,
        "gen_ai.response.model": trace.model,
        "kotaemon.turn": trace.turn_id,
        "kotaemon.route": trace.route,
        "kotaemon.answered": trace.answered,
    }
    found |= {name: int(taken[key]) for name, key in _NUMBERS.items() if key in taken}
    if trace.side:
        found["kotaemon.side"] = trace.side
    if trace.thumb:
        found["gen_ai.evaluation.name"] = "thumb"
        found["gen_ai.evaluation.score.value"] = float(trace.thumb)
    if "first_piece" in taken:
        found["gen_ai.response.time_to_first_chunk"] = float(taken["first_piece"])
    if with_text:
        found["gen_ai.input.messages"] = _message("user", trace.question)
        found["gen_ai.output.messages"] = _message("assistant", trace.answer, finish_reason="stop")
    return found


def _about(trace: Trace, step: Step, with_text: bool) -> tuple[str, Attributes]:
    """Return the name of a step's span and what it tells."""
    line = step.line or {}
    name = _SPANS[step.name]
    if step.name == "Found":
        about: Attributes = {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.provider.name": PROVIDER,
            "gen_ai.data_source.id": "library",
            "gen_ai.retrieval.documents": json.dumps(
                [{"id": str(hit["passage_id"]), "score": hit["score"]} for hit in line["hits"]]
            ),
        }
        if with_text:
            rewritten = (each["question"] for each in trace.lines if each["event"] == "Rewritten")
            about["gen_ai.retrieval.query.text"] = next(rewritten, trace.question)
        return "retrieval library", about
    if step.name == WRITTEN:
        taken = timings(trace.lines)
        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": PROVIDER,
            "gen_ai.request.model": trace.model,
            "gen_ai.response.model": trace.model,
            "gen_ai.output.type": "text",
        }
        return f"chat {trace.model}", about | {key: int(taken[own]) for key, own in _NUMBERS.items() if own in taken}
    return name, _plain(line)


def _plain(line: TraceLine) -> Attributes:
    """Return the fields of an event that are words or numbers, and the lengths of its lists."""
    found: Attributes = {}
    for name, value in line.items():
        if name in _UNTOLD:
            continue
        told = len(cast("list[object]", value)) if isinstance(value, list | tuple) else value
        if isinstance(told, str | int | float):
            found[f"kotaemon.{name}"] = told
    return found


def _span(trace: Trace, name: str, began: float, start: float, end: float, about: Attributes, part: str = "") -> Span:
    return {
        "traceId": _id(16, trace.turn_id, trace.asked_at),
        "spanId": _id(8, trace.turn_id, trace.asked_at, part or "whole"),
        "name": name,
        "kind": _INTERNAL,
        "startTimeUnixNano": _nanoseconds(began + start),
        "endTimeUnixNano": _nanoseconds(began + end),
        "attributes": _attributes(about),
    }


def _event(began: float, step: Step) -> dict[str, Any]:
    return {
        "timeUnixNano": _nanoseconds(began + step.start),
        "name": step.name.lower(),
        "attributes": _attributes(_plain(step.line or {})),
    }


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}  # 64-bit integers are strings in this format
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": str(value)}


def _message(role: str, text: str, **more: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}], **more}], ensure_ascii=False)


def _nanoseconds(at: float) -> str:
    return str(int(at * 1e6) * 1000)


def _id(size: int, *parts: object) -> str:
    """Return ``size`` bytes in hexadecimal that are the same for a turn whenever it is written."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[: 2 * size]
