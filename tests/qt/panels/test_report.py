"""The import report as a person meets it: what each page is, and scanned pages read at one press."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from kotaemon_desktop.core import extras
from kotaemon_desktop.core.documents import recognised
from kotaemon_desktop.core.engine import Engine
from kotaemon_desktop.core.errors import NoText
from kotaemon_desktop.core.i18n import use_language
from kotaemon_desktop.core.imports import Imports
from kotaemon_desktop.core.records import (
    Box,
    PageKind,
    PageText,
    PassageDraft,
    RecognisedLine,
    RecognisedPage,
)
from kotaemon_desktop.qt.panels.report import ReportDialog
from kotaemon_desktop.qt.viewmodels.library import LibraryModel
from kotaemon_desktop.qt.viewmodels.report import PageRun, ReportModel, runs
from kotaemon_desktop.qt.workers import Lanes

TEXT = PassageDraft(1, 0, 4, "Rent", "", "rent")


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    return lambda there: monkeypatch.setattr(recognised, "installed", lambda: there)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The documents whose scanned pages the window has asked the engine to read."""
    found: list[list[int]] = []
    monkeypatch.setattr(Imports, "read_scans", lambda _self, ids: found.append(list(ids)) or iter(()))
    return found


@pytest.fixture
def dialog(engine: Engine, lanes: Lanes, qtbot: QtBot) -> Iterator[ReportDialog]:
    library = LibraryModel(engine, lanes)
    shown = ReportDialog(ReportModel(engine, lanes, library))
    qtbot.addWidget(shown)
    shown.show()
    yield shown
    use_language("en")
    lanes.close()
    library.deleteLater()


def add(engine: Engine, *kinds: PageKind, kind: str = "pdf") -> int:
    pages = [PageText(n, "Rent" if each is PageKind.TEXT else "", each) for n, each in enumerate(kinds, 1)]
    drafts = [TEXT] if PageKind.TEXT in kinds else []
    return engine.library.add(
        path="/lease.pdf",
        name="lease.pdf",
        kind=kind,
        title="Lease",
        size=1,
        sha256=str(kinds),
        page_count=len(kinds),
        pages=pages,
        passages=drafts,
    )


def rows(dialog: ReportDialog) -> list[tuple[str, str]]:
    tree = dialog._pages
    return [(item.text(0), item.text(1)) for n in range(tree.topLevelItemCount()) if (item := tree.topLevelItem(n))]


def words(dialog: ReportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def buttons(dialog: ReportDialog) -> list[str]:
    return [button.text() for button in dialog.findChildren(QPushButton) if button.isVisible()]


def test_neighbours_of_a_kind_are_one_line() -> None:
    kinds = [PageKind.TEXT] * 3 + [PageKind.IMAGE] * 2 + [PageKind.TEXT]
    assert runs(list(enumerate(kinds, 1))) == (
        PageRun(1, 3, PageKind.TEXT),
        PageRun(4, 5, PageKind.IMAGE),
        PageRun(6, 6, PageKind.TEXT),
    )
    assert runs([(None, PageKind.TEXT)]) == (PageRun(None, None, PageKind.TEXT),)


def test_scanned_pages_are_offered_and_read_with_the_keyboard(
    dialog: ReportDialog, engine: Engine, lanes: Lanes, qtbot: QtBot, installed, asked: list[list[int]]
) -> None:
    installed(True)
    number = add(engine, PageKind.TEXT, PageKind.IMAGE, PageKind.GARBLED, PageKind.EMPTY)
    dialog.follow(number)
    qtbot.waitUntil(lambda: bool(rows(dialog)))
    assert rows(dialog) == [
        ("1", "text"),
        ("2", "a picture: not read"),
        ("3", "letters that cannot be told: not read"),
        ("4", "empty"),
    ]
    assert "lease.pdf" in words(dialog)
    assert "4 pages · 1 passage · not everything was read" in words(dialog)
    assert buttons(dialog) == ["Close", "Read 2 scanned pages"]
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: asked == [[number]])
    lines = (RecognisedLine(0, 4, Box(0, 0, 1, 1)),)
    for page in (2, 3):
        engine.scans.store(number, RecognisedPage(PageText(page, "Keys", PageKind.RECOGNISED), lines))
    dialog._model.refresh()
    qtbot.waitUntil(lambda: "everything was read" in words(dialog) and "not everything" not in words(dialog))
    assert ("2–3", "read by text recognition") in rows(dialog)
    assert buttons(dialog) == ["Close"]


def test_without_text_recognition_it_says_how_to_install_it(
    dialog: ReportDialog, engine: Engine, qtbot: QtBot, installed
) -> None:
    installed(False)
    dialog.follow(add(engine, PageKind.TEXT, PageKind.IMAGE))
    qtbot.waitUntil(lambda: bool(rows(dialog)))
    assert extras.command("ocr") in words(dialog)
    copy = next(button for button in dialog.findChildren(QPushButton) if button.text() == "Copy the command")
    qtbot.mouseClick(copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == extras.command("ocr")
    assert buttons(dialog) == ["Copy the command", "Close"]


def test_a_document_that_failed_says_why_in_the_language_of_now(
    dialog: ReportDialog, engine: Engine, qtbot: QtBot, installed
) -> None:
    installed(True)
    number = add(engine, PageKind.EMPTY, PageKind.EMPTY, kind="image")
    engine.scans.fail(number, NoText(name="lease.pdf", pages=2, empty=2))
    dialog.follow(number)
    qtbot.waitUntil(lambda: bool(rows(dialog)))
    assert "holds no text (empty pages: 2)" in words(dialog)
    assert rows(dialog) == [("1–2", "empty")]
    assert buttons(dialog) == ["Close"]
    use_language("zh_CN")
    dialog.retranslate()
    assert "没有文字" in words(dialog) or "不含文字" in words(dialog)
    assert rows(dialog) != [("1–2", "empty")]


def test_it_closes_with_its_document(dialog: ReportDialog, engine: Engine, qtbot: QtBot, installed) -> None:
    installed(True)
    number = add(engine, PageKind.TEXT)
    dialog.follow(number)
    qtbot.waitUntil(lambda: bool(rows(dialog)))
    engine.library.remove([number])
    dialog._model.refresh()
    qtbot.waitUntil(lambda: not dialog.isVisible())


@pytest.mark.skipif(not recognised.installed(), reason="text recognition is not installed")
def test_a_picture_of_words_is_read_at_one_press(
    dialog: ReportDialog, engine: Engine, lanes: Lanes, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine.imports._importing._embedding, "_can_build", lambda: False)
    engine.change_setting("imports", "ocr", "offer")
    page = Image.new("L", (900, 160), "white")
    ImageDraw.Draw(page).text(
        (60, 50), "Keys are copied by the caretaker.", fill="black", font=ImageFont.load_default(40)
    )
    page.save(tmp_path / "note.png")
    for _event in engine.imports.run([tmp_path / "note.png"]):
        pass
    (document,) = engine.library.documents()
    dialog.follow(document.id)
    qtbot.waitUntil(lambda: "Read 1 scanned page" in buttons(dialog))
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: rows(dialog) == [("1", "read by text recognition")], timeout=60_000)
    assert engine.library.keyword_search("caretaker", 1)
