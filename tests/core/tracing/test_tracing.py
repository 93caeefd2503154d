"""What traces tell: the line of time, the difference between two answers, and spans that OpenTelemetry can read."""

import json
from typing import Any

import msgspec
import pytest
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span, TracesData
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes

from kotaemon_desktop.core.records import Passage, Strength, Trace, TracedHit
from kotaemon_desktop.core.tracing import otlp
from kotaemon_desktop.core.tracing.compare import Fate, Piece, compare
from kotaemon_desktop.core.tracing.timeline import READ, WRITTEN, steps, total


def hit(number: int, score: float = 0.5) -> TracedHit:
    passage = Passage(number, 3, "/a.pdf", "a.pdf", "pdf", number, 0, 4, "Leave", f"SECRET text {number}")
    return TracedHit(number, 3, score, Strength.FAIR, keyword_rank=number, passage=passage)


def stored(hits: tuple[TracedHit, ...], **more: Any) -> Trace:
    found = [msgspec.to_builtins(msgspec.structs.replace(each, passage=None)) for each in hits]
    lines = (
        {"at": 0.01, "event": "Routed", "route": "documents", "why": "a question"},
        {"at": 0.02, "event": "Rewritten", "question": "how many days of leave"},
        {"at": 0.2, "event": "Found", "hits": found, "note": ""},
        {"at": 0.2, "event": "Waking", "component": "generator", "seconds": 2.0},
        {"at": 1.4, "event": "Packed", "used": [[hits[0].passage_id, 20]], "left_out": [], "budget": 900, "turns": 1},
        {"at": 3.0, "event": "Cited", "citations": [{"number": 1, "passage_id": hits[0].passage_id}], "unsupported": 1},
        {"at": 3.1, "event": "Done", "model": "tiny", "answered": True, "timings": TIMINGS},
    )
    trace = Trace(7, 2, "How long?", "Twenty days [1].", "documents", "tiny", True, 1_700_000_000.0, lines, hits)
    return msgspec.structs.replace(trace, **more)


TIMINGS = {
    "wake": 1.0, "retrieve": 0.2, "prefill": 0.5, "decode": 0.9, "first_piece": 2.0, "total": 3.1,
    "prompt_tokens": 120.0, "reused_tokens": 40.0, "tokens": 18.0,
}  # fmt: skip


def test_steps_follow_each_other_and_the_waking_is_told_from_the_packing() -> None:
    laid = [(step.name, step.start, step.end) for step in steps(stored((hit(1),)).lines)]
    assert laid == [
        ("Routed", 0.0, 0.01),
        ("Rewritten", 0.02, 0.02),
        ("Found", 0.01, 0.2),
        ("Waking", 0.2, pytest.approx(1.2)),
        ("Packed", pytest.approx(1.2), 1.4),
        (READ, 1.4, pytest.approx(1.9)),
        (WRITTEN, pytest.approx(1.9), 3.0),
        ("Cited", 3.0, 3.0),
        ("Done", 3.1, 3.1),
    ]


def test_thinking_has_its_own_step_and_a_stopped_answer_has_what_came() -> None:
    lines = stored((hit(1),)).lines
    thought = {"at": 2.5, "event": "Thought", "seconds": 0.6}
    laid = {step.name: (step.start, step.end) for step in steps([*lines[:5], thought, *lines[5:]])}
    assert laid["Thought"] == (pytest.approx(1.9), 2.5)
    assert laid[WRITTEN] == (2.5, 3.0)
    stopped = lines[:3]
    assert [step.name for step in steps(stopped)] == ["Routed", "Rewritten", "Found"]
    assert total(stopped) == 0.2
    assert steps([]) == []


def test_a_tool_has_its_time_and_a_person_who_allows_it_has_another() -> None:
    lines = stored((hit(1),)).lines
    call = {"tool": "order", "title": "Order status", "place": "localhost", "arguments": {"id": "SECRET"}}
    asked = {"at": 0.3, "event": "ToolAsked", "call": call}
    called = {"at": 5.0, "event": "ToolCalled", "call": call, "address": "x", "found": True, "seconds": 0.5}
    with_tool = [*lines[:3], asked, called, {"at": 5.1, "event": "Found", "hits": [], "note": ""}]
    laid = [(step.name, step.start, step.end) for step in steps(with_tool)][2:]
    assert laid == [("Found", 0.01, 0.2), ("ToolAsked", 0.3, 4.5), ("ToolCalled", 4.5, 5.0), ("Found", 5.0, 5.1)]
    refused = [*lines[:3], asked, {"at": 4.0, "event": "Degraded", "error": "not allowed"}]
    assert [(step.name, step.start, step.end) for step in steps(refused)][3:] == [
        ("ToolAsked", 0.3, 4.0),
        ("Degraded", 4.0, 4.0),
    ]
    trace = stored((hit(1),), lines=tuple(with_tool))
    names = [span["name"] for span in otlp.spans_of(trace)]
    assert names == ["invoke_agent kotaemon", "route", "retrieval library", "wait for consent", "execute tool",
                     "retrieval library"]  # fmt: skip
    assert "SECRET" not in otlp.document([trace])


def test_two_answers_differ_in_what_they_found_read_and_said() -> None:
    left = stored((hit(1), hit(2), hit(3)))
    right = stored((hit(3, 0.9), hit(2), hit(4)), model="large", answer="Thirty days [1].")
    difference = compare(left, right)
    assert difference.facts["model"] == ("tiny", "large")
    assert difference.facts["searched"] == ("how many days of leave",) * 2
    assert [(each.hit.passage_id, each.fate) for each in difference.found] == [
        (3, Fate.MOVED), (2, Fate.SAME), (4, Fate.GAINED), (1, Fate.LOST),
    ]  # fmt: skip
    first = difference.found[0]
    assert first.left is not None
    assert first.right is not None
    assert (first.left.rank, first.left.read, first.right.rank, first.right.read, first.right.cited) == (
        3, False, 1, True, True,
    )  # fmt: skip
    assert difference.times["total"] == (3.1, 3.1)
    assert difference.counts["tokens"] == (18.0, 18.0)
    assert difference.text == (Piece("Twenty", "left"), Piece("Thirty", "right"), Piece(" days [1]."))
    assert "".join(piece.text for piece in difference.text if piece.side != "right") == left.answer


def test_chinese_differs_by_characters() -> None:
    left, right = (stored((hit(1),), answer=answer) for answer in ("年休假为五天。", "年休假为十天。"))
    assert [piece for piece in compare(left, right).text if piece.side] == [Piece("五", "left"), Piece("十", "right")]


def test_quotes_are_compared_without_the_signs_before_them() -> None:
    left, right = (stored((hit(1),), answer=answer) for answer in ("> Five > four. [1]\n\n> So.", "Five > four. [1]"))
    assert "".join(piece.text for piece in compare(left, right).text) == "Five > four. [1]\n\nSo."


def spans(document: str) -> list[Span]:
    """Read ``document`` as OpenTelemetry's own messages; its ids are hexadecimal, in protobuf's JSON base64."""
    content = json.loads(document)
    [resource] = content["resourceSpans"]
    assert resource["resource"]["attributes"][0]["value"] == {"stringValue": "kotaemon-desktop"}
    ids = [(span["traceId"], span["spanId"]) for span in resource["scopeSpans"][0]["spans"]]
    assert all(len(bytes.fromhex(trace)) == 16 and len(bytes.fromhex(span)) == 8 for trace, span in ids)
    return list(json_format.Parse(document, TracesData()).resource_spans[0].scope_spans[0].spans)


def attributes(span: Span) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value") or "") for each in span.attributes}


def test_spans_can_be_read_by_opentelemetry() -> None:
    trace = stored((hit(1), hit(2)))
    whole, *parts = spans(otlp.document([trace]))
    assert whole.name == "invoke_agent kotaemon"
    assert (whole.end_time_unix_nano - whole.start_time_unix_nano) / 1e9 == pytest.approx(3.1, abs=1e-4)
    assert whole.end_time_unix_nano / 1e9 == pytest.approx(trace.asked_at, abs=1e-3)
    assert whole.status.code == 1
    assert [part.name for part in parts] == [
        "route", "retrieval library", "wake", "pack prompt", "read prompt", "chat tiny", "cite",
    ]  # fmt: skip
    assert {part.parent_span_id for part in parts} == {whole.span_id}
    assert len({span.span_id for span in (whole, *parts)}) == len(parts) + 1
    for part in parts:
        assert whole.start_time_unix_nano <= part.start_time_unix_nano <= part.end_time_unix_nano
        assert part.end_time_unix_nano <= whole.end_time_unix_nano
    chat = attributes(parts[5])
    assert (chat["gen_ai.usage.input_tokens"], chat["gen_ai.usage.output_tokens"]) == (120, 18)
    assert json.loads(attributes(parts[1])["gen_ai.retrieval.documents"])[0] == {"id": "1", "score": 0.5}
    known = {value for value in vars(gen_ai_attributes).values() if isinstance(value, str)}
    used = {key for span in (whole, *parts) for key in attributes(span) if key.startswith("gen_ai.")}
    assert used <= known
    assert attributes(whole)["gen_ai.operation.name"] == gen_ai_attributes.GenAiOperationNameValues.INVOKE_AGENT.value
    assert chat["gen_ai.operation.name"] == gen_ai_attributes.GenAiOperationNameValues.CHAT.value


def test_words_stay_out_of_spans_unless_asked_for() -> None:
    trace = stored((hit(1),))
    without, with_text = otlp.document([trace]), otlp.document([trace], with_text=True)
    assert "How long?" not in without
    assert "Twenty days" not in without
    assert "how many days of leave" not in without
    assert attributes(spans(with_text)[2])["gen_ai.retrieval.query.text"] == "how many days of leave"
    assert json.loads(attributes(spans(with_text)[0])["gen_ai.input.messages"])[0]["parts"][0]["content"] == "How long?"
    assert "Twenty days" in with_text
    assert "SECRET" not in with_text


def test_a_failed_answer_is_a_failed_span() -> None:
    lines = ({"at": 0.1, "event": "AnswerFailed", "error": "no room"},)
    for with_text, told in ((True, "no room"), (False, "")):
        [whole] = spans(otlp.document([stored((hit(1),), lines=lines)], with_text=with_text))
        assert (whole.status.code, whole.status.message) == (2, told)
        assert [event.name for event in whole.events] == ["answerfailed"]


def test_the_same_turn_has_the_same_ids_and_others_have_others() -> None:
    one, same, other = (otlp.document([stored((hit(1),), turn_id=number)]) for number in (1, 1, 2))
    assert one == same
    assert not {span.trace_id for span in spans(one)} & {span.trace_id for span in spans(other)}
