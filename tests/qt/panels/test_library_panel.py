"""The library panel as a person meets it: the first step, the list, filter, keys, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QInputDialog, QLabel, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.imports import Imports
from kotaemon_desktop.core.scope import Scope
from kotaemon_desktop.qt.panels.leave_out import LeaveOutDialog
from kotaemon_desktop.qt.panels.library import LibraryPanel
from kotaemon_desktop.qt.viewmodels.leaving_out import LeavingOut
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


@pytest.fixture
def panel(engine: Engine, lanes: Lanes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryPanel]:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    shown = LibraryPanel(LibraryModel(engine, lanes))
    qtbot.addWidget(shown)
    shown.resize(300, 700)
    shown.show()
    yield shown
    lanes.close()


@pytest.fixture
def filled(panel: LibraryPanel, lanes: Lanes, qtbot: QtBot, files: Path) -> LibraryPanel:
    panel._model.import_([files])
    qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)
    return panel


def rows(panel: LibraryPanel) -> list[str]:
    model = panel._list.model()
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def words(panel: LibraryPanel) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def button(panel: LibraryPanel, text: str) -> QPushButton:
    return next(b for b in panel.findChildren(QPushButton) if b.text() == text and b.isVisible())


def test_an_empty_library_says_the_first_step(panel: LibraryPanel) -> None:
    assert "Drop documents here" in words(panel)
    assert button(panel, "Add files…").isEnabled()
    assert not panel.findChild(QLineEdit).isVisible()


def test_the_button_opens_a_file_dialog_whose_choice_is_imported(
    panel: LibraryPanel, qtbot: QtBot, lanes: Lanes, files: Path
) -> None:
    qtbot.mouseClick(button(panel, "Add files…"), Qt.MouseButton.LeftButton)
    dialog = panel.window().findChild(QFileDialog)
    assert dialog is not None
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    dialog.filesSelected.emit([str(files / "leave.md")])
    dialog.close()
    qtbot.waitUntil(lambda: lanes.idle("importing") and rows(panel) == ["leave.md"], timeout=PATIENCE_MS)


def test_documents_are_listed_and_counted(filled: LibraryPanel, qtbot: QtBot) -> None:
    assert sorted(rows(filled)) == ["empty.pdf", "leave.md", "travel.txt"]
    qtbot.waitUntil(lambda: "2 documents · 2 passages" in words(filled))
    qtbot.waitUntil(lambda: "2 passages are found by words only" in words(filled))
    assert button(filled, "Go on").isEnabled()


def test_the_filter_narrows_and_says_when_nothing_is_left(filled: LibraryPanel, qtbot: QtBot) -> None:
    box = filled.findChild(QLineEdit)
    qtbot.keyClicks(box, "LEAVE")
    assert rows(filled) == ["leave.md"]
    qtbot.keyClicks(box, "x")
    assert "No document fits the filter." in words(filled)
    box.clear()
    assert len(rows(filled)) == 3


def test_delete_removes_and_the_bar_brings_back(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    view = filled._list
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    gone = view.currentIndex().data()
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert gone not in rows(filled)
    assert "Removed 1 document" in words(filled)
    qtbot.mouseClick(button(filled, "Undo"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: lanes.idle("browsing"))
    assert gone in rows(filled)
    assert "Removed" not in words(filled)


def test_enter_shows_a_document_but_not_a_failed_one(filled: LibraryPanel, qtbot: QtBot, engine: Engine) -> None:
    view = filled._list
    shown: list[int] = []
    filled.document_activated.connect(shown.append)
    for row in range(3):
        view.setCurrentIndex(view.model().index(row, 0))
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert sorted(shown) == sorted(d.id for d in engine.library.documents() if d.name != "empty.pdf")


def test_actions_fit_the_selection(filled: LibraryPanel, qtbot: QtBot, files: Path) -> None:
    view = filled._list
    actions = {action.text(): action for action in view.actions()}
    view.clearSelection()
    assert not actions["Copy path"].isEnabled()
    assert not actions["Remove from the library"].isEnabled()
    view.setCurrentIndex(view.model().index(rows(filled).index("empty.pdf"), 0))
    assert actions["Try again"].isVisible()
    assert not actions["Show the text"].isEnabled()
    actions["Copy path"].trigger()
    assert QGuiApplication.clipboard().text() == str(files / "empty.pdf")
    view.setCurrentIndex(view.model().index(rows(filled).index("leave.md"), 0))
    assert not actions["Try again"].isVisible()


def test_trying_again_reads_a_mended_file(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes, files: Path) -> None:
    (files / "empty.pdf").write_text("Now it holds text.", encoding="utf-8")
    view = filled._list
    view.setCurrentIndex(view.model().index(rows(filled).index("empty.pdf"), 0))
    next(action for action in view.actions() if action.text() == "Try again").trigger()
    qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)
    entry = next(entry for entry in filled._model.documents.entries if entry.name == "empty.pdf")
    assert entry.document is not None
    assert entry.failed is None


def test_every_control_has_an_accessible_name(filled: LibraryPanel) -> None:
    from PySide6.QtWidgets import QToolButton

    for control in (*filled.findChildren(QToolButton), filled._list, filled._place_list, filled.findChild(QLineEdit)):
        if control.isVisible() and control.parent().__class__ is not QLineEdit:
            assert control.accessibleName(), control


def test_a_row_paints_its_name_and_state(filled: LibraryPanel) -> None:
    view = filled._list
    blank = view.visualRect(view.model().index(2, 0)).bottom() + 40
    image = view.viewport().grab().toImage()
    ground = image.pixelColor(5, blank)
    for row in range(3):
        rect = view.visualRect(view.model().index(row, 0))
        inked = sum(
            image.pixelColor(x, y) != ground
            for x in range(rect.left(), rect.right(), 2)
            for y in range(rect.top(), rect.bottom(), 2)
        )
        assert inked > 100


# --- collections and other places ---


def settle(panel: LibraryPanel, lanes: Lanes, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)


def place_rows(panel: LibraryPanel) -> list[tuple[str, int]]:
    shown = panel._place_list
    if not shown.isVisible():
        return []
    return [
        (shown.item(row).text(), shown.item(row).data(Qt.ItemDataRole.UserRole).documents)
        for row in range(shown.count())
    ]


def collect(panel: LibraryPanel, lanes: Lanes, qtbot: QtBot, collection: str, *names: str) -> None:
    ids = [n for e in panel._model.documents.entries if e.name in names for n in e.ids]
    panel._model.places.create(collection, ids)
    settle(panel, lanes, qtbot)


def choose(panel: LibraryPanel, lanes: Lanes, qtbot: QtBot, name: str) -> None:
    [item] = panel._place_list.findItems(name, Qt.MatchFlag.MatchExactly)
    qtbot.mouseClick(
        panel._place_list.viewport(), Qt.MouseButton.LeftButton, pos=panel._place_list.visualItemRect(item).center()
    )
    settle(panel, lanes, qtbot)


def test_a_collection_is_named_filled_by_the_menu_and_shown(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    assert place_rows(filled) == []
    view = filled._list
    view.setCurrentIndex(view.model().index(rows(filled).index("leave.md"), 0))
    add = next(action for action in view.actions() if action.text() == "Add to collection")
    add.menu().aboutToShow.emit()
    [new] = add.menu().actions()
    new.trigger()
    dialog = filled.findChild(QInputDialog)
    assert dialog is not None
    dialog.setTextValue("Staff & co")
    dialog.accept()
    settle(filled, lanes, qtbot)
    assert place_rows(filled) == [("All documents", 2), ("Staff & co", 1)]
    choose(filled, lanes, qtbot, "Staff & co")
    assert rows(filled) == ["leave.md"]
    view.setCurrentIndex(view.model().index(0, 0))
    next(action for action in view.actions() if action.text() == "Take out of the collection").trigger()
    settle(filled, lanes, qtbot)
    assert rows(filled) == []
    assert "Nothing is in this collection yet." in words(filled)
    choose(filled, lanes, qtbot, "All documents")
    assert len(rows(filled)) == 3


def test_documents_are_dropped_on_a_collection(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    collect(filled, lanes, qtbot, "Travel")
    view, places = filled._list, filled._place_list
    chosen = [view.model().index(rows(filled).index(name), 0) for name in ("leave.md", "travel.txt")]
    data = view.model().mimeData(chosen)
    over = QPointF(places.visualItemRect(places.item(1)).center())
    action, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    places.dragEnterEvent(QDragEnterEvent(over.toPoint(), action, data, left, none))
    held = QDragMoveEvent(over.toPoint(), action, data, left, none)
    places.dragMoveEvent(held)
    assert held.isAccepted()
    assert places.target.name == "Travel"
    places.dropEvent(QDropEvent(over, action, data, left, none))
    settle(filled, lanes, qtbot)
    assert place_rows(filled) == [("All documents", 2), ("Travel", 2)]
    nowhere = QDragMoveEvent(places.visualItemRect(places.item(0)).center(), action, data, left, none)
    places.dragMoveEvent(nowhere)
    assert not nowhere.isAccepted()


def test_a_collection_is_renamed_deleted_and_brought_back_by_keys(
    filled: LibraryPanel, qtbot: QtBot, lanes: Lanes
) -> None:
    collect(filled, lanes, qtbot, "Travel", "travel.txt")
    choose(filled, lanes, qtbot, "Travel")
    qtbot.keyClick(filled._place_list, Qt.Key.Key_F2)
    dialog = filled.findChild(QInputDialog)
    assert dialog.textValue() == "Travel"
    dialog.setTextValue("Trips")
    dialog.accept()
    settle(filled, lanes, qtbot)
    assert place_rows(filled)[1] == ("Trips", 1)
    assert rows(filled) == ["travel.txt"]
    qtbot.keyClick(filled._place_list, Qt.Key.Key_Delete)
    settle(filled, lanes, qtbot)
    assert place_rows(filled) == []
    assert len(rows(filled)) == 3, "the chosen place is gone: all documents are shown"
    assert "Deleted the collection “Trips”" in words(filled)
    qtbot.mouseClick(button(filled, "Undo"), Qt.MouseButton.LeftButton)
    settle(filled, lanes, qtbot)
    assert place_rows(filled) == [("All documents", 2), ("Trips", 1)]


def test_a_name_that_is_taken_is_told(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    failures: list[Exception] = []
    filled._model.failed.connect(failures.append)
    collect(filled, lanes, qtbot, "Travel")
    collect(filled, lanes, qtbot, "travel")
    assert [str(failure) for failure in failures] == ["There is a collection “travel” already."]


def test_what_was_removed_long_ago_comes_back(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    view = filled._list
    view.setFocus()
    view.setCurrentIndex(view.model().index(rows(filled).index("travel.txt"), 0))
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    settle(filled, lanes, qtbot)
    filled._model._close_undo()
    assert place_rows(filled) == [("All documents", 1), ("Recently removed", 1)]
    choose(filled, lanes, qtbot, "Recently removed")
    assert rows(filled) == ["travel.txt"]
    assert "removed on" in view.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    view.setCurrentIndex(view.model().index(0, 0))
    offered = [action.text() for action in view.actions() if action.isVisible()]
    assert offered == ["Bring back"]
    next(action for action in view.actions() if action.text() == "Bring back").trigger()
    settle(filled, lanes, qtbot)
    assert place_rows(filled) == []
    assert sorted(rows(filled)) == ["empty.pdf", "leave.md", "travel.txt"]


def test_the_list_is_sorted_and_narrowed(filled: LibraryPanel, qtbot: QtBot) -> None:
    choices = {action.text(): action for action in filled._order.menu().actions()}
    choices["Name"].trigger()
    assert rows(filled) == ["empty.pdf", "leave.md", "travel.txt"]
    choices["Largest first"].trigger()
    assert rows(filled) == ["leave.md", "travel.txt", "empty.pdf"]
    choices["What needs attention first"].trigger()
    assert rows(filled)[0] == "empty.pdf"
    choices["Not read"].trigger()
    assert rows(filled) == ["empty.pdf"]
    choices["With pages without text"].trigger()
    assert "No document fits the filter." in words(filled)
    choices["All documents"].trigger()
    assert len(rows(filled)) == 3


def test_selected_documents_and_collections_can_be_asked_alone(
    filled: LibraryPanel, qtbot: QtBot, lanes: Lanes, files: Path
) -> None:
    asked: list[Scope] = []
    filled.scope_asked.connect(asked.append)
    view = filled._list
    view.selectAll()
    next(action for action in view.actions() if action.text() == "Ask these documents only").trigger()
    assert set(asked[0].paths) == {str(files / "leave.md"), str(files / "travel.txt")}
    collect(filled, lanes, qtbot, "Travel", "travel.txt")
    filled._place_actions.show_menu(filled._model.places.collections[0], filled.mapToGlobal(filled.pos()))
    menu = filled._place_list.findChildren(QMenu)[-1]
    next(action for action in menu.actions() if action.text() == "Ask this collection only").trigger()
    menu.close()
    assert asked[1] == Scope(collections=("Travel",))


def test_files_of_a_watched_folder_are_left_out(
    panel: LibraryPanel, engine: Engine, qtbot: QtBot, lanes: Lanes, files: Path
) -> None:
    engine.watched.watch(str(files), ["*.pdf"])
    panel._model.places.refresh()
    qtbot.waitUntil(lambda: bool(panel._model.places.folders), timeout=PATIENCE_MS)
    panel._place_actions.show_menu(panel._model.places.folders[0], panel.mapToGlobal(panel.pos()))
    menu = panel._place_list.findChildren(QMenu)[-1]
    next(action for action in menu.actions() if action.text() == "Leave out…").trigger()
    menu.close()
    dialog = panel.window().findChild(LeaveOutDialog)
    assert dialog is not None

    def left_out() -> list[str]:
        return [dialog._files.item(row).text() for row in range(dialog._files.count())]

    qtbot.waitUntil(lambda: left_out() == ["empty.pdf"], timeout=PATIENCE_MS)
    assert dialog._told.text() == "Left out now: 1 of 3 files"
    dialog._patterns.setPlainText("")
    qtbot.keyClicks(dialog._patterns, "leave*")
    qtbot.keyClick(dialog._patterns, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: left_out() == ["leave.md"], timeout=PATIENCE_MS)
    qtbot.keyClicks(dialog._patterns, "*.pdf")
    with qtbot.waitSignal(dialog.accepted, timeout=PATIENCE_MS):
        dialog._model.try_(dialog._lines())  # still on its way when Save is pressed
        qtbot.mouseClick(dialog._save, Qt.MouseButton.LeftButton)
        assert not dialog._pause.isActive()
        dialog._model.stop()  # tells no more of what was tried; what was saved is saved
    assert engine.watched.all()[0].ignored == ("leave*", "*.pdf")
    qtbot.waitUntil(lambda: not panel._place_actions.findChildren(LeavingOut), timeout=PATIENCE_MS)
    expected = ["travel.txt"]
    qtbot.waitUntil(lambda: lanes.idle("importing") and sorted(rows(panel)) == expected, timeout=PATIENCE_MS)
    panel._model.watch.stop()
    panel._model.watch.follow(frozenset({str(files)}))  # as the list of places does that was asked for before
    assert not panel._model.watch._timer.isActive()


def test_what_is_left_out_is_kept_when_the_dialog_goes_meanwhile_and_nothing_stays_behind(
    panel: LibraryPanel, engine: Engine, qtbot: QtBot, lanes: Lanes, tmp_path: Path
) -> None:
    engine.watched.watch(str(tmp_path), [])
    panel._model.places.refresh()
    qtbot.waitUntil(lambda: bool(panel._model.places.folders), timeout=PATIENCE_MS)
    goes_on = Event()
    lanes.call("watching", lambda: goes_on.wait(PATIENCE_MS / 1000), on_result=lambda _done: None)  # it is busy
    panel._place_actions.leave_out(panel._model.places.folders[0])
    dialog = panel.window().findChild(LeaveOutDialog)
    assert dialog is not None
    dialog._patterns.setPlainText("*.pdf")
    dialog._save.click()
    dialog.reject()
    goes_on.set()
    qtbot.waitUntil(lambda: not panel._place_actions.findChildren(LeavingOut), timeout=PATIENCE_MS)
    assert engine.watched.all()[0].ignored == ("*.pdf",)
    qtbot.waitUntil(lambda: panel._model.places.folders[0].ignored == ("*.pdf",), timeout=PATIENCE_MS)
    panel._model.watch.stop()


def test_the_report_of_a_document_is_one_key_away(filled: LibraryPanel, qtbot: QtBot) -> None:
    filled._list.setFocus()
    filled._list.setCurrentIndex(filled._list.model().index(0, 0))
    with qtbot.waitSignal(filled.report_asked) as asked:
        qtbot.keyClick(filled._list, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert asked.args == [filled._model.documents.entries[0].ids[-1]]


def test_scanned_pages_are_offered_after_an_import(
    panel: LibraryPanel, engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognised, "installed", lambda: True)
    asked: list[list[int]] = []
    monkeypatch.setattr(Imports, "read_scans", lambda _self, ids: asked.append(list(ids)) or iter(()))
    engine.change_setting("imports", "ocr", "offer")
    Image.new("L", (40, 40), "white").save(tmp_path / "note.png")
    panel._model.import_([tmp_path / "note.png"])
    qtbot.waitUntil(lambda: "1 scanned page was not read" in words(panel), timeout=PATIENCE_MS)
    settle(panel, lanes, qtbot)
    (entry,) = panel._model.documents.entries
    assert entry.line()[0] == "no text yet · 1 scanned page"
    qtbot.mouseClick(button(panel, "Read"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: asked == [[entry.document.id]])
