"""Stored traces: resolved when they are read, kept for a time, and without a word that a person has deleted."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from kotaemon_desktop.core.events import Cited, Done, Found, Packed, Routed, as_dict
from kotaemon_desktop.core.records import Citation, Hit, Passage, Strength, TraceLine
from kotaemon_desktop.core.storage import conversation_search
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.migrations import MIGRATIONS
from kotaemon_desktop.core.storage.traces import Traces

from .conftest import Now, add

BEFORE_TRACES = next(number for number, script in enumerate(MIGRATIONS) if "CREATE TABLE traces" in script)
SECRET = "The lighthouse keeper wears xylographs on Sundays."
SAID = "Does the keeper collect zymurgies?"


@pytest.fixture
def history(database: Database, now: Now) -> History:
    return History(database, now=now)


@pytest.fixture
def traces(database: Database, library: Library) -> Traces:
    return Traces(database, library.passages)


def events_for(passages: Sequence[Passage]) -> list[TraceLine]:
    hits = tuple(Hit(passage, 0.5, Strength.FAIR, keyword_rank=rank) for rank, passage in enumerate(passages, 1))
    first = passages[0]
    citation = Citation(1, first.id, first.document_id, "/a", "a", 1, 0, 9, first.text)
    events = (
        Routed("documents", "a question"),
        Found(hits),
        Packed(((first.id, 20),), (), 1000),
        Cited(first.text + " [1]", (citation,), ("Or more.",)),
        Done("tiny", True, {"total": 0.5}),
    )
    return [{"at": number / 10, **as_dict(event)} for number, event in enumerate(events)]


def ask(
    history: History,
    lines: Sequence[TraceLine],
    question: str = SAID,
    answer: str = "No.",
    *,
    conversation: int | None = None,
    instead_of: int | None = None,
) -> int:
    return history.add_turn(
        history.new_conversation() if conversation is None else conversation,
        question=question,
        answer=answer,
        route="documents",
        model="tiny",
        answered=True,
        trace=lines,
        instead_of=instead_of,
    )


def on_disk(database: Database) -> bytes:
    return b"".join(file.read_bytes() for file in database.file.parent.glob("library.sqlite3*"))


def test_a_trace_names_passages_and_finds_them_when_it_is_read(
    traces: Traces, history: History, library: Library
) -> None:
    passages = library.passages_of(add(library, "/a.md", SECRET, "Other."))
    turn_id = ask(history, events_for(passages))
    lines = traces.lines(turn_id)
    assert [line["event"] for line in lines] == ["Routed", "Found", "Packed", "Cited", "Done"]
    assert lines[1]["hits"][0] == {
        "passage_id": passages[0].id, "document_id": 1, "score": 0.5, "strength": "fair", "keyword_rank": 1,
        "vector_rank": None, "similarity": None,
    }  # fmt: skip
    assert lines[3] == {
        "at": 0.3, "event": "Cited", "citations": [{"number": 1, "passage_id": passages[0].id}], "unsupported": 1,
    }  # fmt: skip
    assert [hit.passage for hit in traces.hits(turn_id)] == passages
    trace = traces.trace(turn_id)
    assert trace is not None
    assert (trace.turn_id, trace.question, trace.model, trace.answered) == (turn_id, SAID, "tiny", True)
    assert trace.lines == tuple(lines)
    assert [hit.known for hit in trace.hits] == list(traces.hits(turn_id))
    assert traces.trace(turn_id + 1) is None
    assert traces.lines(turn_id + 1) == []


def test_a_removed_document_is_gone_from_traces_until_it_comes_back(
    traces: Traces, history: History, library: Library
) -> None:
    document = add(library, "/a.md", SECRET)
    turn_id = ask(history, events_for(library.passages_of(document)))
    library.remove([document])
    [hit] = traces.trace(turn_id).hits  # type: ignore[union-attr]
    assert (hit.passage, hit.known, hit.score, hit.document_id) == (None, None, 0.5, document)
    assert traces.hits(turn_id) == ()
    library.restore([document])
    assert len(traces.hits(turn_id)) == 1


def test_after_the_undo_time_no_byte_of_a_document_is_left(
    database: Database, traces: Traces, history: History, library: Library, now: Now
) -> None:
    kept = add(library, "/kept.md", "Something that stays and says quillwort.")
    document = add(library, "/a.md", SECRET * 200, SECRET)
    ask(history, events_for(library.passages_of(document)))
    assert SECRET.encode() in on_disk(database)
    library.remove([document])
    library.purge(now.seconds + 10)
    database.forget()
    left = on_disk(database)
    assert SECRET.encode() not in left
    assert b"xylographs" not in left  # in the search index it stands alone
    assert b"quillwort" in left
    assert database.fetch_one("PRAGMA freelist_count")[0] == 0  # type: ignore[index]
    assert library.keyword_search("quillwort", 5)
    assert library.document(kept) is not None
    assert len(traces.latest(5)) == 1


def test_after_the_undo_time_no_byte_of_a_conversation_is_left(database: Database, history: History, now: Now) -> None:
    ask(history, [{"at": 0.0, "event": "Rewritten", "question": SAID}] * 50, answer="A long answer. " * 500)
    [conversation] = history.conversations()
    other = ask(history, [], "What stays?")
    assert len(conversation_search.search(database, "zymurgies", 5)) == 2  # its title too; now it is indexed
    history.remove(conversation.id)
    history.purge(now.seconds - 5)
    assert b"zymurgies" in on_disk(database)
    history.purge(now.seconds + 10)
    database.forget()
    left = on_disk(database)
    assert b"zymurgies" not in left
    assert b"A long answer." not in left
    assert [turn.id for each in history.conversations() for turn in history.turns(each.id)] == [other]


def test_old_traces_go_and_their_answers_stay(database: Database, traces: Traces, history: History, now: Now) -> None:
    old = ask(history, [{"at": 0.0, "event": "Rewritten", "question": "a wayzgoose?"}])
    border = now()
    new = ask(history, [{"at": 0.0, "event": "Routed", "route": "documents", "why": "x"}], "What else?")
    assert traces.purge(border) == 1
    database.forget()
    assert traces.trace(old) is None
    assert b"wayzgoose" not in on_disk(database)
    assert [trace.turn_id for trace in traces.latest(5)] == [new]
    assert [turn.answer for each in history.conversations() for turn in history.turns(each.id)] == ["No.", "No."]


def test_the_same_question_and_other_versions_compare(traces: Traces, history: History) -> None:
    conversation = history.new_conversation()
    line: list[TraceLine] = [{"at": 0.0, "event": "Done"}]
    first = ask(history, line, conversation=conversation)
    again = ask(history, line, conversation=conversation, instead_of=first)
    changed = ask(history, line, "Another one?", conversation=conversation, instead_of=first)
    elsewhere = ask(history, line)
    ask(history, line, "Something else")
    gone = ask(history, line)
    history.remove(next(each.id for each in history.conversations() if history.head(each.id) == gone))
    assert [trace.turn_id for trace in traces.like(first, 9)] == [elsewhere, changed, again]
    assert [trace.turn_id for trace in traces.like(elsewhere, 1)] == [again]


def test_the_latest_traces_are_read_in_their_order(
    database: Database, traces: Traces, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = [ask(history, [{"at": 0.0, "event": "Done"}]) for _ in range(3)]
    history.remove(next(each.id for each in history.conversations() if history.head(each.id) == turns[1]))
    asked: list[str] = []
    fetch = database.fetch

    def noted(sql: str, parameters: Sequence[int] = ()) -> list[sqlite3.Row]:
        asked.append(sql)
        return fetch(sql, parameters)

    monkeypatch.setattr(database, "fetch", noted)
    assert [trace.turn_id for trace in traces.latest(2)] == [turns[2], turns[0]]
    assert traces.ids() == [turns[0], turns[2]]
    for sql in (each for each in asked if "FROM traces" in each):
        steps = [row["detail"] for row in fetch(f"EXPLAIN QUERY PLAN {sql}", (2,) * sql.count("?"))]
        assert not [step for step in steps if "TEMP B-TREE" in step], steps


def test_traces_from_before_lose_the_text_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    with Database(file, migrations=MIGRATIONS[:BEFORE_TRACES]) as before:
        passage = Passage(7, 3, "/a.pdf", "a.pdf", "pdf", 1, 0, 4, "Leave", SECRET)
        lines = "\n".join(msgspec.json.encode(line).decode() for line in events_for([passage, passage]))
        before.connection().execute("INSERT INTO conversations (title, created_at, active_at) VALUES ('', 1, 1)")
        before.connection().executemany(
            "INSERT INTO turns (conversation_id, question, answer, route, model, answered, asked_at, citations, trace)"
            " VALUES (1, ?, 'No.', 'documents', 'tiny', 1, 5.5, '[]', ?)",
            [("Why?", lines), ("And?", "")],
        )
    with Database(file) as now:
        traces = Traces(now, lambda _ids: [])
        assert traces.lines(2) == []
        [trace] = traces.latest(5)
        history = History(now)
        turn_id = ask(history, events_for([passage, passage]))
        assert list(trace.lines) == traces.lines(turn_id)  # as it would be stored today
        assert trace.question == "Why?"
    with closing(sqlite3.connect(file)) as closed:
        assert closed.execute("SELECT count(*) FROM turns").fetchone() == (3,)
    assert SECRET.encode() not in file.read_bytes()
