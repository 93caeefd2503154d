"""Scanned pages in the library: wanted, read, found, and what a document is when nothing is in them."""

import pytest

from kotaemon_desktop.core.errors import NoText
from kotaemon_desktop.core.records import (
    Box,
    DocumentState,
    PageKind,
    PageText,
    PassageDraft,
    RecognisedLine,
    RecognisedPage,
    Scan,
)
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library
from kotaemon_desktop.core.storage.scans import Scans
from kotaemon_desktop.core.text.words import index_tokens

LINE = RecognisedLine(0, 4, Box(0.125, 0.25, 0.5, 0.5), (0, 250, 500, 750))


@pytest.fixture
def scans(database: Database) -> Scans:
    return Scans(database)


def draft(page: int, text: str) -> PassageDraft:
    return PassageDraft(page, 0, len(text), text, "", " ".join(index_tokens(text)))


def add(library: Library, *pages: PageText, path: str = "/scan.pdf", wanted: bool = True) -> int:
    return library.add(
        path=path,
        name=path.rpartition("/")[2],
        kind="pdf",
        title="Scan",
        size=1,
        sha256=f"{path}{pages}",
        page_count=len(pages),
        pages=pages,
        passages=[draft(page.number or 0, page.text) for page in pages if page.text],
        scans_wanted=wanted,
    )


def scanned(number: int, text: str = "") -> PageText:
    return PageText(number, text, PageKind.IMAGE)


def read(number: int, text: str) -> RecognisedPage:
    if not text:
        return RecognisedPage(PageText(number, "", PageKind.EMPTY))
    return RecognisedPage(PageText(number, text, PageKind.RECOGNISED), (LINE,), (draft(number, text),))


def found(library: Library, word: str) -> list[int]:
    return [passage_id for passage_id, _ in library.keyword_search(word, 5)]


def test_wanted_until_read(library: Library, scans: Scans) -> None:
    first = add(library, PageText(1, "Contract"), scanned(2), PageText(3, "", PageKind.GARBLED))
    second = add(library, scanned(1), path="/other.pdf", wanted=False)
    add(library, PageText(1, "Words only"), path="/text.pdf")
    assert scans.wanted() == [Scan(first, (2, 3))]
    scans.want([second, 999])
    assert scans.wanted() == [Scan(first, (2, 3)), Scan(second, (1,))]
    scans.store(first, read(2, "Rent"))
    assert scans.wanted()[0] == Scan(first, (3,))
    library.remove([second])
    assert scans.wanted() == [Scan(first, (3,))]
    scans.forget([first])
    assert scans.wanted() == []
    library.restore([second])
    assert scans.wanted() == [Scan(second, (1,))]
    scans.forget()
    assert scans.wanted() == []


def test_what_was_read_is_found_and_known_as_such(library: Library, scans: Scans) -> None:
    document_id = add(library, PageText(1, "Contract"), scanned(2), scanned(3))
    scans.store(document_id, read(3, "Deposit"))
    scans.store(document_id, read(2, "Rent"))
    passages = library.passages_of(document_id)
    assert [(p.page, p.text, p.recognised) for p in passages] == [
        (1, "Contract", False),
        (2, "Rent", True),
        (3, "Deposit", True),
    ]
    assert found(library, "rent") == [passages[1].id]
    assert library.passages([passages[2].id])[0].recognised
    assert scans.lines(document_id, 2) == (LINE,)
    assert scans.lines(document_id, 1) == ()
    document = library.document(document_id)
    assert document is not None
    assert (document.passages, document.unread_pages, document.state) == (3, 0, DocumentState.STORED)
    assert scans.kinds(document_id) == [
        (1, PageKind.TEXT),
        (2, PageKind.RECOGNISED),
        (3, PageKind.RECOGNISED),
    ]


def test_a_stamp_gives_way_to_what_the_page_says(library: Library, scans: Scans) -> None:
    document_id = add(library, PageText(1, "Contract"), scanned(2, "Stamped 2024"), scanned(3, "- 3 -"))
    vectors = [(p.id, b"\0\0" * 4) for p in library.passages_of(document_id)]
    assert library.store_vectors("model", vectors) == [document_id]
    scans.store(document_id, read(2, "Rent"))
    assert found(library, "stamped") == []
    assert found(library, "rent")
    assert library.progress(document_id, "model") == (2, 3)
    document = library.document(document_id)
    assert document is not None
    assert (document.state, document.embedded, document.passages) == (DocumentState.STORED, 2, 3)
    scans.store(document_id, read(3, ""))
    assert scans.kinds(document_id)[2] == (3, PageKind.TEXT)  # nothing but its number, which stays
    (missing,) = library.pending("model", 9)
    assert library.store_vectors("model", [(missing[0], b"\0\0" * 4)]) == [document_id]
    assert library.document(document_id).state is DocumentState.READY


def test_pages_in_which_nothing_is_change_nothing_else(library: Library, scans: Scans) -> None:
    document_id = add(library, PageText(1, "Contract"), scanned(2), scanned(3))
    library.store_vectors("model", [(library.passages_of(document_id)[0].id, b"\0\0")])
    scans.store(document_id, read(2, ""))
    scans.store(document_id, RecognisedPage(PageText(3, "", PageKind.UNREADABLE)))
    scans.store(999, read(1, "gone"))
    assert [kind for _, kind in scans.kinds(document_id)] == [PageKind.TEXT, PageKind.EMPTY, PageKind.UNREADABLE]
    document = library.document(document_id)
    assert document is not None
    assert (document.state, document.unread_pages) == (DocumentState.READY, 1)


def test_what_was_given_up_is_tried_again_when_somebody_asks(library: Library, scans: Scans) -> None:
    document_id = add(library, PageText(1, "Contract"), scanned(2))
    scans.store(document_id, RecognisedPage(PageText(2, "", PageKind.UNREADABLE)))
    assert scans.wanted() == []
    scans.want([document_id])
    assert scans.wanted() == [Scan(document_id, (2,))]


def test_a_document_in_which_nothing_is_has_failed(library: Library, scans: Scans) -> None:
    before = add(library, PageText(1, "The typed version"))
    document_id = add(library, scanned(1))
    assert [d.id for d in library.documents()] == [document_id]
    assert library.document(document_id).state is DocumentState.STORED
    scans.store(document_id, read(1, ""))
    scans.fail(document_id, NoText(name="scan.pdf", pages=1, empty=1))
    failed, older = library.documents()
    assert (failed.id, failed.state) == (document_id, DocumentState.FAILED)
    assert failed.reason == "“scan.pdf” holds no text (empty pages: 1)."
    assert older.id == before
    assert found(library, "typed")
    scans.fail(before, NoText(name="scan.pdf"))  # it has passages
    assert library.document(before).state is not DocumentState.FAILED


def test_the_library_is_whole_after_it_all(library: Library, scans: Scans, database: Database) -> None:
    document_id = add(library, PageText(1, "Contract"), scanned(2, "Stamped"), scanned(3))
    library.store_vectors("model", [(p.id, b"\0\0") for p in library.passages_of(document_id)])
    scans.store(document_id, read(2, "Rent"))
    scans.store(document_id, read(3, ""))
    assert database.fetch("PRAGMA foreign_key_check") == []
    with database.transaction() as connection:
        connection.execute("INSERT INTO words (words) VALUES ('integrity-check')")
    library.remove([document_id])
    assert library.purge(10**12) == 1
    assert database.fetch("SELECT count(*) FROM words_docsize")[0][0] == 0
