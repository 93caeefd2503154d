from kotaemon_desktop.core.errors import Damaged, EmptyFile
from kotaemon_desktop.core.records import DocumentState, PageKind, PageText
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library

from .conftest import Now, add


def test_a_document_comes_back_as_it_was_stored(library: Library) -> None:
    document_id = library.add(
        path="/papers/leave.pdf",
        name="leave.pdf",
        kind="pdf",
        title="Annual leave",
        size=1234,
        sha256="abc",
        page_count=3,
        pages=[PageText(1, "Leave is 20 days."), PageText(2, "", PageKind.IMAGE), PageText(3, "Ask 人事部.")],
        passages=[],
    )
    document = library.document(document_id)
    assert document is not None
    assert (document.name, document.title, document.page_count) == ("leave.pdf", "Annual leave", 3)
    assert document.unread_pages == 1
    assert library.documents() == [document]
    assert library.find_by_hash("abc") == document
    assert library.page(document_id, 2) == PageText(2, "", PageKind.IMAGE)
    assert library.page(document_id, 3) == PageText(3, "Ask 人事部.")
    assert library.page(document_id, 4) is None


def test_passages_keep_place_and_order(library: Library) -> None:
    document_id = add(library, "/notes.txt", "first", "second", "third")
    first, second, third = library.passages_of(document_id)
    assert (second.page, second.start, second.end, second.heading) == (2, 0, 6, "Heading 2")
    assert (second.document, second.name, second.kind) == ("/notes.txt", "notes.txt", "text")
    assert library.passages([third.id, 999, first.id]) == [third, first]
    assert library.counts() == (1, 3)


def test_passages_and_their_neighbours_know_their_document(library: Library) -> None:
    first, second = add(library, "/a.txt", "one", "two"), add(library, "/b.txt", "three")
    one, two = (passage.id for passage in library.passages_of(first))
    three = library.passages_of(second)[0].id
    assert library.documents_of([two]) == {one: first, two: first, three: second}
    assert library.documents_of([]) == {}


def test_text_without_pages(library: Library) -> None:
    document_id = library.add(
        path="/a.md",
        name="a.md",
        kind="markdown",
        title="A",
        size=1,
        sha256="a",
        page_count=None,
        pages=[PageText(None, "all of it")],
        passages=[],
    )
    assert library.page(document_id, None) == PageText(None, "all of it")


def test_newer_version_replaces_the_older_and_can_be_undone(library: Library) -> None:
    old = add(library, "/notes.txt", "apples are cheap")
    new = add(library, "/notes.txt", "pears are cheap")
    assert [d.id for d in library.documents()] == [new]
    assert library.keyword_search("apples", 5) == []
    library.restore([old])
    assert [d.id for d in library.documents()] == [old]
    assert library.keyword_search("pears", 5) == []
    assert len(library.keyword_search("apples", 5)) == 1


def test_remove_and_restore(library: Library) -> None:
    kept = add(library, "/a.txt", "shared word")
    gone = add(library, "/b.txt", "shared word")
    passage_ids = [p.id for p in library.passages_of(gone)]
    library.remove([gone])
    assert [d.id for d in library.documents()] == [kept]
    assert library.document(gone) is None
    assert library.passages(passage_ids) == []
    assert library.passages_of(gone) == []
    assert library.counts() == (1, 1)
    assert len(library.keyword_search("shared", 5)) == 1
    library.restore([gone])
    assert len(library.keyword_search("shared", 5)) == 2
    assert library.counts() == (2, 2)


def test_purge_deletes_only_what_was_removed_long_ago(library: Library, database: Database, now: Now) -> None:
    old = add(library, "/old.txt", "zebra 斑马", "zebra again")
    recent = add(library, "/recent.txt", "zebra here")
    kept = add(library, "/kept.txt", "zebra there")
    library.remove([old])
    border = now()
    library.remove([recent])
    assert library.purge(border) == 1
    assert library.purge(border) == 0
    library.restore([old, recent])
    assert {d.id for d in library.documents()} == {recent, kept}
    for table in ("pages", "passages"):
        assert database.fetch(f"SELECT count(*) FROM {table} WHERE document_id = ?", (old,))[0][0] == 0
    assert library.document_frequencies(["zebra", "斑马"]) == {"zebra": 2}
    database.fetch("INSERT INTO words (words) VALUES ('integrity-check')")


def test_purge_gives_the_disk_back(library: Library, database: Database, now: Now) -> None:
    document_id = add(library, "/big.txt", *["words and more words " * 50] * 400)
    before = database.fetch("PRAGMA page_count")[0][0]
    library.remove([document_id])
    library.purge(now() + 1)
    database.forget()
    assert database.fetch("PRAGMA page_count")[0][0] < before / 3


def test_passage_ids_are_never_given_twice(library: Library, now: Now) -> None:
    first = add(library, "/a.txt", "one")
    used = library.passages_of(first)[0].id
    library.remove([first])
    library.purge(now() + 1)
    assert library.passages_of(add(library, "/a.txt", "two"))[0].id > used


def test_failure_stands_beside_the_version_that_was_read(library: Library) -> None:
    good = add(library, "/a.pdf", "text")
    library.add_failed("/a.pdf", "a.pdf", 5, "bad", Damaged(name="a.pdf", detail="cut"))
    failed = library.add_failed("/a.pdf", "a.pdf", 6, "bad", EmptyFile(name="a.pdf"))
    documents = {d.id: d for d in library.documents()}
    assert documents.keys() == {good, failed}
    assert (documents[failed].state, documents[failed].reason) == (DocumentState.FAILED, "“a.pdf” is empty (0 bytes).")
    assert library.find_by_hash("bad") is None
    assert library.counts() == (1, 1)


def test_reading_a_file_at_last_forgets_its_failure(library: Library) -> None:
    library.add_failed("/a.pdf", "a.pdf", 5, "bad", Damaged(name="a.pdf", detail="cut"))
    good = add(library, "/a.pdf", "text")
    assert [d.id for d in library.documents()] == [good]


def test_newest_first(library: Library) -> None:
    ids = [add(library, f"/{n}.txt", "text") for n in range(3)]
    assert [d.id for d in library.documents()] == ids[::-1]


def test_text_that_utf8_cannot_hold(library: Library) -> None:
    document_id = add(library, "/caf\udce9.txt", "before \ud800 after")
    document = library.document(document_id)
    assert document is not None
    assert document.path == "/caf\\udce9.txt"
    passage = library.passages_of(document_id)[0]
    assert (passage.text, passage.end) == ("before ? after", len("before ? after"))


def test_the_queue_of_an_import_keeps_its_order_and_forgets(library: Library) -> None:
    library.enqueue(["/b", "/a"])
    library.enqueue(["/a", "/c"])
    assert library.queue() == ["/b", "/a", "/c"]
    library.dequeue(["/a", "/unknown"])
    assert library.queue() == ["/b", "/c"]
    library.enqueue(["/caf\udce9.txt"])
    library.dequeue(["/caf\udce9.txt", "/b", "/c"])
    assert library.queue() == []
