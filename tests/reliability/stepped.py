"""Kills before each step on the file system that a job takes which replaces, moves or deletes whole libraries.

The random kills of the other modules hit these steps by luck alone: they are over in microseconds. Here the job itself
counts what it renames, deletes, makes and opens for writing, and dies before a step that was chosen, or a few
milliseconds after it, when it writes. The next start, which finishes what was decided, is killed in the same way.

``python -m tests.reliability.stepped FOLDER JOB STEP SECONDS`` does one job and prints how many steps it took.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from kotaemon_desktop.core.errors import DamagedLibrary
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.storage import backup as keeping
from kotaemon_desktop.core.storage import repair
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.salvage import salvage
from kotaemon_desktop.core.storage.verify import verify
from kotaemon_desktop.core.workspaces import Workspaces
from tests.reliability.stepped_made import PREPARE, write

State = dict[str, tuple[object, ...]]  # of each workspace that is there: what it holds

_ROOT = Path(__file__).resolve().parents[2]
_STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.utime", "os.chmod", "sqlite3.connect"}
_WRITING = os.O_WRONLY | os.O_RDWR
_DELAYS = (0.0, 0.0, 0.0, 0.002, 0.01)  # seconds behind a step
_AGAIN = 2  # starts behind a killed restore that are killed as well
_LATER = 31 * 86400.0
_NEW = "new"  # a workspace that a job makes
# What nobody is to find after a job was done again to its end.
_LEFTOVERS = ("**/.restore*", "**/*.part", "**/library.salvaging*", "removed-workspaces/.*")


# --- the process that is killed ---------------------------------------------------------------------------------------


class Steps:
    """Counts the steps of this process on the file system; dies before one, or ``seconds`` after it."""

    def __init__(self, last: int, seconds: float, mark: str) -> None:
        """Steps before the first on a path with ``mark`` in it do not count."""
        self.taken = 0
        self._last, self._seconds, self._mark = last, seconds, mark

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """An audit hook, see ``sys.addaudithook``; an event comes before what it tells of."""
        if event not in _STEPS and not (event == "open" and _writes(arguments)):
            return
        if not self.taken and self._mark not in repr(arguments):
            return
        self.taken += 1
        if self.taken == self._last and not self._seconds:
            _die()
        elif self.taken == self._last:
            threading.Timer(self._seconds, _die).start()


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2]
    return isinstance(flags, int) and bool(flags & _WRITING)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _jobs(folder: DataFolder) -> dict[str, Callable[[], object]]:
    spaces, beside = Workspaces(folder.root), folder.root.parent
    return {
        "salvage": lambda: list(salvage(folder)),
        "repair": lambda: repair.repair(folder),
        "restore": lambda: keeping.restore(beside / "all.zip", folder),
        "restore_section": lambda: keeping.restore(beside / "all.zip", DataFolder(folder.root, "work")),
        "bring": lambda: spaces.bring(beside / "own.zip", _NEW),
        "create": lambda: spaces.create(_NEW, folder),
        "remove": lambda: spaces.remove("work", "default"),
        "purge": lambda: spaces.purge(time.time() + _LATER),
        "export": lambda: spaces.export("work", beside / "made.zip"),
        "backup": lambda: keeping.backup(folder, beside / "made.zip"),
        "migrate": lambda: Database(folder.database).close(),
        "settle": lambda: None,  # what taking the lock does: the start that finishes what was decided
    }


def main() -> None:
    root, job, last, seconds = sys.argv[1:]
    folder = DataFolder(Path(root))
    steps = Steps(int(last), float(seconds), ".restore-" if job == "settle" else "")
    if job == "settle":
        sys.addaudithook(steps.hear)
    with folder.lock():
        if job != "settle":
            sys.addaudithook(steps.hear)
        _jobs(folder)[job]()
    print(steps.taken, flush=True)
    _die()  # a timer may still be waiting


# --- the process that kills and looks ---------------------------------------------------------------------------------


class JobFailed(Exception):
    """A job ended otherwise than by a kill or well."""


class SteppedShots:
    """Owns a work folder. :meth:`fire` kills a job and says which, whether it was hit, and what was lost."""

    def __init__(self, work: Path, seed: int) -> None:
        shutil.rmtree(work, ignore_errors=True)
        self._work, self._chance = work, random.Random(seed)
        self._made = work / "made"  # what each job is let loose on, in a copy
        write(self._made)
        self._lengths: dict[str, int] = {}  # of each job, in steps
        self._ends: dict[str, State] = {}
        self._left: dict[str, list[int]] = {}  # steps of each job that are still to be killed at
        self._jobs = list(_jobs(DataFolder(work)))

    def fire(self, number: int) -> Iterator[tuple[str, bool, list[str]]]:
        """Kill a job, then perhaps the starts behind it; yield (kind of kill, whether it hit, losses) of each."""
        job = self._jobs[number % len(self._jobs)]
        for each in {job, "settle"} - {*self._ends}:
            self._learn(each)
        folder = self._prepared(job)
        began = _state(folder, job)
        hit = self._run(folder, job, self._next_step(job), self._chance.choice(_DELAYS)) is None
        again: list[bool] = []
        while len(again) < _AGAIN and any(folder.root.glob("**/.restore-ready")):
            again.append(self._run(folder, "settle", self._chance.randint(1, self._lengths["settle"]), 0.0) is None)
        yield f"step of {job}", hit, [f"{job}: {each}" for each in self._look(folder, job, began)]
        for each in again:
            yield "step of settle", each, []

    def _learn(self, job: str) -> None:
        """Let ``job`` end once, and remember how many steps that takes and what is there then."""
        folder = self._prepared(job)
        self._lengths[job] = self._run(folder, job, 0, 0.0) or 0
        self._ends[job] = _state(folder, job)

    def _next_step(self, job: str) -> int:
        if not self._left.get(job):
            self._left[job] = self._chance.sample(range(1, self._lengths[job] + 1), self._lengths[job])
        return self._left[job].pop()

    def _prepared(self, job: str) -> DataFolder:
        place = self._work / "life"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self._made, place)
        folder = DataFolder(place / "data")
        PREPARE.get(job, lambda _folder: None)(folder)
        return folder

    def _run(self, folder: DataFolder, job: str, step: int, seconds: float) -> int | None:
        """Return how many steps the job took, None if it was killed at ``step``. Raises JobFailed."""
        words = [folder.root, job, step, seconds]
        done = subprocess.run(
            [sys.executable, "-m", "tests.reliability.stepped", *map(str, words)],
            cwd=_ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != -signal.SIGKILL:
            raise JobFailed(f"{job} ended by itself: {done.stderr[-800:]}")
        return int(done.stdout) if done.stdout else None

    def _look(self, folder: DataFolder, job: str, began: State) -> Iterator[str]:
        """Yield what is wrong after the next start, and after the job is done again."""
        folder.lock().release()
        now, end = _state(folder, job), self._ends[job]
        if now not in ((end,) if job == "settle" else (began, end)):
            yield f"neither before nor after: {_difference(now, began)} / {_difference(now, end)}"
        yield from _aside(folder, job, began, now)
        if now == began or job == "purge":
            try:
                self._run(folder, job, 0, 0.0)
            except JobFailed as error:
                yield f"cannot be done again: {error}"
            if _state(folder, job) != end:
                yield f"done again: {_difference(_state(folder, job), end)}"
            yield from _aside(folder, job, began, end)
        folder.lock().release()
        for pattern in _LEFTOVERS:
            yield from (f"left behind: {each.relative_to(folder.root)}" for each in folder.root.glob(pattern))
        for name in folder.workspaces():
            yield from (f"{name}: {problem}" for problem in verify(DataFolder(folder.root, name)).problems)


def _aside(folder: DataFolder, job: str, began: State, now: State) -> Iterator[str]:
    """Yield what is missing of that which a job has put aside, where it is done."""
    if now == began:
        return
    match job:
        case "restore" | "settle":
            places = folder.root.glob("before-restore-*")
            wanted: tuple[object, ...] = tuple(sorted(began.items()))
            found = [tuple(sorted(_state(DataFolder(place), job).items())) for place in places]
        case "restore_section":
            found = [_held(place) for place in (folder.root / "workspaces" / "work").glob("before-restore-*")]
            wanted = began["work"]
        case "remove":
            found, wanted = [_held(place) for place in folder.removed_workspaces.iterdir()], began["work"]
        case "salvage":
            found = [(kept.read_bytes(), _journal(kept)) for kept in folder.root.glob("library.damaged-*.sqlite3")]
            wanted = (folder.root.parent / "damaged").read_bytes(), (folder.root.parent / "damaged-wal").read_bytes()
        case _:
            return
    if wanted not in found:
        yield f"what was there before is in none of {len(found)} places"


def _journal(file: Path) -> bytes:
    journal = file.with_name(f"{file.name}-wal")
    return journal.read_bytes() if journal.is_file() else b""


def _state(folder: DataFolder, job: str) -> State:
    """Return what is there for a person. A library that cannot be read is the damaged one."""
    if job in {"export", "backup"}:
        return {"file": _zip(folder.root.parent / "made.zip")}
    if job == "migrate":
        return {"old": _plainly(folder.database)}
    if job == "purge":
        return {place.name: _held(place) for place in folder.removed_workspaces.glob("[!.]*")}
    return {name: _held(DataFolder(folder.root, name).section) for name in folder.workspaces()}


def _plainly(library: Path) -> tuple[object, ...]:
    """Return what a library of any schema holds, and whether it and the copies of its older ones are sound."""
    counts: list[object] = []
    for file in (library, *library.parent.glob("library.schema-*")):
        with closing(sqlite3.connect(file)) as opened:
            counts += [
                opened.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("documents", "turns")
            ]
            counts += opened.execute("PRAGMA integrity_check").fetchone()
    return tuple(sorted(set(map(str, counts))))


def _zip(file: Path) -> tuple[object, ...]:
    with zipfile.ZipFile(file) as archive:
        return archive.testzip(), *sorted(name for name in archive.namelist())


def _held(section: Path) -> tuple[object, ...]:
    """Return the documents, answers, settings and kept copies of a section of a data folder."""
    settings = section / "kotaemon.yaml"
    words = settings.read_text("utf-8") if settings.is_file() else ""
    copies = tuple(sorted(file.name for file in section.glob("originals/*")))
    try:
        with Database(section / "library.sqlite3") as database:
            database.check()
            documents = tuple(map(tuple, database.fetch(_DOCUMENT_ROWS)))
            turns = tuple(row[0] for row in database.fetch("SELECT question FROM turns ORDER BY id"))
            indexed = database.fetch("SELECT count(*) FROM words_docsize")[0][0]
            counted = database.fetch("SELECT count(*) FROM passages WHERE document_id IN (SELECT id FROM documents)")
            return words, copies, documents, turns, indexed == counted[0][0]
    except DamagedLibrary:
        return words, copies, "damaged"


_DOCUMENT_ROWS = """
SELECT path, title, passages, (SELECT count(*) FROM passages WHERE document_id = documents.id) FROM documents ORDER BY 1
"""


def _difference(now: State, other: State) -> str:
    names = [name for name in {*now, *other} if now.get(name) != other.get(name)]
    return "; ".join(f"{name}: {str(now.get(name))[:300]} not {str(other.get(name))[:300]}" for name in names)


if __name__ == "__main__":
    main()
