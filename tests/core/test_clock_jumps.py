"""A wall clock that jumps, forward or back, for a moment: nothing is deleted early, no timer ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kotaemon_desktop.cli.output import opened
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.events import Done
from kotaemon_desktop.core.models import embedded
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.records import ComponentState
from kotaemon_desktop.core.residency.names import READER
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.usage import Usage
from kotaemon_desktop.core.workspaces import Workspaces

DAY = 24 * 3600.0
START = 1_772_445_600.0  # a Monday in March 2026


class JumpingClock:
    """A monotonic clock that a test moves, and a wall clock that goes with it but for a ``jump``."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.jump = 0.0

    def monotonic(self) -> float:
        return 5000.0 + self.passed

    def wall(self) -> float:
        return START + self.passed + self.jump


@pytest.fixture
def clock() -> JumpingClock:
    return JumpingClock()


@pytest.fixture
def start(tmp_path: Path, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Engine]:
    """Start the program, as often as a test likes, always on one folder; words alone search in it."""
    monkeypatch.setattr(embedded, "available", lambda: False)
    return lambda: Engine(DataFolder(tmp_path / "data"), clock=clock)


@pytest.fixture
def removed(tmp_path: Path, start: Callable[[], Engine]) -> Path:
    """A folder in which a document, a conversation and a workspace were removed an hour ago."""
    (tmp_path / "leave.md").write_text("# Leave\n\nEvery employee has 27 days of paid leave a year.\n", "utf-8")
    folder = tmp_path / "data"
    with closing(start()) as engine:
        list(engine.imports.run([tmp_path / "leave.md"]))
        [document] = engine.library.documents()
        engine.library.remove([document.id])
        conversation = engine.history.new_conversation()
        list(engine.questions.answer("How many days?", conversation_id=conversation, model="none"))
        engine.history.remove(conversation)
        engine.tick()
    assert left(folder) == (1, 1)
    return folder


def run_a_while(engine: Engine, clock: JumpingClock, seconds: float = 3600.0) -> None:
    """Let the program run, with a beat every two minutes."""
    for _beat in range(int(seconds // 120)):
        clock.passed += 120
        engine.tick()


def left(folder: Path) -> tuple[int, int]:
    """Return how many documents and conversations can still be brought back."""
    with Database(folder / "library.sqlite3") as database:
        documents, conversations = database.fetch(
            "SELECT (SELECT count(*) FROM documents WHERE removed_at IS NOT NULL),"
            " (SELECT count(*) FROM conversations WHERE removed_at IS NOT NULL)"
        )[0]
    return documents, conversations


def test_a_clock_that_is_wrong_for_a_moment_deletes_nothing(
    removed: Path, start: Callable[[], Engine], clock: JumpingClock
) -> None:
    for jump in (400 * DAY, -20 * 365 * DAY, 400 * DAY, 0.0):
        for _start in range(2):  # the second start finds what the first has written at the wrong time
            clock.jump = jump
            with closing(start()) as engine:
                run_a_while(engine, clock)
    assert left(removed) == (1, 1)


def test_a_jump_while_the_program_runs_deletes_nothing(
    removed: Path, start: Callable[[], Engine], clock: JumpingClock
) -> None:
    with closing(start()) as engine:
        for jump in (400 * DAY, 0.0, -400 * DAY, 0.0):
            clock.jump = jump
            run_a_while(engine, clock, 7 * 3600)
    assert left(removed) == (1, 1)


def test_what_is_due_goes_a_day_after_the_program_has_seen_it(
    removed: Path, start: Callable[[], Engine], clock: JumpingClock
) -> None:
    clock.passed += 29 * DAY
    with closing(start()) as engine:
        run_a_while(engine, clock)
        assert left(removed) == (1, 1)
    clock.passed += 2 * DAY  # nobody was here: this may as well be a wrong clock
    with closing(start()) as engine:
        run_a_while(engine, clock)
        assert left(removed) == (1, 1)
        run_a_while(engine, clock, DAY + 3600)
    assert left(removed) == (0, 0)


@pytest.fixture
def due(removed: Path, start: Callable[[], Engine], clock: JumpingClock) -> Path:
    """A folder in which all that was removed is due now."""
    clock.passed += 31 * DAY
    with closing(start()) as engine:
        run_a_while(engine, clock)
    clock.passed += 2 * DAY
    assert left(removed) == (1, 1)
    return removed


def test_the_start_does_not_wait_for_what_is_due(
    due: Path, start: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The window opens the engine in its own thread; the search indexes are written anew once for all that goes."""
    forgotten: list[Database] = []
    forget = Database.forget

    def counted(database: Database) -> None:
        forgotten.append(database)
        forget(database)

    monkeypatch.setattr(Database, "forget", counted)
    with closing(start()) as engine:
        assert left(due) == (1, 1)
        engine.tick()
        assert left(due) == (0, 0)
        engine.tick()
    assert len(forgotten) == 1


def test_a_command_deletes_what_is_due(due: Path, clock: JumpingClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kotaemon_desktop.core.engine.SystemClock", lambda: clock)
    with opened(DataFolder(due)):
        assert left(due) == (0, 0)


def test_its_text_is_in_no_file_afterwards(due: Path, start: Callable[[], Engine], clock: JumpingClock) -> None:
    """Copies of the file, and of the library in an older schema, go with the document; what is young may be needed."""
    originals = DataFolder(due).originals
    originals.mkdir()
    with Database(due / "library.sqlite3") as database:
        [(sha256,)] = database.fetch("SELECT sha256 FROM documents")
    old = (originals / f"{sha256}.md", due / "library.schema-3.sqlite3", originals / "cut.md.part")
    young = (originals / "0.md", due / "library.schema-4.sqlite3", originals / "now.md.part")
    for files, written in ((old, START), (young, clock.wall())):
        for file in files:
            file.write_text("27 days of paid leave", "utf-8")
            os.utime(file, (written, written))
    with closing(start()) as engine:
        assert all(file.is_file() for file in (*old, *young))
        engine.delete_due()
    assert not any(file.exists() for file in old)
    assert all(file.is_file() for file in young)
    held = [
        file for file in due.rglob("*") if file.is_file() and file not in young and b"paid leave" in file.read_bytes()
    ]
    assert held == []


def test_a_copy_that_cannot_be_deleted_goes_another_time(
    due: Path, start: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch, clock: JumpingClock
) -> None:
    copy = due / "library.schema-3.sqlite3"
    copy.write_text("27 days of paid leave", "utf-8")
    os.utime(copy, (START, START))
    forgotten: list[Database] = []

    def counted(database: Database) -> None:
        forgotten.append(database)

    monkeypatch.setattr(Database, "forget", counted)
    with closing(start()) as engine:
        with monkeypatch.context() as held:
            held.setattr(Path, "unlink", lambda _file, **_: (_ for _ in ()).throw(PermissionError("in use")))
            engine.delete_due()
        assert (left(due), len(forgotten), copy.exists()) == ((0, 0), 1, True)
        run_a_while(engine, clock)
        clock.passed += DAY
        engine.delete_due()
        assert not copy.exists()


def test_removed_workspaces_go_as_documents_do(
    removed: Path, start: Callable[[], Engine], clock: JumpingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    purged: list[float] = []
    monkeypatch.setattr(Workspaces, "purge", lambda _self, now: purged.append(now))
    DataFolder(removed).removed_workspaces.mkdir()
    clock.jump = 400 * DAY
    with closing(start()) as engine:
        run_a_while(engine, clock)
    assert all(now <= START + clock.passed for now in purged)
    clock.jump = 0.0
    clock.passed += 2 * DAY
    purged.clear()
    with closing(start()) as engine:
        run_a_while(engine, clock)
    assert purged
    assert START <= purged[0] <= clock.wall() - DAY


def test_timers_and_timings_do_not_look_at_the_wall_clock(
    tmp_path: Path, start: Callable[[], Engine], clock: JumpingClock
) -> None:
    file = tmp_path / "note.md"
    file.write_text("# Note\n\nThe office closes at six.\n", "utf-8")
    with closing(start()) as engine:
        list(engine.imports.run([file]))
        assert engine.keeper.status(READER).state is ComponentState.IDLE
        for jump in (-400 * DAY, 60.0, 0.0):
            clock.jump = jump
            conversation = engine.history.new_conversation()
            done: Done | None = None
            for event in engine.questions.answer("When does it close?", conversation_id=conversation, model="none"):
                clock.jump += jump  # in mid-answer, again and again
                if isinstance(event, Done):
                    done = event
            assert done is not None
            assert all(0 <= seconds < 60 for seconds in done.timings.values())
        assert all(0 <= line["at"] < 60 for trace in engine.traces.latest(9) for line in trace.lines)
        engine.tick()
        assert engine.keeper.status(READER).state is ComponentState.IDLE
        clock.passed += engine.settings.residency.reader_idle + 1
        clock.jump = -400 * DAY
        engine.tick()
        assert engine.keeper.status(READER).state is ComponentState.ABSENT


def test_only_what_was_seen_counts(tmp_path: Path) -> None:
    now = START
    with Database(tmp_path / "library.sqlite3") as database:
        usage = Usage(database, now=lambda: now)
        assert usage.confirmed(now) is None
        usage.beat()
        usage.record_wake("reader", 1.0, 1)
        now += 100
        usage.beat()
        usage.close()
        assert usage.confirmed(START - 1) is None
        assert usage.confirmed(START + 50) == START + 50
        assert usage.confirmed(START + 400 * DAY) == START + 100
