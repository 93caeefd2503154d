"""What is looked at in a data folder after a kill, in a copy of it, so that the next start finds it as it was left."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from kotaemon_desktop.core import replacing
from kotaemon_desktop.core.paths import DataFolder
from kotaemon_desktop.core.settings_file import SettingsFile
from kotaemon_desktop.core.storage.verify import verify
from tests.reliability.ledger import Value

_VISIBLE = "removed_at IS NULL AND state != 'failed'"
WORKSPACE = "workspace "  # before its name, in a ledger
_COPIED = ("library.sqlite3", "library.sqlite3-wal", "kotaemon.yaml", ".kotaemon.last-good.yaml")


def copied(folder: Path, work: Path) -> Path:
    """Copy what is the truth in ``folder`` to a fresh folder in ``work``."""
    target = work / "looked at"
    shutil.rmtree(target, ignore_errors=True)
    if replacing.is_decided(folder):  # so it is what the next start makes of it
        shutil.copytree(folder, target, ignore=shutil.ignore_patterns("models", "logs", "chroma"))
        DataFolder(target).settle()
        return target
    for section in (folder, *folder.glob("workspaces/*")):
        place = target / section.relative_to(folder)
        place.mkdir(parents=True)
        for name in _COPIED:
            if (section / name).is_file():
                shutil.copyfile(section / name, place / name)
        if (section / "originals").is_dir():
            (place / "originals").symlink_to(section / "originals")
    return target


def unsound(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the library of ``folder``: by SQLite's own check, the program's, and our own eyes."""
    for name in DataFolder(folder).workspaces():  # none: killed before there was one
        yield from _unsound_section(DataFolder(folder, name))
    if (problem := SettingsFile(folder / "kotaemon.yaml").problem) is not None:
        yield f"settings: {problem}"


def _unsound_section(folder: DataFolder) -> Iterator[str]:
    with closing(sqlite3.connect(folder.database)) as library:
        for (found,) in library.execute("PRAGMA integrity_check"):
            if found != "ok":
                yield f"integrity_check: {found}"
        if library.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            yield from _half_done(library, folder.originals)
    report = verify(folder)
    yield from report.problems
    yield from (f"missing: {path}" for path in report.missing)


def _half_done(library: sqlite3.Connection, originals: Path) -> Iterator[str]:
    """Yield which visible documents are not wholly there: each section of its file has to be in a passage."""
    if library.execute("PRAGMA user_version").fetchone()[0] < 1:
        return
    documents = library.execute(f"SELECT id, path, title, sha256, passages FROM documents WHERE {_VISIBLE}").fetchall()
    for number, path, title, sha256, passages in documents:
        texts = library.execute(
            "SELECT heading || ' ' || text FROM passages WHERE document_id = ?", (number,)
        ).fetchall()
        whole = " ".join(row[0] for row in texts)
        pages = library.execute("SELECT text FROM pages WHERE document_id = ?", (number,)).fetchall()
        rules = [line for page in pages for line in page[0].splitlines() if line.startswith("## Rule ")]
        if len(texts) != passages or not rules or any(rule not in whole for rule in rules):
            yield f"half-done: {path} ({title}) has {len(texts)} of {passages} passages, {len(rules)} sections"
        copy = originals / f"{sha256}{Path(path).suffix}"
        if not copy.is_file() or hashlib.sha256(copy.read_bytes()).hexdigest() != sha256:
            yield f"half-done: the copy of {path} is missing or torn"


def seen(folder: Path) -> dict[str, Value]:
    """Return what the library and the settings hold, by the names that a ledger uses."""
    held: dict[str, Value] = {}
    setting = SettingsFile(folder / "kotaemon.yaml").settings.residency.ocr_idle
    if setting != SettingsFile(folder / "no.yaml").settings.residency.ocr_idle:
        held["setting"] = setting
    file = folder / "library.sqlite3"
    if not file.is_file():
        return held
    with closing(sqlite3.connect(file)) as library:
        if library.execute("PRAGMA user_version").fetchone()[0] == 0:
            return held
        held.update(_versions(library))
        for (question,) in library.execute("SELECT question FROM turns"):
            held[question] = 1
    for name in DataFolder(folder).workspaces()[1:]:
        held[WORKSPACE + name] = sum_of_versions(DataFolder(folder, name).database)
    return held


def sum_of_versions(file: Path) -> int:
    """Return what tells the documents of one library from those of another."""
    with closing(sqlite3.connect(file)) as library:
        return sum(_versions(library).values())


def _versions(library: sqlite3.Connection) -> dict[str, int]:
    rows = library.execute(f"SELECT path, title FROM documents WHERE {_VISIBLE}")
    return {path: int(title.split()[-1]) for path, title in rows}


def unfinished(folder: Path) -> Iterator[str]:
    """Yield what is left to do, or lying about, after a start that had time to finish everything."""
    with closing(sqlite3.connect(folder / "library.sqlite3")) as library:
        if queued := library.execute("SELECT count(*) FROM queue").fetchone()[0]:
            yield f"unfinished: {queued} files are still promised"
        for (path,) in library.execute(f"SELECT path FROM documents WHERE state = 'stored' AND {_VISIBLE}"):
            yield f"unfinished: {path} is not ready"
        wanted = {row[0] for row in library.execute("SELECT passage_id FROM vectors WHERE searchable = 1")}
    yield from (f"left behind: {path.name}" for path in folder.glob(".restore*"))
    for index in (folder / "chroma").glob("*/chroma.sqlite3"):
        with closing(sqlite3.connect(f"{index.as_uri()}?mode=ro", uri=True)) as chroma:
            found = {int(row[0]) for row in chroma.execute("SELECT embedding_id FROM embeddings")}
        if found != wanted:
            yield f"unfinished: the index has {len(found)} rows for {len(wanted)} vectors"
