"""Kills aimed at the moments that matter most: SQLite's commits and migrations, and the writing of a vector index.

Each shot is a small process of its own that does only that; it is killed while the files are being written.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from kotaemon_desktop.core.records import PageText, PassageDraft
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.migrations import MIGRATIONS
from kotaemon_desktop.core.storage.vector_index import VectorIndex
from kotaemon_desktop.core.text.words import index_tokens

_DIMENSION = 16
_ROWS = 2300  # Chroma writes its graph every 1,000
_TURNS = 4000
_WAIT = 30.0  # seconds, for a process to get where it is to be killed

_COMMITTING = """
import sys
from pathlib import Path
from tests.reliability.aimed import add
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
library = Library(Database(Path(sys.argv[1])))
first = int(sys.argv[2])
for number in range(first, first + 10000):
    print("begin", number, flush=True)
    add(library, number)
    print("end", number, flush=True)
"""
_MIGRATING = """
import sys
from pathlib import Path
from kotaemon_desktop.core.storage.database import Database
print("begin", flush=True)
Database(Path(sys.argv[1])).close()
print("end", flush=True)
"""
_INDEXING = """
import sys
from kotaemon_desktop.core.storage.vector_index import VectorIndex
index = VectorIndex(*sys.argv[1:4], int(sys.argv[4]), sys.argv[5])
print("begin", flush=True)
for step in index.sync():
    pass
print("end", flush=True)
"""


class Shots:
    """Owns a work folder. Each method fires one shot and returns (whether it hit the work, what was lost)."""

    def __init__(self, work: Path, seed: int) -> None:
        self._work = work
        self._chance = random.Random(seed)
        self._numbers = 0
        self.torn: Counter[str] = Counter()  # indexes that a kill destroyed, and that were made again
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)

    def commit(self) -> tuple[bool, list[str]]:
        """Kill a program that commits documents of many passages without a pause, all into one library."""
        file = self._work / "commits.sqlite3"
        after = self._chance.randint(1, 8)
        lines = _killed(_COMMITTING, [file, self._numbers], after, self._chance.uniform(0, 0.012))
        committed = [int(line.split()[1]) for line in lines if line.startswith("end")]
        begun = [int(line.split()[1]) for line in lines if line.startswith("begin")]
        self._numbers = begun[-1] + 1
        with closing(sqlite3.connect(file)) as library:
            lost = [found for (found,) in library.execute("PRAGMA integrity_check") if found != "ok"]
            known = {int(name): count for name, count in library.execute("SELECT name, passages FROM documents")}
            stored = dict(library.execute("SELECT document_id, count(*) FROM passages GROUP BY 1").fetchall())
            words = library.execute("SELECT count(*) FROM words_docsize").fetchone()[0]
        lost += [f"document {number} was committed and is gone" for number in committed if number not in known]
        lost += [f"half-done: {len(known)} documents, {len(stored)} with passages"] * (len(known) != len(stored))
        lost += [f"half-done: {set(stored.values())} passages"] * any(each != 20 for each in stored.values())
        lost += [f"half-done: {words} passages in keyword search"] * (words != sum(stored.values()))
        if len(known) > 400:
            file.unlink()
        return len(begun) > len(committed), lost

    def migration(self) -> tuple[bool, list[str]]:
        """Kill a program that brings an old library up to date; then let one finish."""
        old = self._chance.randint(1, len(MIGRATIONS) - 1)
        original = self._work / f"old-{old}.sqlite3"
        if not original.exists():
            _write_old(original, old)
        folder = self._work / "migration"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        file = folder / "library.sqlite3"
        shutil.copyfile(original, file)
        lines = _killed(_MIGRATING, [file], 1, self._chance.uniform(0, 0.1))
        lost: list[str] = []
        with Database(file) as library:
            library.check()
            lost += [f"schema {found[0]}" for found in library.fetch("PRAGMA user_version") if found[0] < old]
            if (turns := library.fetch("SELECT count(*), sum(length(answer)) FROM turns")[0])[0] != _TURNS:
                lost.append(f"{turns[0]} turns of {_TURNS}")
            if library.fetch("SELECT count(*) FROM documents")[0][0] != 300:
                lost.append("documents are missing")
        for copy in folder.glob("library.schema-*"):
            with closing(sqlite3.connect(copy)) as kept:
                if kept.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                    lost.append(f"{copy.name} is torn")
        return "end" not in lines, lost

    def chroma(self) -> tuple[bool, list[str]]:
        """Kill a host while Chroma writes its graph."""
        return self._index("chroma", "*/*.bin", (2, 3, 4, 5))

    def mapped(self) -> tuple[bool, list[str]]:
        """Kill a host while the mapped index is written."""
        return self._index("mapped", "vectors*", (1, 2, 3))

    def _index(self, engine: str, pattern: str, changes: Sequence[int]) -> tuple[bool, list[str]]:
        """Kill at one of the first ``changes`` of the files that ``pattern`` names."""
        file, folder = self._work / "vectors.sqlite3", self._work / engine
        if not file.exists():
            _write_vectors(file)
        shutil.rmtree(folder, ignore_errors=True)
        process = _start(_INDEXING, [file, folder, "m", _DIMENSION, engine])
        with process:
            for _ in range(self._chance.choice(changes)):
                _wait_for_change(folder, pattern, process)
            time.sleep(self._chance.choice((0, 0, 0.001, 0.005)))
            process.kill()
            assert process.stdout is not None
            hit = "end" not in process.stdout.read()
        index = VectorIndex(str(file), str(folder), "m", _DIMENSION, engine)
        self.torn[engine] += index.rebuilt is not None
        try:
            for _ in index.sync():
                pass
            lost = [f"{engine}: {index.count()} of {_ROWS} vectors"] * (index.count() != _ROWS)
            lost += [f"{engine}: is behind"] * bool(index.behind())
            for number, vector in list(enumerate(_vectors(), 1))[::50]:
                if index.search(vector.tobytes(), 1)[0][0] != number:
                    lost.append(f"{engine}: vector {number} is not found")
        finally:
            index.close()
        return hit, lost


def add(library: Library, number: int) -> int:
    """Add a document of 20 passages."""
    texts = [f"passage {place} of document {number} " * 10 for place in range(20)]
    return library.add(
        path=f"/{number}", name=str(number), kind="text", title=str(number), size=1, sha256=str(number),
        page_count=None,
        pages=[PageText(None, " ".join(texts))],
        passages=[PassageDraft(None, 0, 1, text, "", " ".join(index_tokens(text))) for text in texts],
    )  # fmt: skip


def _killed(code: str, words: list[object], lines: int, delay: float) -> list[str]:
    """Run ``code`` until it has printed ``lines`` lines and ``delay`` seconds more, kill it; return all it printed."""
    with _start(code, words) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(lines)]
        time.sleep(delay)
        process.kill()
        said += process.stdout.readlines()
    return [line.strip() for line in said if line.endswith("\n")]


def _start(code: str, words: list[object]) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, *map(str, words)], stdout=subprocess.PIPE, text=True)


def _wait_for_change(folder: Path, pattern: str, process: subprocess.Popen[str]) -> None:
    before, deadline = _state(list(folder.glob(pattern))), time.monotonic() + _WAIT
    while process.poll() is None and time.monotonic() < deadline:
        if _state(list(folder.glob(pattern))) != before:
            return
        time.sleep(0.0003)


def _state(files: list[Path]) -> list[tuple[str, int, int]]:
    found: list[tuple[str, int, int]] = []
    for file in sorted(files):
        try:
            found.append((file.name, file.stat().st_mtime_ns, file.stat().st_size))
        except FileNotFoundError:
            continue
    return found


def _write_old(file: Path, schema: int) -> None:
    """Write a library as an older version left it: 300 documents and some thousand turns."""
    with Database(file, migrations=MIGRATIONS[:schema]) as database, database.transaction() as connection:
        connection.executemany(
            "INSERT INTO documents (path, name, title, kind, size, sha256, state, imported_at) "
            "VALUES (?1, ?1, ?1, 'text', 1, ?1, 'ready', 1.0)",
            [(f"/{number}",) for number in range(300)],
        )
        connection.execute("INSERT INTO conversations (id, title, created_at, active_at) VALUES (1, 'Talk', 1.0, 1.0)")
        row = {"conversation_id": 1, "route": "documents", "model": "", "answered": 1, "citations": "[]", "trace": ""}
        known = {column[0] for column in connection.execute("SELECT name FROM pragma_table_info('turns')")}
        row = {name: value for name, value in row.items() if name in known}  # later schemas keep the trace elsewhere
        names = [*row, "question", "answer", "asked_at"]
        connection.executemany(
            f"INSERT INTO turns ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",
            [(*row.values(), f"question {number}", "answer " * 30, float(number)) for number in range(_TURNS)],
        )


def _vectors() -> np.ndarray:
    drawn = np.random.default_rng(1).standard_normal((_ROWS, _DIMENSION))
    return (drawn / np.linalg.norm(drawn, axis=1, keepdims=True)).astype("<f2")


def _write_vectors(file: Path) -> None:
    with Database(file) as database:
        library = Library(database)
        library.add(
            path="/a", name="a", kind="text", title="a", size=1, sha256="a", page_count=None, pages=[],
            passages=[PassageDraft(None, 0, 1, f"passage {n}", "", f"passage {n}") for n in range(_ROWS)],
        )  # fmt: skip
        library.store_vectors("m", [(n, vector.tobytes()) for n, vector in enumerate(_vectors(), 1)])
