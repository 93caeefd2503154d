"""A real library in a temporary folder, with a clock that tests move, and a short way to fill it."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kotaemon_desktop.core.records import PageText, PassageDraft
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.text.words import index_tokens


class Now:
    """Wall-clock seconds that only tests move; each reading is a little later, as in life."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        self.seconds += 1
        return self.seconds


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "library.sqlite3") as opened:
        yield opened


@pytest.fixture
def library(database: Database, now: Now) -> Library:
    return Library(database, now=now)


def add(library: Library, path: str, *texts: str, sha256: str | None = None) -> int:
    """Add a document with a page and a passage for each of ``texts``."""
    return library.add(
        path=path,
        name=path.rpartition("/")[2],
        kind="text",
        title=path,
        size=sum(map(len, texts)),
        sha256=sha256 or hashlib.sha256(repr(texts).encode()).hexdigest(),
        page_count=len(texts),
        pages=[PageText(number, text) for number, text in enumerate(texts, 1)],
        passages=[
            PassageDraft(number, 0, len(text), text, f"Heading {number}", " ".join(index_tokens(text)))
            for number, text in enumerate(texts, 1)
        ],
    )
