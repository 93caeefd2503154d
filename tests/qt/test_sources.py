"""The sources panel on a real engine: real files, real reader hosts, pixels of a real page."""

import os
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QProcess, Qt
from PySide6.QtGui import QColor, QDesktopServices, QFont, QImage
from PySide6.QtWidgets import QLineEdit, QToolButton
from reportlab.pdfgen.canvas import Canvas

from kotaemon_desktop.core.documents import viewers
from kotaemon_desktop.core.events import Stored
from kotaemon_desktop.core.records import Box, Citation, Document, DocumentState, Hit, PagePicture, Passage, Strength
from kotaemon_desktop.core.text.words import query_tokens
from kotaemon_desktop.qt import theme
from kotaemon_desktop.qt.panels.chat import ChatPanel
from kotaemon_desktop.qt.panels.sources import SourcesPanel
from kotaemon_desktop.qt.viewmodels.chat import ChatModel
from kotaemon_desktop.qt.viewmodels.conversations import ConversationsModel
from kotaemon_desktop.qt.viewmodels.preview import Target, around, find
from kotaemon_desktop.qt.viewmodels.snippet import snippet
from kotaemon_desktop.qt.viewmodels.sources import SourcesModel
from kotaemon_desktop.qt.widgets.answer_body import AnswerBody
from kotaemon_desktop.qt.widgets.page_view import PageView
from kotaemon_desktop.qt.widgets.question_box import QuestionBox

PATIENCE_MS = 60_000
SENTENCE = "Employees get twenty five days of paid leave each year."


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    """Three pages; the second one holds SENTENCE in the middle."""
    file = tmp_path / "handbook.pdf"
    canvas = Canvas(str(file), pagesize=(400, 600))
    for page, words in enumerate(("Welcome to the handbook of the company.", SENTENCE, "Travel is paid by the firm.")):
        canvas.drawString(40, 560, f"Chapter {page + 1}")
        canvas.drawString(40, 300, words)
        canvas.showPage()
    canvas.save()
    return file


@pytest.fixture
def model(engine, lanes):
    made = SourcesModel(engine, lanes)
    yield made
    made.deleteLater()


@pytest.fixture
def panel(model, qtbot):
    made = SourcesPanel(model)
    qtbot.addWidget(made)
    made.resize(420, 700)
    made.show()
    qtbot.waitExposed(made)
    return made


def imported(engine, *files: Path) -> list[Document]:
    """Import ``files`` for keyword search; embedding them would take the tests' time and show nothing more here."""
    steps = engine.imports.run(files)
    stored = 0
    while stored < len(files):
        stored += isinstance(next(steps), Stored)
    steps.close()
    return sorted(engine.library.documents(), key=lambda document: document.path)


def passage_of(engine, document: Document, words: str) -> Passage:
    return next(p for p in engine.library.passages_of(document.id) if words in p.text)


def citation(passage: Passage, quote: str, number: int = 1) -> Citation:
    start = passage.start + passage.text.index(quote)
    return Citation(
        number, passage.id, passage.document_id, passage.document, passage.name, passage.page, start,
        start + len(quote), quote,
    )  # fmt: skip


def made_up(number: int, text: str, strength=Strength.FAIR, page: int | None = 3) -> Hit:
    return Hit(Passage(number, 1, "/x/Guide.pdf", "Guide.pdf", "pdf", page, 0, len(text), "", text), 0.5, strength)


# --- snippets and windows of text -----------------------------------------------------------------------------------


def marked(text: str, question: str) -> list[str]:
    cut = snippet(text, frozenset(query_tokens(question)))
    return [cut.text[start:end] for start, end in cut.marked]


def test_a_snippet_marks_the_words_of_the_question_in_their_other_forms_too():
    assert marked("Leaves are asked for; an employee asks early.", "employees asking for leave") == [
        "Leaves", "asked", "employee", "asks",
    ]  # fmt: skip


def test_a_snippet_marks_chinese_words_of_two_characters():
    assert marked("员工每年有二十五天带薪年假。", "年假有几天？") == ["年假"]


def test_a_snippet_is_cut_around_the_words_and_begins_at_a_sentence():
    text = "Nothing here. " * 30 + "The refund takes ten days. " + "Nothing there. " * 30
    cut = snippet(text, frozenset(query_tokens("refund days")))
    assert cut.text.startswith("…The refund takes ten days.")
    assert cut.text.endswith("…")
    assert [cut.text[s:e] for s, e in cut.marked] == ["refund", "days"]
    assert len(cut.text) < 240


def test_a_snippet_without_any_word_is_the_beginning():
    assert snippet("One  two\nthree", frozenset()).text == "One two three"


def document() -> Document:
    return Document(1, "/x/a.txt", "a.txt", "", "text", 1, "", DocumentState.READY, None, 1, 1, 0.0)


def test_a_long_text_is_windowed_around_the_marked_part_in_qt_s_units():
    text = "a line with a 😀 in it\r\n" * 5000 + "HERE" + "\nmore" * 5000
    start = text.index("HERE")
    shown = around(document(), text, start, start + 4)
    assert len(shown.text) < 25_000
    as_qt = shown.text.encode("utf-16-le")
    assert as_qt[2 * shown.start : 2 * shown.end].decode("utf-16-le") == "HERE"
    assert shown.text.startswith("…\na line")
    assert shown.text.endswith("…")
    assert "\r" not in shown.text


def test_a_short_text_is_shown_whole():
    shown = around(document(), "one two", 4, 7)
    assert (shown.text, shown.start, shown.end) == ("one two", 4, 7)


# --- the list ------------------------------------------------------------------------------------------------------


def test_rows_say_document_page_strength_and_what_is_cited(panel, model):
    hits = (made_up(1, "Leave is 25 days.", Strength.STRONG), made_up(2, "Other.", page=None))
    model.show_hits(hits, "leave?")
    model.show_citations((citation(hits[0].passage, "Leave"), citation(hits[0].passage, "25 days", 3)))
    rows = [panel._rows.index(row).data(Qt.ItemDataRole.AccessibleTextRole) for row in range(2)]
    assert rows == ["Guide.pdf, page 3 · strong [1] [3]\nLeave is 25 days.", "Guide.pdf · fair\nOther."]
    assert not panel._weak.isVisible()
    assert panel._list.grab().toImage().pixelColor(0, 0).isValid()


def test_weak_matches_alone_are_warned_of(panel, model):
    model.show_hits((made_up(1, "x", Strength.WEAK), made_up(2, "y", Strength.WEAK)))
    assert panel._weak.isVisible()
    model.show_hits((made_up(1, "x", Strength.WEAK), made_up(2, "y", Strength.FAIR)))
    assert not panel._weak.isVisible()


def test_citations_of_a_stored_answer_make_a_list_of_their_own(panel, model):
    passage = made_up(5, "Leave is 25 days.").passage
    model.show_hits(())
    model.show_citations((citation(passage, "Leave"), citation(passage, "25 days", 2)))
    assert [(s.passage_id, s.marks, s.strength) for s in model.sources] == [(5, (1, 2), None)]


def test_no_sources_say_what_will_be_here(panel, model):
    model.show_hits((made_up(1, "x"),))
    model.show_hits(())
    assert panel._empty.isVisible()


# --- pages ---------------------------------------------------------------------------------------------------------


def test_a_cited_page_is_shown_with_the_words_marked(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    passage = passage_of(engine, stored, SENTENCE)
    with qtbot.waitSignal(model.previewed, timeout=PATIENCE_MS, check_params_cb=lambda e: hasattr(e, "picture")):
        model.show_citation(citation(passage, SENTENCE))
    page = panel.preview._page
    (box,) = page.boxes
    assert panel.preview._views.currentWidget() is page
    assert panel.preview._page_number.text() == "Page 2 of 3"
    sheet = page.widget().grab().toImage()
    ratio = sheet.devicePixelRatio()

    def colour(x: float, y: float) -> QColor:
        size = page.widget().size() * ratio
        return sheet.pixelColor(int(x * size.width()), int(y * size.height()))

    assert 0.09 < box.left < 0.11
    assert 0.45 < box.top < box.bottom < 0.55
    marker = theme.LIGHT.colour("highlight")
    middle = [colour(box.left + (box.right - box.left) * n / 200, (box.top + box.bottom) / 2) for n in range(200)]
    assert sum(c == marker for c in middle) > 20
    assert any(c.lightness() < 90 for c in middle), "the ink stays dark below the marker"
    assert colour(0.5, 0.8) == QColor("white")
    visible = page.widget().visibleRegion().boundingRect()
    assert visible.contains(QPoint(int(box.left * page.widget().width()) + 2, int(box.top * page.widget().height())))


def test_pages_turn_within_the_document_and_the_mark_comes_back(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    passage = passage_of(engine, stored, SENTENCE)

    def shown(page: int, boxes: int) -> bool:
        return (
            panel.preview._page_number.text() == f"Page {page} of 3"
            and len(panel.preview._page.boxes) == boxes
            and model._pictured
        )

    model.show_citation(citation(passage, SENTENCE))
    qtbot.waitUntil(lambda: shown(2, 1), timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.preview._buttons["chevron-right"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown(3, 0), timeout=PATIENCE_MS)
    assert not panel.preview._buttons["chevron-right"].isEnabled()
    model.turn(1)
    qtbot.keyClick(panel.preview._page, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: shown(2, 1), timeout=PATIENCE_MS)


def test_zooming_asks_for_a_sharper_picture(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    model.show_document(stored.id)
    qtbot.waitUntil(lambda: model._pictured and panel.preview._page._page._picture is not None, timeout=PATIENCE_MS)

    def sharp() -> bool:
        page = panel.preview._page
        width = round(page.widget().width() * page.devicePixelRatioF())
        return abs(page._page._picture.width - width) <= 1

    qtbot.waitUntil(sharp, timeout=PATIENCE_MS)
    panel.preview._page.zoom_in()
    assert not sharp()
    qtbot.waitUntil(sharp, timeout=PATIENCE_MS)
    assert panel.preview._page.widget().width() > panel.preview._page.viewport().width()


def test_other_formats_show_their_text_with_the_passage_marked(panel, model, engine, tmp_path, qtbot):
    file = tmp_path / "long.txt"
    file.write_text("Nothing to see here at all.\n" * 200 + "年假是二十五天。\n" + "The end is far.\n" * 200, "utf-8")
    (stored,) = imported(engine, file)
    passage = passage_of(engine, stored, "二十五天")
    with qtbot.waitSignal(model.previewed, timeout=PATIENCE_MS):
        model.show_citation(citation(passage, "年假是二十五天。"))
    text = panel.preview._text
    assert text.isVisible()
    (selection,) = text.extraSelections()
    assert selection.cursor.selectedText() == "年假是二十五天。"
    assert text.viewport().rect().contains(text.cursorRect(selection.cursor).center())
    assert not panel.preview._buttons["zoom-in"].isEnabled()


def test_a_file_that_has_gone_still_shows_its_text_and_says_so(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    passage = passage_of(engine, stored, SENTENCE)
    pdf.unlink()
    model.show_citation(citation(passage, SENTENCE))
    qtbot.waitUntil(panel.preview._text.isVisible, timeout=PATIENCE_MS)
    assert panel.preview._notice.isVisible()
    assert "handbook.pdf" in panel.preview._notice.text()
    (selection,) = panel.preview._text.extraSelections()
    assert selection.cursor.selectedText() == SENTENCE
    with qtbot.waitSignal(model.failed) as signal:
        model.find_file()
    assert "handbook.pdf" in str(signal.args[0])


def test_a_file_that_was_changed_since_says_that_marks_may_be_off(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    passage = passage_of(engine, stored, SENTENCE)
    model.show_citation(citation(passage, SENTENCE))
    qtbot.waitUntil(lambda: bool(panel.preview._page.boxes), timeout=PATIENCE_MS)
    assert not panel.preview._notice.isVisible()
    os.utime(pdf, (stored.imported_at + 60, stored.imported_at + 60))
    model.turn(1)
    qtbot.waitUntil(panel.preview._notice.isVisible, timeout=PATIENCE_MS)
    assert "changed after it was imported" in panel.preview._notice.text()


def test_a_document_that_was_removed_is_said_to_be_gone(panel, model, engine, tmp_path, qtbot):
    file = tmp_path / "note.md"
    file.write_text("# Leave\n\nLeave is 25 days a year.\n", "utf-8")
    (stored,) = imported(engine, file)
    passage = passage_of(engine, stored, "25 days")
    engine.library.purge(0)
    engine.library.remove([stored.id])
    engine.library.purge(2**40)
    model.show_citation(citation(passage, "25 days"))
    qtbot.waitUntil(panel.preview._notice.isVisible)
    assert "no longer in your library" in panel.preview._notice.text()


def test_a_document_that_could_not_be_read_says_that_there_is_nothing_to_show(panel, model, engine, tmp_path, qtbot):
    file = tmp_path / "empty.pdf"
    file.write_bytes(b"")
    for _event in engine.imports.run([file]):
        pass
    (failed,) = engine.library.documents()
    model.show_document(failed.id)
    qtbot.waitUntil(panel.preview._notice.isVisible)
    assert "empty.pdf" in panel.preview._notice.text()


def test_a_click_on_a_row_opens_its_page_once(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    passage = passage_of(engine, stored, SENTENCE)
    model.show_hits((Hit(passage, 1.0, Strength.STRONG),), "leave")
    opened = []
    model.opened.connect(opened.append)
    place = panel._list.visualRect(panel._rows.index(0)).center()
    qtbot.mouseClick(panel._list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: bool(panel.preview._page.boxes), timeout=PATIENCE_MS)
    assert [target.page for target in opened] == [2]


def test_the_original_opens_in_its_own_program(panel, model, engine, pdf, qtbot, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    (stored,) = imported(engine, pdf)
    model.show_document(stored.id)
    qtbot.waitUntil(lambda: model._pictured, timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.preview._buttons["open"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(opened), timeout=PATIENCE_MS)
    assert opened == [str(pdf)]


def test_marks_leave_ink_readable_in_both_themes(qtbot, qapp):
    view = PageView()
    qtbot.addWidget(view)
    view.resize(200, 300)
    white = QImage(100, 140, QImage.Format.Format_RGB32)
    white.fill(Qt.GlobalColor.white)
    picture = PagePicture(100, 140, white.bytesPerLine(), bytes(white.constBits()))
    colours = []
    for name in ("light", "dark"):
        theme.apply(qapp, name)
        view.show_picture(picture, (Box(0.2, 0.2, 0.8, 0.4),), reveal=True)
        sheet = view.widget().grab().toImage()
        colours.append(sheet.pixelColor(sheet.width() // 2, int(sheet.height() * 0.3)))
    assert colours[0] == colours[1] == theme.LIGHT.colour("highlight")


# --- the ways through a document -----------------------------------------------------------------------------------


def ready(panel, model, page: int):
    return lambda: panel.preview._page_number.text() == f"Page {page} of 3" and model._pictured


def test_all_citations_of_a_page_are_marked_and_can_be_stepped_through(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    first = passage_of(engine, stored, SENTENCE)
    third = passage_of(engine, stored, "Travel")
    model.show_hits((Hit(first, 1.0, Strength.STRONG), Hit(third, 0.5, Strength.FAIR)), "leave")
    model.show_citations(
        (citation(first, "Employees get"), citation(first, "leave each year.", 2), citation(third, "Travel is paid", 3))
    )
    model.show_citation(citation(first, "Employees get"))
    qtbot.waitUntil(
        lambda: len(panel.preview._page._page.others) == 1 and ready(panel, model, 2)(), timeout=PATIENCE_MS
    )
    (chosen,), (beside,) = panel.preview._page.boxes, panel.preview._page._page.others
    assert chosen.right < beside.left
    assert panel.preview._place.text() == "1 / 3"
    qtbot.mouseClick(panel.preview._step_buttons["chevron-down"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel.preview._place.text() == "2 / 3" and model._pictured, timeout=PATIENCE_MS)
    qtbot.keyClick(panel.preview._page, Qt.Key.Key_N)
    qtbot.waitUntil(ready(panel, model, 3), timeout=PATIENCE_MS)
    assert panel._list.currentIndex().row() == 1
    qtbot.keyClick(panel.preview._page, Qt.Key.Key_N)
    qtbot.waitUntil(ready(panel, model, 2), timeout=PATIENCE_MS)
    assert panel.preview._place.text() == "1 / 3"


def test_pages_with_marks_are_offered_as_small_pictures(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    first, third = passage_of(engine, stored, SENTENCE), passage_of(engine, stored, "Travel")
    model.show_citations((citation(first, SENTENCE), citation(third, "Travel is paid", 2)))
    assert not panel.preview._strip.isVisible()
    model.show_citation(citation(first, SENTENCE))
    buttons = panel.preview._strip._buttons
    qtbot.waitUntil(lambda: bool(buttons) and not any(b.icon().isNull() for b in buttons.values()), timeout=PATIENCE_MS)
    assert [(page, button.isChecked()) for page, button in buttons.items()] == [(2, True), (3, False)]
    qtbot.mouseClick(buttons[3], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(ready(panel, model, 3), timeout=PATIENCE_MS)
    assert len(panel.preview._page.boxes) == 1


def test_words_are_searched_in_the_document(panel, model, engine, pdf, qtbot):
    (stored,) = imported(engine, pdf)
    model.show_document(stored.id)
    qtbot.waitUntil(ready(panel, model, 1), timeout=PATIENCE_MS)
    panel.preview.search()
    bar = panel.preview._find_bar
    qtbot.keyClicks(bar._edit, "PAID")
    qtbot.waitUntil(ready(panel, model, 2), timeout=PATIENCE_MS)
    assert len(panel.preview._page.boxes) == 1
    assert (bar._number.text(), panel.preview._place.text()) == ("2 places", "1 / 2")
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return)
    qtbot.waitUntil(ready(panel, model, 3), timeout=PATIENCE_MS)
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(ready(panel, model, 2), timeout=PATIENCE_MS)
    bar._edit.setText("elephant")
    qtbot.keyClick(bar._edit, Qt.Key.Key_Return)
    bar._search()
    qtbot.waitUntil(lambda: bar._number.text() == "0 places", timeout=PATIENCE_MS)
    qtbot.keyClick(bar._edit, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert panel.preview._place.text() == ""


def test_chinese_words_are_found_across_line_breaks(engine, tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("员工每年有带薪\n年假二十天。Paid  leave\nfor all.", "utf-8")
    (stored,) = imported(engine, file)
    target = Target(stored.id, "a.txt", None)
    text = engine.library.page(stored.id, None).text
    assert [text[at.start : at.end] for at in find(engine, target, "带薪年假")] == ["带薪\n年假"]
    assert [text[at.start : at.end] for at in find(engine, target, "paid leave FOR")] == ["Paid  leave\nfor"]
    assert find(engine, target, " ") == []


def test_headings_are_bold_in_text_previews(panel, model, engine, tmp_path, qtbot):
    file = tmp_path / "note.md"
    file.write_text("# Leave\n\nLeave is 25 days a year.\n", "utf-8")
    (stored,) = imported(engine, file)
    with qtbot.waitSignal(model.previewed, timeout=PATIENCE_MS):
        model.show_document(stored.id)
    block = panel.preview._text.document().begin()
    weights = []
    while block.isValid():
        weights.append(any(part.format.fontWeight() == QFont.Weight.Bold for part in block.layout().formats()))
        block = block.next()
    assert weights[0]
    assert not any(weights[1:])


def test_a_source_can_be_dragged_or_quoted_into_the_question(panel, model, qtbot):
    model.show_hits((made_up(1, "Leave is 25 days."),))
    data = panel._rows.mimeData([panel._rows.index(0)])
    assert data.text() == "“Leave is 25 days.” (Guide.pdf, page 3)"
    assert panel._rows.flags(panel._rows.index(0)) & Qt.ItemFlag.ItemIsDragEnabled
    box = QuestionBox()
    qtbot.addWidget(box)
    box.set_text("Why")
    box.add_text(data.text())
    assert box.text == "Why “Leave is 25 days.” (Guide.pdf, page 3)"


def test_the_original_opens_at_its_page_where_the_program_is_known(panel, model, engine, pdf, qtbot, monkeypatch):
    started = []
    monkeypatch.setattr(viewers, "command", lambda path, page: ("viewer", f"--page={page}", str(path)))
    monkeypatch.setattr(QProcess, "startDetached", lambda *command: (started.append(command), (True, 1))[1])
    (stored,) = imported(engine, pdf)
    model.show_document(stored.id)
    qtbot.waitUntil(lambda: model._pictured, timeout=PATIENCE_MS)
    qtbot.mouseClick(panel.preview._buttons["open"], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(started), timeout=PATIENCE_MS)
    assert started == [("viewer", ["--page=1", str(pdf)])]


def test_every_control_of_the_preview_has_a_name(panel):
    for widget in panel.findChildren(QToolButton):
        assert widget.accessibleName() or isinstance(widget.parent(), QLineEdit), "Qt makes the icons of a field"
    for widget in (panel, panel.preview, panel.preview._find_bar._edit, panel.preview._strip, panel._list):
        assert widget.accessibleName()


# --- the whole way -------------------------------------------------------------------------------------------------


def test_ask_click_the_citation_and_see_the_page(engine, lanes, pdf, qtbot):
    imported(engine, pdf)
    chat, sources = ChatModel(engine, lanes), SourcesModel(engine, lanes)
    chat.found.connect(sources.show_hits)
    chat.cited.connect(sources.show_citations)
    chat.citation_activated.connect(sources.show_citation)
    chat_panel, sources_panel = ChatPanel(chat, ConversationsModel(engine, lanes, chat)), SourcesPanel(sources)
    for panel in (chat_panel, sources_panel):
        qtbot.addWidget(panel)
        panel.resize(420, 600)
        panel.show()
    chat.ask("How many days of paid leave do employees get each year?")
    qtbot.waitUntil(lambda: not chat.busy, timeout=PATIENCE_MS)
    body = chat_panel.findChild(AnswerBody)
    assert SENTENCE in body.toPlainText()
    assert (1,) in [source.marks[:1] for source in sources.sources]
    place = body.cursorRect(body.document().find("[1]")).center() - QPoint(4, 0)
    qtbot.mouseClick(body.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: bool(sources_panel.preview._page.boxes), timeout=PATIENCE_MS)
    assert sources_panel.preview._page_number.text() == "Page 2 of 3"
    assert sources_panel._list.currentIndex().isValid()
    chat.deleteLater()
    sources.deleteLater()
