import pytest

from kotaemon_desktop.core.records import DocumentState
from kotaemon_desktop.core.storage import vectors
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.library import Library

from .conftest import Now, add

VECTOR = bytes(8)


def embed(library: Library, model: str, limit: int) -> list[int]:
    return library.store_vectors(model, [(row[0], VECTOR) for row in library.pending(model, limit)])


def test_pending_goes_through_the_oldest_documents_first(library: Library) -> None:
    first = add(library, "/a.txt", "one", "two")
    second = add(library, "/b.txt", "three")
    assert [row[1:] for row in library.pending("m", 10)] == [
        (first, "a\none"),
        (first, "a\ntwo"),
        (second, "b\nthree"),
    ]
    assert library.pending_count("m") == 3


def test_a_document_is_ready_with_its_last_vector(library: Library) -> None:
    first = add(library, "/a.txt", "one", "two", "three")
    second = add(library, "/b.txt", "four")
    assert embed(library, "m", 2) == []
    assert library.progress(first, "m") == (2, 3)
    document = library.document(first)
    assert document is not None
    assert (document.state, document.embedded) == (DocumentState.STORED, 2)
    assert embed(library, "m", 2) == [first, second]
    assert library.pending("m", 2) == []
    assert library.pending_count("m") == 0
    assert all(d.state is DocumentState.READY for d in library.documents())


def test_storing_a_vector_again_replaces_it(library: Library) -> None:
    document_id = add(library, "/a.txt", "one")
    passage = library.passages_of(document_id)[0].id
    assert library.store_vectors("m", [(passage, VECTOR)]) == [document_id]
    assert library.store_vectors("m", [(passage, VECTOR)]) == []
    assert library.progress(document_id, "m") == (1, 1)


def test_each_embedder_has_its_own_vectors(library: Library) -> None:
    document_id = add(library, "/a.txt", "one", "two")
    embed(library, "english", 10)
    assert library.pending_count("chinese") == 2
    assert embed(library, "chinese", 1) == []
    assert library.progress(document_id, "chinese") == (1, 2)
    document = library.document(document_id)
    assert document is not None
    assert (document.state, document.embedded) == (DocumentState.READY, 2)
    assert embed(library, "chinese", 1) == [document_id]


def test_removed_documents_are_not_pending(library: Library, now: Now) -> None:
    document_id = add(library, "/a.txt", "one", "two")
    row = library.pending("m", 1)[0]
    library.remove([document_id])
    assert library.pending("m", 1) == []
    assert library.pending_count("m") == 0
    assert library.store_vectors("m", [(row[0], VECTOR)]) == []
    library.restore([document_id])
    assert library.pending_count("m") == 1
    library.remove([document_id])
    library.purge(now() + 1)
    assert library.store_vectors("m", [(row[0], VECTOR)]) == []  # it was being embedded while it was purged


def test_vectors_of_another_length_are_refused(library: Library) -> None:
    add(library, "/a.txt", "one", "two")
    first, second = [row[0] for row in library.pending("m", 2)]
    library.store_vectors("m", [(first, VECTOR)])
    with pytest.raises(ValueError, match="4 float16 numbers"):
        library.store_vectors("m", [(second, bytes(6))])
    assert library.pending_count("m") == 1


def test_unknown_document_has_no_progress(library: Library) -> None:
    assert library.progress(7, "m") == (0, 0)


def test_a_passage_in_a_language_unknown_to_the_embedder_is_done_without_a_vector(library: Library) -> None:
    document_id = add(library, "/a.txt", "年假", "leave")
    chinese, english = (passage.id for passage in library.passages_of(document_id))
    assert library.store_vectors("m", [(chinese, b"")]) == []
    assert [row[0] for row in library.pending("m", 10)] == [english]
    assert library.store_vectors("m", [(english, VECTOR)]) == [document_id]
    with pytest.raises(ValueError, match="float16"):
        library.store_vectors("m", [(english, VECTOR * 2)])


def test_a_kill_while_vectors_are_forgotten(
    library: Library, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it got, the documents lack vectors, can have them anew, and the old ones go at the next start."""
    add(library, "/a.txt", "one", "two", "three")
    library.store_vectors("m", [(row[0], bytes(8)) for row in library.pending("m", 9)])

    def killed(_database: Database) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(vectors, "sweep", killed)
        with pytest.raises(KeyboardInterrupt):
            library.forget_embedder("m")

    assert [document.state for document in library.documents()] == [DocumentState.STORED]
    assert library.complete_embedders() == []
    assert library.pending_count("m") == 3
    library.store_vectors("m", [(row[0], bytes(8)) for row in library.pending("m", 9)])
    assert [document.state for document in library.documents()] == [DocumentState.READY]
    library.purge(0)
    assert database.fetch("SELECT count(*) FROM vectors")[0][0] == 3
    assert [row[0] for row in database.fetch("SELECT name FROM embedders")] == ["m"]
