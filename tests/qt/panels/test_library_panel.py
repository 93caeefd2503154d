"""The library panel as a person meets it: the first step, the list, filter, keys, undo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QLabel, QLineEdit, QListView, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.qt.panels.library import LibraryPanel
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 60_000


@pytest.fixture
def panel(engine: Engine, lanes: Lanes, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[LibraryPanel]:
    monkeypatch.setattr(engine._importing, "_can_build_embedder", lambda: False)
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
    model = panel.findChild(QListView).model()
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
    assert "2 passages are found by words only" in words(filled)
    assert button(filled, "Go on").isEnabled()


def test_the_filter_narrows_and_says_when_nothing_is_left(filled: LibraryPanel, qtbot: QtBot) -> None:
    box = filled.findChild(QLineEdit)
    qtbot.keyClicks(box, "LEAVE")
    assert rows(filled) == ["leave.md"]
    qtbot.keyClicks(box, "x")
    assert "No document has this in its name." in words(filled)
    box.clear()
    assert len(rows(filled)) == 3


def test_delete_removes_and_the_bar_brings_back(filled: LibraryPanel, qtbot: QtBot, lanes: Lanes) -> None:
    view = filled.findChild(QListView)
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
    view = filled.findChild(QListView)
    shown: list[int] = []
    filled.document_activated.connect(shown.append)
    for row in range(3):
        view.setCurrentIndex(view.model().index(row, 0))
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert sorted(shown) == sorted(d.id for d in engine.library.documents() if d.name != "empty.pdf")


def test_actions_fit_the_selection(filled: LibraryPanel, qtbot: QtBot, files: Path) -> None:
    view = filled.findChild(QListView)
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
    view = filled.findChild(QListView)
    view.setCurrentIndex(view.model().index(rows(filled).index("empty.pdf"), 0))
    next(action for action in view.actions() if action.text() == "Try again").trigger()
    qtbot.waitUntil(lambda: lanes.idle("importing") and lanes.idle("browsing"), timeout=PATIENCE_MS)
    entry = next(entry for entry in filled._model.documents.entries if entry.name == "empty.pdf")
    assert entry.document is not None
    assert entry.failed is None


def test_every_control_has_an_accessible_name(filled: LibraryPanel) -> None:
    from PySide6.QtWidgets import QToolButton

    for control in (*filled.findChildren(QToolButton), filled.findChild(QListView), filled.findChild(QLineEdit)):
        if control.isVisible() and control.parent().__class__ is not QLineEdit:
            assert control.accessibleName(), control


def test_a_row_paints_its_name_and_state(filled: LibraryPanel) -> None:
    view = filled.findChild(QListView)
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
