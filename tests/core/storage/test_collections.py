"""Collections on a real library: membership through new versions, removal and undo; which documents a scope means."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from kotaemon_desktop.core.errors import EmptyFile, NameTaken, NoSuchCollection
from kotaemon_desktop.core.records import Collection
from kotaemon_desktop.core.scope import ALL, Scope
from kotaemon_desktop.core.storage.collections import Collections
from kotaemon_desktop.core.storage.database import Database
from kotaemon_desktop.core.storage.history import History
from kotaemon_desktop.core.storage.library import Library
from tests.core.storage.conftest import Now, add


@pytest.fixture
def collections(database: Database, now: Now) -> Collections:
    return Collections(database, now=now)


def test_documents_may_be_in_several_and_are_counted_once_in_each(library: Library, collections: Collections) -> None:
    lease, handbook = add(library, "/lease.txt", "rent"), add(library, "/handbook.txt", "leave")
    contracts, all_of_it = collections.create("Contracts"), collections.create(" Every  thing ")
    collections.add(contracts, [lease, lease])
    collections.add(all_of_it, [lease, handbook, 999])
    assert collections.all() == [Collection(contracts, "Contracts", 1), Collection(all_of_it, "Every thing", 2)]
    collections.take_out(all_of_it, [lease])
    assert collections.members(all_of_it) == {handbook}
    assert collections.members(contracts) == {lease}


def test_deleting_a_collection_leaves_its_documents(library: Library, collections: Collections) -> None:
    contracts = collections.create("Contracts")
    collections.add(contracts, [add(library, "/lease.txt", "rent")])
    collections.delete(contracts)
    assert collections.all() == []
    assert len(library.documents()) == 1


def test_names_are_one_of_a_kind_and_not_empty(collections: Collections) -> None:
    first, second = collections.create("Contracts"), collections.create("Leases")
    with pytest.raises(NameTaken, match="“contracts”"):
        collections.create("contracts")
    with pytest.raises(NameTaken):
        collections.rename(second, "CONTRACTS")
    with pytest.raises(ValueError, match="needs a name"):
        collections.create("  ")
    collections.rename(first, "contracts")
    assert collections.find("Contracts ").id == first
    with pytest.raises(NoSuchCollection, match="“Nothing”"):
        collections.find("Nothing")


def test_a_new_version_is_where_the_old_one_was(library: Library, collections: Collections) -> None:
    contracts = collections.create("Contracts")
    collections.add(contracts, [add(library, "/lease.txt", "rent")])
    newer = add(library, "/lease.txt", "more rent")
    assert collections.members(contracts) == {newer}
    failed = library.add_failed("/other.txt", "other.txt", 1, "", EmptyFile(name="other.txt"))
    collections.add(contracts, [failed])
    assert collections.all()[0].documents == 1
    mended = add(library, "/other.txt", "words")
    assert collections.members(contracts) == {newer, mended}


def test_removal_hides_and_undo_brings_back(library: Library, collections: Collections, now: Now) -> None:
    contracts = collections.create("Contracts")
    lease = add(library, "/lease.txt", "rent")
    collections.add(contracts, [lease])
    library.remove([lease])
    assert collections.members(contracts) == frozenset()
    assert collections.all()[0].documents == 0
    library.restore([lease])
    assert collections.members(contracts) == {lease}
    library.remove([lease])
    library.purge(now() + 1)
    assert collections.members(contracts) == frozenset()


def test_a_scope_means_the_documents_for_which_all_of_it_holds(library: Library, collections: Collections) -> None:
    lease = add(library, "/contracts/Lease [2024].txt", "rent")
    handbook = add(library, "/handbook.txt", "leave")
    manual = add(library, "/员工手册.txt", "年假")
    library.add_failed("/lease 2.txt", "lease 2.txt", 1, "", EmptyFile(name="lease 2.txt"))
    gone = add(library, "/lease 3.txt", "gone")
    library.remove([gone])
    contracts = collections.create("Contracts")
    collections.add(contracts, [lease, handbook, gone])

    def meant(**fields: object) -> set[int]:
        return set(collections.documents(Scope(**fields)))  # type: ignore[arg-type]

    assert set(collections.documents(ALL)) == {lease, handbook, manual}
    assert meant(collections=("contracts",)) == {lease, handbook}
    assert meant(collections=("Contracts",), names=("LEASE",)) == {lease}
    assert meant(names=("[2024]",)) == {lease}
    assert meant(names=("手册", "hand*")) == {manual, handbook}
    assert meant(names=("book",)) == {handbook}
    assert meant(names=("book*",)) == set()
    assert meant(paths=("/handbook.txt", "/lease 3.txt")) == {handbook}
    assert meant(kinds=("txt",)) == meant(kinds=("text",)) == {lease, handbook, manual}
    assert meant(kinds=("pdf",)) == set()
    with pytest.raises(NoSuchCollection, match="“Nothing”"):
        meant(collections=("Contracts", "Nothing"))


def test_days_are_those_of_the_file(library: Library, collections: Collections) -> None:
    def changed(day: str) -> int:
        name = f"/{day}.txt"
        return library.add(
            path=name, name=name, kind="text", title="", size=1, sha256=day, page_count=None, pages=[], passages=[],
            modified_at=datetime.fromisoformat(f"{day}T23:59").timestamp(),
        )  # fmt: skip

    old, new = changed("2023-12-31"), changed("2024-01-01")
    assert collections.documents(Scope(after="2024-01-01")) == [new]
    assert collections.documents(Scope(before="2024-01-01")) == [old]
    assert collections.documents(Scope(after="2023-12-31", before="2024-01-02")) == [old, new]


def test_a_conversation_remembers_its_scope_through_a_renaming(database: Database, collections: Collections) -> None:
    history = History(database)
    conversation, other = history.new_conversation(), history.new_conversation()
    contracts = collections.create("Contracts")
    assert history.scope(conversation) == ALL
    history.set_scope(conversation, Scope(collections=("Contracts",), kinds=("pdf",)))
    collections.rename(contracts, "Agreements")
    assert history.scope(conversation) == Scope(collections=("Agreements",), kinds=("pdf",))
    assert history.scope(other) == ALL
    history.set_scope(conversation, ALL)
    assert history.scope(conversation) == ALL


def test_what_was_removed_is_listed_the_last_first(library: Library) -> None:
    first, second, kept = (add(library, f"/{name}.txt", name) for name in ("first", "second", "kept"))
    library.remove([first])
    library.remove([second])
    add(library, "/kept.txt", "a newer version")
    assert [document.id for document, _at in library.removed()] == [second, first]
    assert kept not in [document.id for document, _at in library.removed()]
    assert library.removed()[0][1] > library.removed()[1][1]
    add(library, "/second.txt", "again")
    assert [document.id for document, _at in library.removed()] == [first]


def test_a_moved_document_keeps_its_passages(library: Library, tmp_path: Path) -> None:
    lease = add(library, "/lease.txt", "rent")
    library.add_failed("/new/place.txt", "place.txt", 1, "", EmptyFile(name="place.txt"))
    library.move(lease, "/new/place.txt", "place.txt")
    [document] = library.documents()
    assert (document.path, document.name) == ("/new/place.txt", "place.txt")
    assert [passage.document for passage in library.passages_of(lease)] == ["/new/place.txt"]


def test_keyword_search_stays_within(library: Library) -> None:
    one, two = add(library, "/one.txt", "the rent is high"), add(library, "/two.txt", "the rent is low")
    found = library.keyword_search("rent", 5, within=[two])
    assert [passage.document_id for passage in library.passages([each for each, _ in found])] == [two]
    assert len(library.keyword_search("rent", 5, within=[one, two])) == 2
    assert library.keyword_search("rent", 5, within=[]) == []
