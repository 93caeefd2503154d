"""The whole window on a real engine: drop, ask, click, switch, fold, and be as it was after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPlainTextEdit, QTreeWidget, QWidget
from pytestqt.qtbot import QtBot
from reportlab.pdfgen import canvas

from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import EmptyFile
from kotaemon_desktop.core.records import Citation
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.widgets.drop_veil import DropVeil
from kotaemon_desktop.qt.window import MainWindow
from kotaemon_desktop.qt.workers import Lanes

PATIENCE_MS = 30_000


@pytest.fixture(autouse=True)
def _without_embedder(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)  # its own tests build one


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    file = tmp_path / "handbook.pdf"
    page = canvas.Canvas(str(file))
    page.drawString(72, 700, "This handbook is for everybody in the company.")
    page.showPage()
    page.drawString(72, 700, "Every employee has 27 days of paid holiday in each calendar year.")
    page.save()
    return file


def drop(target: QWidget, *paths: Path) -> None:
    """Do what Qt does when a person drags files over ``target`` and lets go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    where = target.rect().center()
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    taker: QWidget | None = target
    while taker is not None:  # as QApplication::notify: up to the first widget that accepts
        if taker.acceptDrops():
            enter = QDragEnterEvent(target.mapTo(taker, where), *how)
            enter.ignore()
            QApplication.sendEvent(taker, enter)
            if enter.isAccepted():
                QApplication.sendEvent(taker, QDropEvent(QPointF(where), *how))
                return
        taker = taker.parentWidget()
    raise AssertionError("nobody takes the files")


def words(window: QWidget) -> str:
    return "\n".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def settle(lanes: Lanes, qtbot: QtBot) -> None:
    qtbot.waitUntil(
        lambda: all(lanes.idle(lane) for lane in ("importing", "answering", "browsing")), timeout=PATIENCE_MS
    )


def test_drop_a_pdf_ask_and_see_the_page_that_the_answer_rests_on(
    window: MainWindow, lanes: Lanes, qtbot: QtBot, pdf: Path
) -> None:
    drop(window.chat, pdf)
    with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE_MS):
        pass
    settle(lanes, qtbot)
    box = window.chat.findChild(QPlainTextEdit)
    qtbot.keyClicks(box, "How many days of paid holiday?")
    with qtbot.waitSignal(window.chat_model.cited, timeout=PATIENCE_MS) as cited:
        qtbot.keyClick(box, Qt.Key.Key_Return)
    citation: Citation = cited.args[0][0]
    assert citation.page == 2
    assert "27 days" in citation.quote
    window.chat_model.citation_activated.emit(citation)
    settle(lanes, qtbot)
    qtbot.waitUntil(lambda: "Page 2 of 2" in words(window.side.sources), timeout=PATIENCE_MS)


def test_files_dropped_on_the_question_box_are_imported_and_not_typed(
    window: MainWindow, lanes: Lanes, qtbot: QtBot, files: Path
) -> None:
    box = window.chat.findChild(QPlainTextEdit)
    drop(box.viewport(), files)
    with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE_MS):
        pass
    settle(lanes, qtbot)
    assert box.toPlainText() == ""
    assert window.library_model.documents.rowCount() == 3
    assert "1 file could not be read" in words(window.notices)


def test_files_that_a_folder_is_not_searched_for_are_told(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "lease.txt").write_text("The rent is 900 euros a month.", "utf-8")
    for name in ("a.py", "b.py", "c.tex", "d.rs", "Makefile"):
        (folder / name).touch()
    with qtbot.waitSignal(window.library_model.imported, timeout=PATIENCE_MS):
        window.library_model.import_([folder])
    assert "were left out: 5 (.py, " in words(window.notices)


def test_the_veil_shows_while_files_are_over_the_window(window: MainWindow, pdf: Path) -> None:
    veil = window.findChild(DropVeil)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(pdf))])
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(50, 50), *how))
    assert veil.isVisible()
    assert veil.size() == window.size()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not veil.isVisible()
    mime.setUrls([QUrl("https://example.org/a.pdf")])
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(50, 50), *how))
    assert not veil.isVisible()


def test_enter_in_the_library_shows_the_document(window: MainWindow, lanes: Lanes, qtbot: QtBot, pdf: Path) -> None:
    window.library_model.import_([pdf])
    settle(lanes, qtbot)
    view = window.library._list
    view.setCurrentIndex(view.model().index(0, 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Page 1 of 2" in words(window.side.sources), timeout=PATIENCE_MS)


def test_folding_and_place_survive_a_restart(window: MainWindow, engine: Engine, lanes: Lanes, qtbot: QtBot) -> None:
    assert window.side.monitor.is_folded
    for name in ("fold library", "fold monitor"):
        window._menu.actions[name].trigger()
    assert not window.library.isVisible()
    assert not window.side.monitor.is_folded
    window.side.sources.set_heights((300, 200))
    qtbot.waitUntil(lambda: window.minimumWidth() < 780)  # once its layout has heard that it may be narrower
    window.resize(780, 650)  # the offscreen screen has 800 by 800
    qtbot.wait(50)
    heights = window.side.sources.heights
    window.close()
    again = MainWindow(engine.folder.section / "window.json", lanes)
    qtbot.addWidget(again)
    again.show()
    assert (again.width(), again.height()) == (780, 650)
    again.start(engine)
    assert not again.library.isVisible()
    assert not again.side.monitor.is_folded
    assert again._source_heights == heights
    assert again._menu.actions["fold library"].isChecked()
    again._menu.actions["filter"].trigger()
    assert again.library.isVisible()
    # No window ends while the lanes still work for it: in the program they are closed before it is.
    qtbot.waitUntil(lambda: all(map(lanes.idle, ("browsing", "importing", "answering"))))
    again.close()


def test_theme_and_language_switch_live_and_are_kept(
    window: MainWindow, engine: Engine, lanes: Lanes, qtbot: QtBot
) -> None:
    window._menu.actions["theme dark"].trigger()
    qtbot.waitUntil(lambda: theme.current() is theme.DARK)
    assert engine.settings.appearance.theme == "dark"
    image = window.grab().toImage()
    assert image.pixelColor(4, window.height() - 4).lightness() < 60
    heard: list[str] = []
    window.library.retranslate = lambda: heard.append("library")  # type: ignore[method-assign]
    window._menu.actions["language zh_CN"].trigger()
    qtbot.waitUntil(lambda: engine.settings.appearance.language == "zh_CN" and bool(heard))
    assert window._menu.actions["theme dark"].isChecked()
    settle(lanes, qtbot)


def test_every_text_is_written_again_when_the_language_changes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kotaemon_desktop.core import i18n

    shout = {
        text: text.upper()
        for text in (
            "Library",
            "Memory and components",
            "Drop documents here",
            "Filter by name",
            "&File",
            "Ask your documents",
        )
    }
    monkeypatch.setattr(i18n, "_catalogue", shout)
    window.retranslate()
    shown = words(window)
    assert {"LIBRARY", "MEMORY AND COMPONENTS", "DROP DOCUMENTS HERE", "ASK YOUR DOCUMENTS"} <= set(shown.split("\n"))
    assert window.menuBar().actions()[0].text() == "&FILE"


def test_errors_are_said_without_getting_in_the_way(window: MainWindow, qtbot: QtBot) -> None:
    window.show_error(EmptyFile(name="a.pdf"))
    window.show_error(EmptyFile(name="a.pdf"))
    assert "“a.pdf” is empty (0 bytes)." in words(window.notices)
    window.show_error(ZeroDivisionError("division by zero"))
    assert "division by zero" in words(window.notices)
    assert "Your documents are safe" in words(window.notices)
    window.notices.dismiss()
    assert "“a.pdf” is empty (0 bytes)." in words(window.notices)
    window.notices.dismiss()
    assert not window.notices.isVisible()


def test_an_error_in_a_lane_reaches_the_notices(window: MainWindow, lanes: Lanes, qtbot: QtBot) -> None:
    lanes.call("browsing", lambda: 1 // 0, on_result=lambda _: None)
    qtbot.waitUntil(window.notices.isVisible)
    assert "ZeroDivisionError" in words(window.notices)


def test_shortcuts_reach_the_question_and_the_filter(
    window: MainWindow, qtbot: QtBot, files: Path, lanes: Lanes
) -> None:
    window.library_model.import_([files / "leave.md"])
    settle(lanes, qtbot)
    keys = {name: action.shortcut().toString() for name, action in window._menu.actions.items()}
    assert keys["add files"] == "Ctrl+O"
    assert keys["ask"] == "Ctrl+L"
    assert keys["fold library"] == "Ctrl+B"
    assert keys["fold monitor"] == "Ctrl+M"
    assert keys["quit"] == "Ctrl+Q"
    assert len([key for key in keys.values() if key]) == len({key for key in keys.values() if key})
    window.activateWindow()
    window._menu.actions["filter"].trigger()
    assert not window.chat.findChild(QPlainTextEdit).hasFocus()
    window._menu.actions["ask"].trigger()
    qtbot.waitUntil(lambda: window.chat.findChild(QPlainTextEdit).hasFocus())
    assert window.usable


def test_a_new_theme_of_the_system_is_followed_only_when_asked(
    window: MainWindow, engine: Engine, qtbot: QtBot
) -> None:
    window._menu.actions["theme light"].trigger()
    qtbot.waitUntil(lambda: engine.settings.appearance.theme == "light")
    QApplication.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    assert theme.current() is theme.LIGHT


def test_closing_the_window_saves_and_tells(window: MainWindow, engine: Engine, qtbot: QtBot) -> None:
    with qtbot.waitSignal(window.closed):
        window.close()
    assert (engine.folder.section / "window.json").is_file()


def test_how_an_answer_came_about_opens_beside_the_window(
    window: MainWindow, engine: Engine, lanes: Lanes, qtbot: QtBot
) -> None:
    window.chat_model.ask("What can you do?")
    qtbot.waitUntil(lambda: not window.chat_model.busy and lanes.idle("answering"), timeout=PATIENCE_MS)
    window._menu.actions["details"].trigger()
    page = next(page for page in window.findChildren(QDialog) if page.windowTitle() == "How this answer came about")
    assert page.isVisible()
    steps = page.findChildren(QTreeWidget)[0]
    qtbot.waitUntil(lambda: steps.topLevelItemCount() > 2, timeout=PATIENCE_MS)
    told = [steps.topLevelItem(row).text(3) for row in range(2)]  # pyright: ignore[reportOptionalMemberAccess]
    assert told[0].startswith("Standard:")
    assert told[1].startswith("About the program:")
