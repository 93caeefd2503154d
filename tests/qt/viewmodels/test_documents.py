"""The rows of the library: their words, their order, and that a selection survives what happens around it."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QItemSelectionModel, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from kotaemon_desktop.core.errors import EmptyFile
from kotaemon_desktop.core.failures import keep
from kotaemon_desktop.core.records import Document, DocumentState
from kotaemon_desktop.qt.viewmodels.documents import ENTRY, DocumentList
from kotaemon_desktop.qt.viewmodels.entry import Entry, Phase, Tone, Work
from kotaemon_desktop.qt.viewmodels.order import Order, in_order

KEPT = keep(EmptyFile(name="1.pdf"))


def document(number: int, path: str = "", **changes: object) -> Document:
    path = path or f"/files/{number}.pdf"
    fields: dict[str, object] = {
        "id": number,
        "path": path,
        "name": path.rsplit("/", 1)[-1],
        "title": "",
        "kind": "pdf",
        "size": 1,
        "sha256": str(number),
        "state": DocumentState.READY,
        "page_count": 80,
        "passages": 213,
        "embedded": 213,
        "imported_at": 1000.0 * number,
    }
    return Document(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.fixture
def rows(qapp: QApplication) -> DocumentList:
    model = DocumentList()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    return model


def names(rows: DocumentList) -> list[str]:
    return [rows.index(row).data() for row in range(rows.rowCount())]


@pytest.mark.parametrize(
    ("entry", "words", "tone"),
    [
        (Entry("/a.pdf", work=Work(Phase.WAITING)), "waiting", Tone.PLAIN),
        (Entry("/a.pdf", work=Work(Phase.READING, 12, 80)), "reading page 12 of 80", Tone.PLAIN),
        (Entry("/a.md", work=Work(Phase.READING, 1, None)), "reading", Tone.PLAIN),
        (
            Entry("/a.pdf", document(1), work=Work(Phase.EMBEDDING, 40, 213)),
            "searchable · embedding 40 of 213",
            Tone.PLAIN,
        ),
        (Entry("/a.pdf", document(1)), "ready · 80 pages · 213 passages", Tone.PLAIN),
        (
            Entry("/a.pdf", document(1, page_count=1, passages=1, embedded=0)),
            "searchable by words · 1 passage",
            Tone.PLAIN,
        ),
        (
            Entry("/a.pdf", document(1, unread_pages=2)),
            "ready · 2 pages without text · 80 pages · 213 passages",
            Tone.WARNING,
        ),
        (
            Entry("/a.pdf", failed=document(2, state=DocumentState.FAILED, failure=keep(EmptyFile(name="a.pdf")))),
            "is empty (0 bytes).",
            Tone.DANGER,
        ),
        (
            Entry("/a.pdf", document(1), failure=EmptyFile(name="1.pdf")),
            "the older version is kept: is empty (0 bytes).",
            Tone.WARNING,
        ),
    ],
)
def test_every_row_says_where_its_file_stands(entry: Entry, words: str, tone: Tone) -> None:
    assert entry.line() == (words, tone)


def test_the_newest_import_is_on_top_in_the_order_of_its_reading(rows: DocumentList) -> None:
    old = document(1, imported_at=1000)
    first, second = document(2, imported_at=5000), document(3, imported_at=5001)
    rows.merge([second, first, old], keep_work=False)
    assert names(rows) == ["2.pdf", "3.pdf", "1.pdf"]


def test_a_merge_keeps_places_and_the_selection(rows: DocumentList) -> None:
    rows.merge([document(3), document(2), document(1)], keep_work=False)
    selection = QItemSelectionModel(rows)
    selection.select(rows.index(1), QItemSelectionModel.SelectionFlag.Select)
    kept = QPersistentModelIndex(rows.index(1))
    rows.merge([document(4), document(3, passages=5), document(2)], keep_work=False)
    assert names(rows) == ["4.pdf", "3.pdf", "2.pdf"]
    assert kept.row() == 2
    assert [index.data() for index in selection.selectedIndexes()] == ["2.pdf"]
    assert rows.index(1).data(ENTRY).document.passages == 5


def test_files_on_their_way_survive_a_merge_only_while_an_import_runs(rows: DocumentList) -> None:
    rows.merge([document(1)], keep_work=False)
    rows.queue(["/files/new.pdf", "/files/1.pdf"])
    assert names(rows) == ["new.pdf", "1.pdf"]
    rows.merge([document(1)], keep_work=True)
    assert names(rows) == ["new.pdf", "1.pdf"]
    assert rows.index(1).data(ENTRY).work == Work(Phase.WAITING)
    rows.merge([document(1)], keep_work=False)
    assert names(rows) == ["1.pdf"]
    assert rows.index(0).data(ENTRY).work is None


def test_a_readable_document_and_a_later_failure_share_a_row(rows: DocumentList) -> None:
    failed = document(
        9, "/files/1.pdf", state=DocumentState.FAILED, failure=keep(EmptyFile(name="1.pdf")), imported_at=9e9
    )
    rows.merge([failed, document(1)], keep_work=False)
    assert rows.rowCount() == 1
    assert rows.index(0).data(ENTRY).ids == (1, 9)
    assert "is empty" in rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_removed_rows_come_back_where_they_were(rows: DocumentList) -> None:
    rows.merge([document(n) for n in (5, 4, 3, 2, 1)], keep_work=False)
    taken = rows.remove(["/files/5.pdf", "/files/3.pdf", "/files/2.pdf", "/files/none.pdf"])
    assert names(rows) == ["4.pdf", "1.pdf"]
    rows.put_back(taken)
    assert names(rows) == ["5.pdf", "4.pdf", "3.pdf", "2.pdf", "1.pdf"]


def test_rows_that_lie_apart_go_and_come_back_at_once(rows: DocumentList) -> None:
    rows.merge([document(n) for n in reversed(range(200))], keep_work=False)
    before, told = names(rows), list[str]()
    rows.rowsRemoved.connect(lambda: told.append("removed"))
    rows.rowsInserted.connect(lambda: told.append("inserted"))
    rows.modelReset.connect(lambda: told.append("reset"))
    taken = rows.remove([entry.path for entry in rows.entries[::2]])
    assert names(rows) == before[1::2]
    rows.change(rows.entries[0].path, work=Work(Phase.WAITING))
    rows.put_back(taken)
    assert names(rows) == before
    assert told == ["reset", "reset"]  # not a hundred times: each makes views and filters read the list


def test_ten_thousand_rows_take_a_page_turn_not_a_coffee(qapp: QApplication) -> None:
    rows = DocumentList()
    documents = [document(number) for number in range(10_000, 0, -1)]
    started = time.process_time()
    rows.merge(documents, keep_work=False)
    for number in range(1000):
        rows.change(f"/files/{number + 1}.pdf", work=Work(Phase.READING, number, 1000))
    assert time.process_time() - started < 2  # 0.1 s on a quiet machine
    assert rows.rowCount() == 10_000


def test_numbers_in_names_are_sorted_by_their_value() -> None:
    names = ["Page 10.pdf", "page 9.pdf", "Page.pdf", "9 lives.pdf", "10 lives.pdf", "page 9 b.pdf"]
    entries = [Entry(f"/files/{name}") for name in names]
    expected = ["9 lives.pdf", "10 lives.pdf", "page 9 b.pdf", "page 9.pdf", "Page 10.pdf", "Page.pdf"]
    assert [entry.name for entry in in_order(entries, Order.NAME)] == expected


def test_rows_are_sorted_by_size_and_by_name_where_that_is_equal_and_new_ones_stay_on_top() -> None:
    small, large, equal = document(3, size=1), document(1, size=9), document(2, size=1)
    entries = [Entry(each.path, each) for each in (small, large, equal)] + [Entry("/files/z.pdf")]
    names = [entry.name for entry in in_order(entries, Order.SIZE)]
    assert names == ["z.pdf", "1.pdf", "2.pdf", "3.pdf"]
