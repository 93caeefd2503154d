"""An error that the library keeps is said in the language of whoever reads it later."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import Damaged, KotaemonError, NoText, TooLarge, TooSlow, UnknownFormat
from kotaemon_desktop.core.failures import Told, keep, told
from kotaemon_desktop.core.i18n import N_, Phrase, use_language
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.migrations import MIGRATIONS


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    use_language("en")
    yield
    use_language("en")


@pytest.mark.parametrize(
    "error",
    [
        UnknownFormat(name="a.bin"),
        NoText(name="“扫描”.pdf", pages=3, image=2, empty=1),
        TooSlow(name="a.pdf", seconds=120),
        TooLarge(name="a.zip", limit=Phrase(N_("{count} files"), count=10_000)),
        Damaged(name="a.png", detail=Phrase(N_("there is no page {number}"), number=7)),
        Told(text="Es ist kaputt."),
    ],
)
def test_what_is_kept_is_said_in_every_language(error: KotaemonError) -> None:
    kept = keep(error)
    for language in ("zh_CN", "en"):
        use_language(language)
        assert str(told(kept)) == str(error)
        assert type(told(kept)) is type(error)


def test_the_language_is_that_of_now() -> None:
    use_language("zh_CN")
    kept = keep(UnknownFormat(name="a.bin"))
    use_language("en")
    assert str(told(kept)).startswith("“a.bin” is not a kind of file")


def test_an_error_of_a_later_version_is_still_a_failure_of_its_file() -> None:
    assert str(told('{"error": "Haunted", "facts": {"name": "a.pdf"}}')) == "“a.pdf” could not be read."


def test_a_library_from_before_keeps_its_sentences(tmp_path: Path) -> None:
    file = tmp_path / "library.sqlite3"
    with Database(file, migrations=MIGRATIONS[:2]):
        pass
    with closing(sqlite3.connect(file)) as old:
        old.execute(
            "INSERT INTO documents (path, name, title, kind, size, sha256, state, imported_at, reason)"
            " VALUES ('/a.pdf', 'a.pdf', 'a.pdf', '', 1, 'x', 'failed', 1, '“a.pdf” ist \"kaputt\".')"
        )
        old.commit()
    with Database(file) as database:
        (document,) = Library(database).documents()
        assert document.reason == '“a.pdf” ist "kaputt".'
